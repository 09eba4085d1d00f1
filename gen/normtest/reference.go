package normtest

import (
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/elementary"
	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// A Reference drives plan.Eval, the reference for bits, through the steps of a
// layer. New states are the interpreter's, rounded once.
type Reference[T runtime.Float] struct {
	unit  *plan.Unit
	knobs map[string]float64
	fast  bool
	array map[*ir.Leaf][]T // parameters and states
	step  float64
	sizes []int // of the batch at hand
	keep  []bool
}

// NewReference has the parameters of a rig, and states of its own.
func NewReference[T runtime.Float](t testing.TB, r *Rig[T], sizes []int) *Reference[T] {
	t.Helper()
	f := &Reference[T]{unit: r.Unit, knobs: r.Knobs, fast: fused(r), array: map[*ir.Leaf][]T{}, step: float64(r.Step()), sizes: sizes}
	for i, l := range r.Unit.Layer.Params {
		f.array[l] = slices.Clone(r.Params()[i].Data)
	}
	for _, l := range r.Unit.Layer.States {
		init := l.Init
		if l.From != nil {
			init = f.interpret(t, l.From, nil)[0]
		}
		f.array[l] = slices.Repeat([]T{T(init)}, Along(l.Dims, sizes))
	}
	return f
}

// fused reports whether a layer fuses products with additions: assembly does, in fast
// arithmetic.
func fused[T runtime.Float](r *Rig[T]) bool { return r.Unit.Fast && r.ISA() > runtime.Portable }

// Load takes the states and the step of a layer.
func (r *Reference[T]) Load(l *Rig[T]) {
	r.step = float64(l.Step())
	for i, s := range r.unit.Layer.States {
		r.array[s] = slices.Clone(l.State()[i].Data)
	}
}

// interpret evaluates a function of knobs, sizes, parameters, states and, with
// the outcome of a pass, its statistics.
func (r *Reference[T]) interpret(t testing.TB, f *ir.Func, o Outcome) []float64 {
	t.Helper()
	env := interp.Env{Sizes: r.sizes, Leaves: map[*ir.Leaf][]float64{}, Step: r.step, Apply: apply}
	for _, v := range f.Values {
		if v.Op != ir.Load {
			continue
		}
		switch l := v.Leaf; l.Kind {
		case ir.KnobLeaf:
			env.Leaves[l] = []float64{r.knobs[l.Name]}
		case ir.StatLeaf:
			env.Leaves[l] = o["stat "+l.Name]
		case ir.CountLeaf:
			env.Leaves[l] = []float64{r.count(r.stat(l.Name))}
		default:
			env.Leaves[l] = Widen(r.array[l])
		}
	}
	outs, err := interp.Run(f, env)
	if err != nil {
		t.Fatal(err)
	}
	return outs[0]
}

// apply computes exp, log, tanh and erf as generated code does, bit for bit.
func apply(op ir.Op, args []float64) float64 {
	if elementary.Has(op) {
		return elementary.Eval64(op, args[0])
	}
	return ir.Ops[op].Eval(args)
}

func (r *Reference[T]) stat(name string) *ir.Stat {
	for _, m := range []*plan.Mode{r.unit.Train, r.unit.Eval} {
		for _, s := range m.Mode.Stats {
			if s.Name == name {
				return s
			}
		}
	}
	return nil
}

// count is the number of elements that a statistic is taken over. Without rows
// there is nothing that a statistic of the batch could be of, be it over the axis
// of a state.
func (r *Reference[T]) count(s *ir.Stat) float64 {
	if s.Axes&axesOf(r.unit.Rows) == 0 && Along(r.unit.Rows, r.sizes) == 0 {
		return 0
	}
	n, masked := 1, s.Mask != nil && r.keep != nil
	for d, size := range r.sizes {
		if s.Over.Has(1<<d) && !(masked && s.Mask.Axes().Has(1<<d)) {
			n *= size
		}
	}
	if masked {
		n *= Kept(r.keep)
	}
	return float64(n)
}

func axesOf(dims []int) ir.Axes { return (&ir.Leaf{Dims: dims}).Axes() }

// Refuses reports whether training, or a pass without updates, must refuse the
// batch: for a requirement of the spec, or an unbiased statistic of one element.
func (r *Reference[T]) Refuses(t testing.TB, m *plan.Mode, train bool) bool {
	t.Helper()
	if Along(r.unit.Rows, r.sizes) == 0 {
		return false
	}
	for _, q := range m.Mode.Requires {
		if r.interpret(t, q.Func, nil)[0] == 0 {
			return true
		}
	}
	for _, up := range m.Mode.Updates {
		for _, v := range up.Func.Values {
			if train && v.Op == ir.Load && v.Leaf.Kind == ir.CountLeaf && r.count(r.stat(v.Leaf.Name)) == 1 {
				return true
			}
		}
	}
	return false
}

// Take makes b the batch at hand.
func (r *Reference[T]) Take(b Sample[T]) { r.sizes, r.keep = b.Sizes, b.Keep }

// Pass evaluates forward and backward of a mode.
func (r *Reference[T]) Pass(m *plan.Mode, b Sample[T]) Outcome {
	v, f, o := r.variant(m.Variants), r.frame(b), Outcome{}
	plan.Eval(v.Forward, f)
	r.collect(v.Forward, f, o)
	for i, y := range r.unit.Layer.Outputs {
		Note(o, y.Name, f.Tensor[y])
		f.Tensor[m.Mode.Cotangents[i]] = b.Tensor[y]
	}
	f.Grad = map[*ir.Leaf][]T{}
	for _, x := range r.unit.Grads {
		f.Grad[x] = make([]T, Along(x.Dims, b.Sizes))
	}
	plan.Eval(v.Backward, f)
	r.collect(v.Backward, f, o)
	for _, x := range r.unit.Grads {
		Note(o, "d"+x.Name, f.Grad[x])
	}
	r.states(o)
	return o
}

// Infer evaluates an inference.
func (r *Reference[T]) Infer(b Sample[T]) Outcome {
	b.Keep = nil
	r.Take(b)
	f, o := r.frame(b), Outcome{}
	plan.Eval(r.variant(r.unit.Infer).Forward, f)
	for _, y := range r.unit.Layer.Outputs {
		Note(o, y.Name, f.Tensor[y])
	}
	return o
}

func (r *Reference[T]) frame(b Sample[T]) *plan.Frame[T] {
	f := &plan.Frame[T]{Sizes: b.Sizes, Tensor: map[*ir.Leaf][]T{}, Mask: map[*ir.Leaf][]bool{}, Array: r.array, Knob: r.knobs, Step: r.step, Fast: r.fast}
	for _, l := range r.unit.Layer.Inputs {
		f.Tensor[l] = b.Tensor[l]
	}
	for _, l := range r.unit.Layer.Outputs {
		f.Tensor[l] = make([]T, Along(l.Dims, b.Sizes))
	}
	if b.Keep != nil {
		for _, m := range r.unit.Layer.Masks {
			f.Mask[m] = b.Mask(r.unit, m)
		}
	}
	return f
}

// collect adds the gradients of parameters, as they are stored, and the
// statistics that are over something.
func (r *Reference[T]) collect(k *plan.Kernel, f *plan.Frame[T], o Outcome) {
	for _, out := range k.Outs {
		x := f.Result(out)
		switch {
		case out.Kind == ir.GradOut:
			o["grad "+out.Leaf.Name] = Widen(Rounded[T](x))
		case r.count(r.stat(out.Name)) > 0:
			o["stat "+out.Name] = x
		}
	}
}

func (r *Reference[T]) states(o Outcome) {
	for _, l := range r.unit.Layer.States {
		o["state "+l.Name] = Widen(r.array[l])
	}
}

// Update commits a step: all new states are made of the old ones. A statistic
// over nothing updates nothing.
func (r *Reference[T]) Update(t testing.TB, m *plan.Mode, o Outcome) {
	t.Helper()
	next := map[*ir.Leaf][]T{}
	for _, up := range m.Mode.Updates {
		if !slices.ContainsFunc(up.Stats, func(s *ir.Stat) bool { return r.count(s) == 0 }) {
			next[up.State] = Rounded[T](r.interpret(t, up.Func, o))
		}
	}
	for l, v := range next {
		r.array[l] = v
	}
	r.step++
	r.states(o)
}

// variant finds the kernels for the step and masks at hand.
func (r *Reference[T]) variant(vs []*plan.Variant) *plan.Variant {
	for _, masked := range []bool{r.keep != nil, false} {
		for _, v := range vs {
			if v.Masked == masked && !slices.ContainsFunc(v.When, func(o plan.Outcome) bool { return (r.uniform(o.Cond) != 0) != o.Holds }) {
				return v
			}
		}
	}
	return nil
}

// uniform evaluates a condition on steps, sizes and knobs.
func (r *Reference[T]) uniform(v *ir.Value) float64 {
	switch v.Op {
	case ir.Const:
		return v.F
	case ir.Step:
		return r.step
	case ir.Size:
		n := 1
		for d, size := range r.sizes {
			if v.Over.Has(1 << d) {
				n *= size
			}
		}
		return float64(n)
	case ir.Load:
		return r.knobs[v.Leaf.Name]
	}
	args := make([]float64, len(v.Args))
	for i, a := range v.Args {
		args[i] = r.uniform(a)
	}
	return ir.Ops[v.Op].Eval(args)
}
