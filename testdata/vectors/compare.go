package vectors

import (
	"fmt"
	"math"
)

// Errors are the worst errors of one step over all its sets, in units u.
type Errors struct{ Y, Dx, Dgamma, Dbeta float64 }

// Within reports whether every error is within its bound.
func (e Errors) Within() bool {
	return e.Y <= ForwardBound && e.Dx <= DxBound && e.Dgamma <= ParamBound && e.Dbeta <= ParamBound
}

// Step returns step i of the case; the one after the last is Eval.
func (c *Case) Step(i int) Step {
	if i == len(c.Steps) {
		return *c.Eval
	}
	return c.Steps[i]
}

// Measure compares the outputs of step i with what the case wants, by the
// measures of Format. The step after the last is Eval. Of y, dx, dgamma and
// dbeta it compares those that got holds; they have the layout of the case.
//
// It knows the operations whose elements fall into sets: layernorm, rmsnorm (of
// the whole row, eps inside), batchnorm, groupnorm, instancenorm, pnv,
// masked_batchnorm and pn_paper. For another it returns an error; use Relative.
func (c *Case) Measure(f Format, i int, got map[string]Tensor) (Errors, error) {
	l, err := c.layout(i)
	if err != nil {
		return Errors{}, err
	}
	s := c.Step(i)
	m := measurement{f: f, layout: l, got: got, want: s.Want, x: l.view(s.In["x"]), dy: l.view(s.In["dy"]).Data}
	m.gamma, m.beta = m.spread(c.multiplier()), m.spread(c.Params["beta"].Data)
	m.terms = map[string]map[int]float64{"dgamma": {}, "dbeta": {}}
	keep := Keep(transposed(s.In["pad"]))
	var e Errors
	for k, set := range l.sets(m.x.Shape[0], m.x.Shape[1]) {
		y, dx := m.set(l.norm(Gather(m.x.Data, set), setKeep(keep, set, m.x.Shape[1]), k), set)
		e.Y, e.Dx = math.Max(e.Y, y), math.Max(e.Dx, dx)
	}
	e.Dgamma, e.Dbeta = m.param("dgamma"), m.param("dbeta")
	return e, nil
}

// Relative is the measure for operations without sets: the largest difference
// over the largest wanted magnitude or the scale of the step, whichever is
// more. It is not in units; 0/0 is 0.
func Relative(got, want []float64, scale float64) float64 {
	for _, v := range want {
		scale = math.Max(scale, math.Abs(v))
	}
	d := Format{}.distance(got, want, 0)
	if d == 0 {
		return 0
	}
	return d / scale
}

// layout says how a case's tensors fall into sets.
type layout struct {
	view  func(Tensor) Tensor                         // as a matrix
	sets  func(rows, cols int) [][]int                // of the matrix
	param func(i, cols int) int                       // the element of gamma for element i of the matrix
	norm  func(x []float64, keep []bool, set int) Set // the statistics of a set
}

func (c *Case) layout(i int) (layout, error) {
	eps, _ := c.Attrs["eps"].(float64)
	x := c.Step(i).In["x"].Shape
	switch c.Op {
	case "layernorm":
		return rowLayout(c.Int("normalized_dims"), centred(eps)), nil
	case "rmsnorm":
		if c.Attrs["partial"] == nil && c.Attrs["eps_mode"] == "inside" {
			return rowLayout(c.normalizedDims(), uncentred(eps)), nil
		}
	case "batchnorm":
		return channelLayout(c.batchStatistics(i, eps)), nil
	case "groupnorm":
		return groupLayout(x, c.Int("groups"), centred(eps)), nil
	case "instancenorm":
		if i < len(c.Steps) {
			return groupLayout(x, x[1], centred(eps)), nil
		}
	case "pnv":
		return tokenLayout(uncentred(eps)), nil
	case "masked_batchnorm":
		if i < len(c.Steps) {
			return tokenLayout(centred(eps)), nil
		}
	case "pn_paper":
		return tokenLayout(c.powerStatistics(i, eps)), nil
	}
	return layout{}, fmt.Errorf("vectors: %v: no sets are known for step %d", c, i)
}

type normFunc = func(x []float64, keep []bool, set int) Set

func centred(eps float64) normFunc {
	return func(x []float64, keep []bool, _ int) Set { return Centred(x, keep, eps) }
}

func uncentred(eps float64) normFunc {
	return func(x []float64, keep []bool, _ int) Set { return Uncentred(x, keep, eps) }
}

// batchStatistics are the batch's own in training, and in inference without
// running statistics.
func (c *Case) batchStatistics(i int, eps float64) normFunc {
	if i < len(c.Steps) || !c.Bool("track_running_stats") {
		return centred(eps)
	}
	s := c.before(i)
	return func(x []float64, _ []bool, k int) Set {
		return Frozen(x, s["running_mean"].Data[k], s["running_var"].Data[k], eps)
	}
}

// powerStatistics are PowerNorm's: the batch's own in warm-up, then those of
// the state before the step, nu in the backward of training too.
func (c *Case) powerStatistics(i int, eps float64) normFunc {
	if i < c.Int("warmup") {
		return uncentred(eps)
	}
	s := c.before(i)
	return func(x []float64, _ []bool, k int) Set {
		set := Frozen(x, 0, s["psi2"].Data[k], eps)
		if i < len(c.Steps) {
			set.Coef = s["nu"].Data[k]
		}
		return set
	}
}

// before is the state that step i reads.
func (c *Case) before(i int) map[string]Tensor {
	if i == 0 {
		return c.State
	}
	return c.Steps[i-1].Want
}

func (c *Case) normalizedDims() int {
	if d, ok := c.Attrs["normalized_dims"].(float64); ok {
		return int(d)
	}
	return 1
}

// multiplier is gamma, or 1+gamma where the operation stores it without the 1.
func (c *Case) multiplier() []float64 {
	gamma := c.Params["gamma"].Data
	if c.Attrs["unit_offset"] != true {
		return gamma
	}
	out := Repeat(1, len(gamma))
	for i, g := range gamma {
		out[i] += g
	}
	return out
}

func rowLayout(dims int, norm normFunc) layout {
	view := func(t Tensor) Tensor { return Matrix(t, dims) }
	return layout{view, RowSets, column, norm}
}

func tokenLayout(norm normFunc) layout {
	view := func(t Tensor) Tensor { return Matrix(t, 1) }
	return layout{view, ColSets, column, norm}
}

func channelLayout(norm normFunc) layout {
	view := func(t Tensor) Tensor { return Matrix(ChannelsLast(t, 1), 1) }
	return layout{view, ColSets, column, norm}
}

// groupLayout sees a (N, C, ...) tensor as N*groups rows, with a parameter for
// each channel.
func groupLayout(shape []int, groups int, norm normFunc) layout {
	c, plane := shape[1], size(shape[2:])
	view := func(t Tensor) Tensor {
		return Tensor{Shape: []int{shape[0] * groups, c / groups * plane}, Data: t.Data}
	}
	channel := func(i, _ int) int { return i / plane % c }
	return layout{view, RowSets, channel, norm}
}

func column(i, cols int) int { return i % cols }

// measurement is the work of Measure.
type measurement struct {
	layout
	f           Format
	got, want   map[string]Tensor
	x           Tensor
	dy          []float64
	gamma, beta []float64                  // for every element of x
	terms       map[string]map[int]float64 // magnitudes that each parameter's gradient sums
}

// set returns the errors of y and dx of one set, and adds its share to the
// terms.
func (m *measurement) set(s Set, set []int) (y, dx float64) {
	w, b := Gather(m.gamma, set), Gather(m.beta, set)
	if got, want, ok := m.pair("y", set); ok {
		y = m.f.Forward(got, want, s, w, b)
	}
	if m.dy == nil {
		return y, 0
	}
	dy := Gather(m.dy, set)
	if got, want, ok := m.pair("dx", set); ok {
		dx = m.f.Dx(got, want, s, Mul(dy, w))
	}
	for i, at := range set {
		p := m.layout.param(at, m.x.Shape[1])
		m.terms["dgamma"][p] += math.Abs(dy[i] * s.Xhat[i])
		m.terms["dbeta"][p] += math.Abs(dy[i])
	}
	return y, dx
}

// pair gathers a set from what was got and what is wanted.
func (m *measurement) pair(name string, set []int) (got, want []float64, ok bool) {
	g, ok := m.got[name]
	w, wanted := m.want[name]
	if !ok || !wanted {
		return nil, nil, false
	}
	return Gather(m.view(g).Data, set), Gather(m.view(w).Data, set), true
}

// param returns the error of a parameter's gradient.
func (m *measurement) param(name string) float64 {
	got, ok := m.got[name]
	want, wanted := m.want[name]
	if !ok || !wanted {
		return 0
	}
	var worst float64
	for p := range want.Data {
		worst = math.Max(worst, m.f.Param(got.Data[p], want.Data[p], m.terms[name][p]))
	}
	return worst
}

// spread gives every element of x its value of a parameter.
func (m *measurement) spread(p []float64) []float64 {
	if p == nil {
		return nil
	}
	out := make([]float64, len(m.x.Data))
	for i := range out {
		out[i] = p[m.layout.param(i, m.x.Shape[1])]
	}
	return out
}

func transposed(pad Tensor) Tensor {
	if pad.Data == nil {
		return pad
	}
	return Transpose(pad)
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
