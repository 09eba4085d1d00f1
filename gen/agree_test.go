package gen

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// Eval of a plan computes what the interpreter computes from the functions
// that were planned: every norm, every variant, small random shapes.
func TestEvalAgrees(t *testing.T) {
	for _, p := range accepted(t) {
		t.Run(p.String(), func(t *testing.T) { evalAgrees(t, p.unit) })
	}
}

func evalAgrees(t testing.TB, u *plan.Unit) {
	t.Helper()
	evalAgreesWithin(t, u, (*agreement).exact)
}

// A deviation in float32 is that of the mean, not of the mean rounded: of elements
// around 10,000 that is off by up to 5e-4, 8,000 times what gate 1 allows.
func TestDeviation(t *testing.T) {
	units, err := planText("norm N { in x[N, C] stat m[N] = mean<C>(x) out y = x - m }\ngen N { dtype f32 }")
	if err != nil {
		t.Fatal(err)
	}
	const n, gate1 = 100, 8.0 / (1 << 24)
	k, x := units[0].Infer[0].Forward, units[0].Layer.Inputs[0]
	y := units[0].Layer.Outputs[0]
	r := rand.New(rand.NewPCG(1, 2))
	wide, narrow := make([]float64, n), make([]float32, n)
	for i := range wide {
		narrow[i] = float32(10_000 + r.NormFloat64())
		wide[i] = float64(narrow[i])
	}
	want, err := interp.Run(k.Func, interp.Env{Sizes: []int{1, n}, Leaves: map[*ir.Leaf][]float64{x: wide}})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, n)
	plan.Eval(k, &plan.Frame[float32]{Sizes: []int{1, n}, Tensor: map[*ir.Leaf][]float32{x: narrow, y: got}})
	largest := 0.0
	for _, w := range want[0] {
		largest = max(largest, math.Abs(w))
	}
	for i, w := range want[0] {
		if off := math.Abs(float64(got[i]) - w); off > gate1*largest {
			t.Errorf("element %d is %g, want %g", i, got[i], w)
		}
	}
}

// exact is the distance that norms of the everyday kind keep: some thousand
// roundings of float64.
func (a *agreement) exact(*plan.Kernel, int) float64 { return 1e-12 }

// evalAgreesWithin allows output i of a kernel a distance.
func evalAgreesWithin(t testing.TB, u *plan.Unit, allowed func(a *agreement, k *plan.Kernel, i int) float64) {
	t.Helper()
	infer := &plan.Mode{Name: "infer", Variants: u.Infer}
	for _, m := range append(modes(u), infer) {
		for _, v := range m.Variants {
			for seed := range uint64(len(stretch)) {
				a := &agreement{t: t, unit: u, mode: m, v: v, seed: seed, allowed: allowed}
				a.check()
			}
		}
	}
}

// stretch makes the outermost row axis or the innermost column axis longer, so
// that sums have several blocks; 0 leaves the small size of interp.Sizes.
var stretch = []struct{ row, col int }{{0, 0}, {0, 0}, {1, 0}, {2, 37}, {67, 0}, {0, 261}}

// An agreement compares one variant on one random problem.
type agreement struct {
	t     testing.TB
	unit  *plan.Unit
	mode  *plan.Mode
	v     *plan.Variant
	seed  uint64
	sizes []int
	env   interp.Env
	frame *plan.Frame[float64]

	allowed func(a *agreement, k *plan.Kernel, i int) float64
}

func (a *agreement) check() {
	a.t.Helper()
	a.problem()
	for _, k := range a.kernels() {
		want, err := interp.Run(k.Func, a.env)
		for i, o := range k.Func.Outs {
			if o.Kind == ir.TensorOut && err == nil {
				a.env.Leaves[o.Leaf] = want[i] // a backward may read it
			}
		}
		if err != nil {
			a.t.Fatal(err)
		}
		for i, got := range a.eval(k) {
			if d := apart(got, want[i]); len(got) != len(want[i]) || !(d <= 1e-12 || d <= a.allowed(a, k, i)) {
				a.t.Errorf("%s masked %v %s sizes %v: %s of the %s is %.3g off\n got %.8g\nwant %.8g", a.mode.Name, a.v.Masked,
					a.v.Conditions(a.unit.Layer), a.sizes, k.Func.Outs[i].Name, k.Name, d, head(got), head(want[i]))
			}
		}
	}
}

// apart is the distance of two results. Where both are NaN, as the derivative of a root
// at zero is, they agree.
func apart(got, want []float64) float64 {
	var a, b []float64
	for i := range min(len(got), len(want)) {
		if !math.IsNaN(got[i]) || !math.IsNaN(want[i]) {
			a, b = append(a, got[i]), append(b, want[i])
		}
	}
	return distance(a, b)
}

// kernels are the variant's; inference has a forward alone.
func (a *agreement) kernels() []*plan.Kernel {
	if a.v.Backward == nil {
		return []*plan.Kernel{a.v.Forward}
	}
	return []*plan.Kernel{a.v.Forward, a.v.Backward}
}

func head(x []float64) []float64 { return x[:min(len(x), 8)] }

// problem draws sizes, an environment and the frame that holds the same.
func (a *agreement) problem() {
	l, s := a.unit.Layer, stretch[a.seed]
	a.sizes = interp.Sizes(l, a.seed)
	for i, axis := range l.Axes {
		if axis.Knob != "" && axis.Size == 0 {
			a.sizes[i] = 1 + int(a.seed%3)
		}
	}
	if s.row > 0 && l.Axes[a.unit.Rows[0]].Size == 0 {
		a.sizes[a.unit.Rows[0]] = s.row
	}
	if last := a.unit.Cols[len(a.unit.Cols)-1]; s.col > 0 && l.Axes[last].Size == 0 {
		a.sizes[last] = s.col
	}
	var funcs []*ir.Func
	for _, k := range a.kernels() {
		funcs = append(funcs, k.Func)
	}
	a.env = interp.Sample(a.seed, a.sizes, funcs...)
	a.env.Step = float64(2 + a.seed)
	a.frame = &plan.Frame[float64]{Sizes: a.sizes, Tensor: map[*ir.Leaf][]float64{}, Grad: map[*ir.Leaf][]float64{},
		Mask: map[*ir.Leaf][]bool{}, Array: map[*ir.Leaf][]float64{}, Knob: map[string]float64{}, Step: a.env.Step}
	a.knobs()
	for leaf, x := range a.env.Leaves {
		a.fill(leaf, x)
	}
}

// knobs gives a knob that is the size of an axis that size.
func (a *agreement) knobs() {
	l := a.unit.Layer
	for _, k := range l.Knobs {
		a.frame.Knob[k.Name] = k.Default
		for i, axis := range l.Axes {
			if axis.Knob == k.Name {
				a.frame.Knob[k.Name] = float64(a.sizes[i])
			}
		}
	}
	for leaf := range a.env.Leaves {
		if leaf.Kind == ir.KnobLeaf {
			a.env.Leaves[leaf] = []float64{a.frame.Knob[leaf.Name]}
		}
	}
}

func (a *agreement) size(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= a.sizes[d]
	}
	return n
}

func (a *agreement) fill(leaf *ir.Leaf, x []float64) {
	switch leaf.Kind {
	case ir.InputLeaf, ir.CotangentLeaf:
		a.frame.Tensor[leaf] = x
	case ir.ParamLeaf, ir.StateLeaf:
		a.frame.Array[leaf] = x
	case ir.MaskLeaf:
		for _, k := range x {
			a.frame.Mask[leaf] = append(a.frame.Mask[leaf], k != 0)
		}
	}
}

// eval runs a kernel and returns its outputs in the interpreter's order.
func (a *agreement) eval(k *plan.Kernel) [][]float64 {
	for _, o := range k.Func.Outs {
		if a.tensor(o) {
			a.tensors(o)[o.Leaf] = make([]float64, a.size(o.Leaf.Dims))
		}
	}
	plan.Eval(k, a.frame)
	var outs [][]float64
	rest := k.Outs
	for _, o := range k.Func.Outs {
		order := dims(o.Value.Axes)
		if o.Leaf != nil {
			order = o.Leaf.Dims
		}
		if a.tensor(o) {
			outs = append(outs, a.tensors(o)[o.Leaf])
			continue
		}
		outs = append(outs, reorder(a.frame.Result(rest[0]), a.unit.Order(o.Value.Axes), order, a.sizes))
		rest = rest[1:]
	}
	return outs
}

// tensor reports whether an output is one of the layer's or the gradient of one
// of its inputs.
func (a *agreement) tensor(o ir.Out) bool {
	return o.Kind == ir.TensorOut || o.Kind == ir.GradOut && slices.Contains(a.unit.Layer.Inputs, o.Leaf)
}

// tensors is where the frame has the tensors of an output's kind.
func (a *agreement) tensors(o ir.Out) map[*ir.Leaf][]float64 {
	if o.Kind == ir.GradOut {
		return a.frame.Grad
	}
	return a.frame.Tensor
}

// reorder turns an array over the axes from, outermost first, into one over
// the same axes in the order to.
func reorder(x []float64, from, to, sizes []int) []float64 {
	out := make([]float64, len(x))
	index := make([]int, len(sizes))
	for i := range x {
		rest := i
		for _, d := range slices.Backward(from) {
			index[d], rest = rest%sizes[d], rest/sizes[d]
		}
		at := 0
		for _, d := range to {
			at = at*sizes[d] + index[d]
		}
		out[at] = x[i]
	}
	return out
}
