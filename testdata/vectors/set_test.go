package vectors

import (
	"math"
	"math/big"
	"testing"
)

// layout says how a case's tensors fall into sets: its matrix view, the sets of
// that view, and the parameter index of an element.
type layout struct {
	view  func(Tensor) Tensor
	sets  func(rows, cols int) [][]int
	param func(i, cols int) int
}

var (
	byRow = func(dims int) layout {
		return layout{rowView(dims), RowSets, func(i, cols int) int { return i % cols }}
	}
	byColumn = layout{func(t Tensor) Tensor { return Matrix(ChannelsLast(t, 1), 1) }, ColSets, func(i, cols int) int { return i % cols }}
	byToken  = layout{rowView(1), ColSets, func(i, cols int) int { return i % cols }}
)

func rowView(dims int) func(Tensor) Tensor {
	return func(t Tensor) Tensor { return Matrix(t, dims) }
}

// byGroup sees a (N, C, ...) tensor as N*groups rows, with a parameter for each
// channel.
func byGroup(shape []int, groups int) layout {
	c, plane := shape[1], size(shape[2:])
	return layout{
		view: func(t Tensor) Tensor {
			return Tensor{Shape: []int{shape[0] * groups, c / groups * plane}, Data: t.Data}
		},
		sets:  RowSets,
		param: func(i, _ int) int { return i / plane % c },
	}
}

// checkStep compares the sets' own y, dx, dgamma and dbeta with a step.
func checkStep(t *testing.T, c *Case, s Step, l layout, norm func(x []float64, keep []bool, channel int) Set) {
	t.Helper()
	x := l.view(s.In["x"])
	rows, cols := x.Shape[0], x.Shape[1]
	gamma, beta := spread(c, "gamma", l, x), spread(c, "beta", l, x)
	keep := Keep(pad(s))
	dy, y, dx := l.view(s.In["dy"]).Data, l.view(s.Want["y"]).Data, l.view(s.Want["dx"]).Data
	dgamma, terms := map[int]float64{}, map[int]float64{}
	for k, set := range l.sets(rows, cols) {
		n := norm(Gather(x.Data, set), setKeep(keep, set, cols), k)
		w, b := Gather(gamma, set), Gather(beta, set)
		slack := n.slack()
		if e := Float64.Forward(n.Y(w, b), Gather(y, set), n, w, b); !(e <= ForwardBound+slack) {
			t.Errorf("%v: set %d: y is off by %v u", c, k, e)
		}
		if dy == nil {
			continue
		}
		g := Mul(Gather(dy, set), w)
		if e := Float64.Dx(n.Dx(g), Gather(dx, set), n, g); !(e <= DxBound+slack) {
			t.Errorf("%v: set %d: dx is off by %v u", c, k, e)
		}
		for i, at := range set {
			p := l.param(at, cols)
			dgamma[p] += dy[at] * n.Xhat[i]
			terms[p] += math.Abs(dy[at]) * (math.Abs(n.Xhat[i]) + slack/ParamBound)
		}
	}
	for p, want := range s.Want["dgamma"].Data {
		if e := Float64.Param(dgamma[p], want, terms[p]); !(e <= ParamBound) {
			t.Errorf("%v: dgamma[%d] is off by %v u", c, p, e)
		}
	}
}

// slack is what the stored numbers may be off by, in float64 units, because
// their 80-bit mean has an error of its own: 2^-63 of the mean, which is 10000
// units of the spread where the mean is 1e7 spreads.
func (s Set) slack() float64 {
	var size float64
	for _, xh := range s.Xhat {
		size = max(size, math.Abs(xh))
	}
	if size == 0 {
		return 0
	}
	return math.Abs(s.Mean) * s.Rstd / size * 0x1p-63 / Float64.Unit
}

func pad(s Step) Tensor {
	if p, ok := s.In["pad"]; ok {
		return Transpose(p)
	}
	return Tensor{}
}

// setKeep is the mask of a set; masks are per row of the matrix.
func setKeep(keep []bool, set []int, cols int) []bool {
	if keep == nil {
		return nil
	}
	out := make([]bool, len(set))
	for i, at := range set {
		out[i] = keep[at/cols]
	}
	return out
}

// spread gives every element of x its value of a parameter.
func spread(c *Case, name string, l layout, x Tensor) []float64 {
	p, ok := c.Params[name]
	if !ok {
		return nil
	}
	out := make([]float64, len(x.Data))
	for i := range out {
		out[i] = p.Data[l.param(i, x.Shape[1])]
		if name == "gamma" && c.Attrs["unit_offset"] == true {
			out[i]++
		}
	}
	return out
}

func cases(t *testing.T, op string) []*Case {
	t.Helper()
	cs, err := Op(op)
	if err != nil {
		t.Fatal(err)
	}
	var ok []*Case
	for _, c := range cs {
		if !c.ExpectError {
			ok = append(ok, c)
		}
	}
	return ok
}

func centred(eps float64) func([]float64, []bool, int) Set {
	return func(x []float64, keep []bool, _ int) Set { return Centred(x, keep, eps) }
}

func uncentred(eps float64) func([]float64, []bool, int) Set {
	return func(x []float64, keep []bool, _ int) Set { return Uncentred(x, keep, eps) }
}

func TestRows(t *testing.T) {
	for _, c := range cases(t, "layernorm") {
		checkStep(t, c, c.Steps[0], byRow(c.Int("normalized_dims")), centred(c.Float("eps")))
	}
	for _, c := range cases(t, "rmsnorm") {
		dims := 1
		if d, ok := c.Attrs["normalized_dims"]; ok {
			dims = int(d.(float64))
		}
		if c.Attrs["partial"] == nil && c.Attrs["eps_mode"] == "inside" {
			checkStep(t, c, c.Steps[0], byRow(dims), uncentred(c.Float("eps")))
		}
	}
}

func TestGroups(t *testing.T) {
	for _, c := range cases(t, "groupnorm") {
		checkStep(t, c, c.Steps[0], byGroup(c.Steps[0].In["x"].Shape, c.Int("groups")), centred(c.Float("eps")))
	}
	for _, c := range cases(t, "instancenorm") {
		for _, s := range c.Steps {
			shape := s.In["x"].Shape
			checkStep(t, c, s, byGroup(shape, shape[1]), centred(c.Float("eps")))
		}
	}
}

func TestChannels(t *testing.T) {
	for _, c := range cases(t, "batchnorm") {
		for _, s := range c.Steps {
			checkStep(t, c, s, byColumn, centred(c.Float("eps")))
		}
	}
}

func TestChannelsFrozen(t *testing.T) {
	for _, c := range cases(t, "batchnorm") {
		if c.Eval == nil || !c.Bool("track_running_stats") {
			continue
		}
		state := c.State
		if n := len(c.Steps); n > 0 {
			state = c.Steps[n-1].Want
		}
		checkStep(t, c, *c.Eval, byColumn, func(x []float64, _ []bool, k int) Set {
			return Frozen(x, state["running_mean"].Data[k], state["running_var"].Data[k], c.Float("eps"))
		})
	}
}

func TestMasked(t *testing.T) {
	for _, c := range cases(t, "pnv") {
		checkStep(t, c, c.Steps[0], byToken, uncentred(c.Float("eps")))
	}
	for _, c := range cases(t, "masked_batchnorm") {
		for _, s := range c.Steps {
			checkStep(t, c, s, byToken, centred(c.Float("eps")))
		}
	}
}

func TestMaskIgnoresPadding(t *testing.T) {
	s := Centred([]float64{1, 3, math.NaN()}, []bool{true, true, false}, 0)
	if s.Mean != 2 || s.Var != 1 || s.N != 2 || s.Xhat[0] != -1 || s.Xhat[1] != 1 {
		t.Errorf("%+v", s)
	}
}

func TestConstant(t *testing.T) {
	s := Centred(Repeat(0.1, 1000), nil, 1e-5)
	for i, v := range s.Xhat {
		if v != 0 {
			t.Fatalf("xhat[%d] is %v", i, v)
		}
	}
}

// TestOffset has a mean 1e7 spreads away; its exact statistics are known.
func TestOffset(t *testing.T) {
	const n = 1 << 16
	x := make([]float64, n)
	for i := range x {
		x[i] = 1e7 + float64(i%2)*2 - 1 + 1.0/3
	}
	third := x[0] - (1e7 - 1) // 1/3 as the sum rounded it, the same in every element
	s := Centred(x, nil, 0)
	if s.Mean != 1e7+third || s.Var != 1 || s.Xhat[0] != -1 || s.Xhat[1] != 1 {
		t.Errorf("mean %v, var %v, xhat %v %v", s.Mean, s.Var, s.Xhat[0], s.Xhat[1])
	}
}

// TestAgainstBig checks the hardest rows against 300-bit arithmetic, where the
// stored numbers are the weaker side.
func TestAgainstBig(t *testing.T) {
	for _, id := range []string{"layer_norm_056_offset1e7_3x100", "layer_norm_055_offset1e5s1e-2_2x768"} {
		c := find(t, "autograd/"+id)
		x := c.Steps[0].In["x"]
		for _, set := range RowSets(x.Shape[0], x.Shape[1]) {
			row := Gather(x.Data, set)
			s := Centred(row, nil, c.Float("eps"))
			if e := Float64.Forward(s.Xhat, bigXhat(row, c.Float("eps")), s, nil, nil); !(e <= 3) {
				t.Errorf("%v: xhat is off by %v u", c, e)
			}
		}
	}
}

func bigXhat(x []float64, eps float64) []float64 {
	num := func(v float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(v) }
	n, mean, v := num(float64(len(x))), num(0), num(0)
	for _, a := range x {
		mean.Add(mean, num(a))
	}
	mean.Quo(mean, n)
	for _, a := range x {
		d := num(a)
		d.Sub(d, mean)
		v.Add(v, d.Mul(d, d))
	}
	std := v.Sqrt(v.Add(v.Quo(v, n), num(eps)))
	out := make([]float64, len(x))
	for i, a := range x {
		d := num(a)
		d.Sub(d, mean)
		out[i], _ = d.Quo(d, std).Float64()
	}
	return out
}

func TestSets(t *testing.T) {
	data := []int{0, 1, 2, 3, 4, 5}
	if got := Gather(data, ColSets(2, 3)[1]); got[0] != 1 || got[1] != 4 || len(got) != 2 {
		t.Errorf("column 1 is %v", got)
	}
	if got := Gather(data, RowSets(2, 3)[1]); got[0] != 3 || got[2] != 5 || len(got) != 3 {
		t.Errorf("row 1 is %v", got)
	}
}

func TestDot(t *testing.T) {
	if got := Dot([]float64{1e16, 1, -1e16, 1}, []float64{1, 1, 1, 1}); got != 2 {
		t.Errorf("got %v, want 2", got)
	}
}
