package trial

import (
	"maps"
	"slices"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/gen/reference"
)

// solve draws the numbers and computes what they lead to.
func (p *posed) solve() Problem {
	l := p.unit.Layer
	q := Problem{Layer: p.unit.Name, What: p.String(), Mode: p.kind, Step: p.step, Segmented: p.unit.Segments > 0}
	q.Sizes, q.Knobs = arguments(p.unit, p.sizes)
	for _, d := range p.unit.Rows {
		q.Rows = append(q.Rows, p.sizes[d])
	}
	p.draw()
	q.Params, q.States = p.copies(l.Params, p.frame.Array), p.copies(l.States, p.frame.Array)
	q.In = p.tensors(l.Inputs, p.frame.Tensor)
	if p.variant.Masked {
		for _, m := range l.Masks {
			q.Masks = append(q.Masks, p.frame.Mask[m])
		}
	}
	p.room(p.frame.Tensor, l.Outputs)
	if q.ForwardFails = p.pass().Refused(p.kind == Train); q.ForwardFails {
		q.Out = p.tensors(l.Outputs, p.frame.Tensor)
	} else {
		p.run(&q)
	}
	return q
}

// draw fills a frame. Parameters and states differ from element to element and
// from their first values; states keep their bounds.
func (p *posed) draw() {
	l := p.unit.Layer
	p.frame = &plan.Frame[float32]{Sizes: p.sizes, Tensor: map[*ir.Leaf][]float32{}, Grad: map[*ir.Leaf][]float32{},
		Mask: map[*ir.Leaf][]bool{}, Array: map[*ir.Leaf][]float32{}, Knob: p.knobs(), Step: float64(p.step)}
	for _, x := range l.Inputs {
		p.frame.Tensor[x] = p.fill.numbers(p.rand, p.along(x.Dims))
	}
	for _, x := range l.Params {
		p.frame.Array[x] = p.normal(x, 1, 0.5)
	}
	for _, x := range l.States {
		p.frame.Array[x] = p.normal(x, 0, 1)
		for i, v := range p.frame.Array[x] {
			if x.Min != nil {
				p.frame.Array[x][i] = float32(*x.Min) + 0.2 + max(v, -v)
			}
		}
	}
	for _, m := range l.Masks {
		for i := range p.along(m.Dims) {
			if p.variant.Masked {
				p.frame.Mask[m] = append(p.frame.Mask[m], p.mask(p.rand, i))
			}
		}
	}
}

func (p *posed) normal(l *ir.Leaf, mean, deviation float64) []float32 {
	out := make([]float32, p.along(l.Dims))
	for i := range out {
		out[i] = float32(mean + deviation*p.rand.NormFloat64())
	}
	return out
}

// run evaluates the plan: forward, backward and updates, as the mode has them.
func (p *posed) run(q *Problem) {
	l := p.unit.Layer
	plan.Eval(p.variant.Forward, p.frame)
	q.Out = p.tensors(l.Outputs, p.frame.Tensor)
	if p.kind == Infer {
		return
	}
	p.stats(q, p.variant.Forward)
	for _, x := range p.mode.Mode.Cotangents {
		p.frame.Tensor[x] = p.normal(x, 0, 1)
	}
	q.DIn = p.tensors(p.mode.Mode.Cotangents, p.frame.Tensor)
	p.room(p.frame.Grad, p.unit.Grads)
	plan.Eval(p.variant.Backward, p.frame)
	q.DX = p.tensors(p.unit.Grads, p.frame.Grad)
	p.stats(q, p.variant.Backward)
	for _, x := range l.Params {
		for _, o := range p.variant.Backward.Outs {
			if o.Kind == ir.GradOut && o.Leaf == x {
				q.Grads = append(q.Grads, rounded(p.frame.Result(o)))
			}
		}
	}
	if p.kind == Train {
		p.update(q)
	}
}

// room makes room for what a kernel writes.
func (p *posed) room(to map[*ir.Leaf][]float32, leaves []*ir.Leaf) {
	for _, x := range leaves {
		to[x] = make([]float32, p.along(x.Dims))
	}
}

func (p *posed) copies(leaves []*ir.Leaf, from map[*ir.Leaf][]float32) [][]float32 {
	var out [][]float32
	for _, l := range leaves {
		out = append(out, slices.Clone(from[l]))
	}
	return out
}

// tensors lists matrices: a row for each row or segment of what a leaf varies over.
func (p *posed) tensors(leaves []*ir.Leaf, from map[*ir.Leaf][]float32) []Tensor {
	var out []Tensor
	for _, x := range leaves {
		cols := p.along(p.unit.Order(p.unit.Small(x.Axes())))
		out = append(out, Tensor{x.Name, len(from[x]) / cols, cols, slices.Clone(from[x])})
	}
	return out
}

// stats notes the statistics of a kernel that are over something.
func (p *posed) stats(q *Problem, k *plan.Kernel) {
	for _, o := range k.Outs {
		if o.Kind == ir.StatOut && p.pass().Count(p.pass().Stat(o.Name)) > 0 {
			q.Stats = append(q.Stats, Stat{o.Name, slices.Clone(p.frame.Result(o))})
		}
	}
}

// update computes the states after the step.
func (p *posed) update(q *Problem) {
	next := maps.Clone(p.frame.Array)
	maps.Copy(next, p.pass().Next(func(name string) []float64 {
		return q.Stats[slices.IndexFunc(q.Stats, func(s Stat) bool { return s.Name == name })].Values
	}))
	q.Next = p.copies(p.unit.Layer.States, next)
	q.BackwardMoves = slices.ContainsFunc(p.mode.Mode.Updates, func(u *ir.Update) bool { return u.Phase == ir.BackwardPhase })
}

func (p *posed) pass() reference.Pass[float32] {
	return reference.Pass[float32]{Unit: p.unit, Mode: p.mode, Frame: p.frame}
}

func rounded(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

// arguments are those of a unit's constructor: sizes, and the knobs that are.
func arguments(u *plan.Unit, sizes []int) (args, knobs []int) {
	for cols := u.Cols; len(cols) > 0; {
		n, given := 1, true
		for _, p := range u.Layer.Products {
			if len(p.Factors) <= len(cols) && slices.Equal(p.Factors, cols[:len(p.Factors)]) {
				n = len(p.Factors)
			}
		}
		if axis := u.Layer.Axes[cols[0]]; n == 1 {
			given = axis.Size == 0 && axis.Knob == ""
		}
		size := 1
		for _, d := range cols[:n] {
			size *= sizes[d]
		}
		if cols = cols[n:]; given {
			args = append(args, size)
		}
	}
	for _, k := range sizeKnobs(u) {
		for d, axis := range u.Layer.Axes {
			if axis.Knob == k.Name {
				knobs = append(knobs, sizes[d])
				break
			}
		}
	}
	return args, knobs
}

// sizeKnobs are the knobs that are sizes of axes.
func sizeKnobs(u *plan.Unit) []ir.Knob {
	return slices.DeleteFunc(slices.Clone(u.Layer.Knobs), func(k ir.Knob) bool {
		return k.Fixed || !slices.ContainsFunc(u.Layer.Axes, func(a ir.Axis) bool { return a.Knob == k.Name })
	})
}
