package plan

import (
	"math"

	"github.com/normgen/normgen/gen/ir"
)

// steps runs loops over columns or, inside a segment, over its values.
func (e *evaluator[T]) steps(steps []*Step, r Rank) {
	e.step = true
	for _, st := range steps {
		e.each(st.Shape, func() {
			e.renew(r)
			for _, v := range st.Values {
				e.set(v, e.stepValue(v))
				e.keepValue(v)
			}
			for _, o := range st.Outs {
				e.storeWide(e.f.wide, o.Slot, e.get(o.Value))
			}
		})
	}
	e.renew(r)
	e.step = false
}

// keepValue stores a step's value where it is read again.
func (e *evaluator[T]) keepValue(v *ir.Value) {
	x := e.val[v.ID]
	if s, ok := e.k.Slot[v]; ok {
		e.store(s, x)
	}
	if s, ok := e.k.Wide[v]; ok {
		e.storeWide(e.f.wide, s, x)
	}
}

// stepValue computes one value that a step defines.
func (e *evaluator[T]) stepValue(v *ir.Value) float64 {
	if s, ok := find(v, e.k.Sums, e.k.Given); ok {
		return e.finished(v, s)
	}
	switch {
	case v.Op == ir.Index:
		return e.get(v)
	case v.Op == ir.Count:
		return e.counted(v)
	case v.Op.Reduces():
		return e.small(v)
	}
	return e.apply(v)
}

// small reduces an array along some of its axes: in float64, in order.
func (e *evaluator[T]) small(v *ir.Value) float64 {
	var xs []float64
	e.each(v.Over, func() { xs = append(xs, e.fromArray(v.Args[0])) })
	switch {
	case v.Op == ir.MaxOf:
		x := math.Inf(-1)
		for _, y := range xs {
			x = ir.Ops[ir.Max].Eval([]float64{x, y})
		}
		return x
	case isMoment(v):
		mean, ss := arrayMoments(xs, 0)
		return pickMoment[T](v.Op, mean, ss)
	}
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	if v.Op == ir.Mean {
		sum /= float64(len(xs))
	}
	return sum
}

// fromArray reads an operand that another loop computed, never the one at hand.
func (e *evaluator[T]) fromArray(v *ir.Value) float64 {
	v = Strip(v)
	if v.Op == ir.Load || e.k.rank[v.ID] == Uniform {
		return e.get(v)
	}
	return e.kept(v)
}

// arrayMoments are the mean, corrected by the mean of what is left, and the
// squares around it, in order from zero.
func arrayMoments(xs []float64, zero float64) (mean, ss float64) {
	n := float64(len(xs))
	sum, rest := zero, zero
	for _, x := range xs {
		sum += x
	}
	mean = sum / n
	for _, x := range xs {
		rest += x - mean
	}
	mean += rest / n
	for _, x := range xs {
		ss += float64((x - mean) * (x - mean))
	}
	return mean, ss
}
