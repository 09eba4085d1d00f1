package normtest

import (
	"maps"
	"slices"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/gen/reference"
	"github.com/normgen/normgen/runtime"
)

// A Reference drives plan.Eval, the reference for bits, through the steps of a
// layer.
type Reference[T runtime.Float] struct {
	unit  *plan.Unit
	frame plan.Frame[T] // of the batch at hand; arrays, knobs and the step outlast it
}

// NewReference has the parameters of a rig, and states of its own.
func NewReference[T runtime.Float](r *Rig[T], sizes []int) *Reference[T] {
	f := &Reference[T]{r.Unit, plan.Frame[T]{Sizes: sizes, Array: map[*ir.Leaf][]T{}, Knob: r.Knobs, Step: float64(r.Step()), Fast: fused(r)}}
	for i, l := range r.Unit.Layer.Params {
		f.frame.Array[l] = slices.Clone(r.Params()[i].Data)
	}
	for _, l := range r.Unit.Layer.States {
		init := l.Init
		if l.From != nil {
			init = f.pass(r.Unit.Train).Interpret(l.From, nil)[0]
		}
		f.frame.Array[l] = slices.Repeat([]T{T(init)}, Along(l.Dims, sizes))
	}
	return f
}

// fused reports whether a layer fuses products with additions: assembly does, in fast
// arithmetic.
func fused[T runtime.Float](r *Rig[T]) bool { return r.Unit.Fast && r.ISA() > runtime.Portable }

// Load takes the states and the step of a layer.
func (r *Reference[T]) Load(l *Rig[T]) {
	r.frame.Step = float64(l.Step())
	for i, s := range r.unit.Layer.States {
		r.frame.Array[s] = slices.Clone(l.State()[i].Data)
	}
}

func (r *Reference[T]) pass(m *plan.Mode) reference.Pass[T] {
	return reference.Pass[T]{Unit: r.unit, Mode: m, Frame: &r.frame}
}

// Refuses reports whether training, or a pass without updates, must refuse the
// batch. One of no rows has nothing to refuse.
func (r *Reference[T]) Refuses(m *plan.Mode, train bool) bool {
	return Along(r.unit.Rows, r.frame.Sizes) > 0 && r.pass(m).Refused(train)
}

// Take makes b the batch at hand.
func (r *Reference[T]) Take(b Sample[T]) {
	f := plan.Frame[T]{Sizes: b.Sizes, Tensor: map[*ir.Leaf][]T{}, Grad: map[*ir.Leaf][]T{}, Mask: map[*ir.Leaf][]bool{},
		Array: r.frame.Array, Knob: r.frame.Knob, Step: r.frame.Step, Fast: r.frame.Fast}
	for _, l := range r.unit.Layer.Inputs {
		f.Tensor[l] = b.Tensor[l]
	}
	for _, l := range r.unit.Layer.Outputs {
		f.Tensor[l] = make([]T, Along(l.Dims, b.Sizes))
	}
	for _, x := range r.unit.Grads {
		f.Grad[x] = make([]T, Along(x.Dims, b.Sizes))
	}
	for _, m := range r.unit.Layer.Masks {
		if b.Keep != nil {
			f.Mask[m] = b.Mask(r.unit, m)
		}
	}
	r.frame = f
}

// Pass evaluates forward and backward of a mode.
func (r *Reference[T]) Pass(m *plan.Mode, b Sample[T]) Outcome {
	r.Take(b)
	v, f, o := r.variant(m, m.Variants), &r.frame, Outcome{}
	plan.Eval(v.Forward, f)
	r.collect(m, v.Forward, o)
	for i, y := range r.unit.Layer.Outputs {
		Note(o, y.Name, f.Tensor[y])
		f.Tensor[m.Mode.Cotangents[i]] = b.Tensor[y]
	}
	plan.Eval(v.Backward, f)
	r.collect(m, v.Backward, o)
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
	o := Outcome{}
	plan.Eval(r.variant(r.unit.Eval, r.unit.Infer).Forward, &r.frame)
	for _, y := range r.unit.Layer.Outputs {
		Note(o, y.Name, r.frame.Tensor[y])
	}
	return o
}

// collect adds the gradients of parameters, as they are stored, and the
// statistics that are over something.
func (r *Reference[T]) collect(m *plan.Mode, k *plan.Kernel, o Outcome) {
	for _, out := range k.Outs {
		x := r.frame.Result(out)
		switch p := r.pass(m); {
		case out.Kind == ir.GradOut:
			o["grad "+out.Leaf.Name] = Widen(Rounded[T](x))
		case p.Count(p.Stat(out.Name)) > 0:
			o["stat "+out.Name] = x
		}
	}
}

func (r *Reference[T]) states(o Outcome) {
	for _, l := range r.unit.Layer.States {
		o["state "+l.Name] = Widen(r.frame.Array[l])
	}
}

// Update commits a step.
func (r *Reference[T]) Update(m *plan.Mode, o Outcome) {
	maps.Copy(r.frame.Array, r.pass(m).Next(func(stat string) []float64 { return o["stat "+stat] }))
	r.frame.Step++
	r.states(o)
}

// variant finds the kernels for the step and masks at hand.
func (r *Reference[T]) variant(m *plan.Mode, vs []*plan.Variant) *plan.Variant {
	for _, masked := range []bool{len(r.frame.Mask) > 0, false} {
		for _, v := range vs {
			if v.Masked == masked && r.pass(m).Taken(v) {
				return v
			}
		}
	}
	return nil
}
