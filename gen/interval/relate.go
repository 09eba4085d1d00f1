package interval

import "github.com/normgen/normgen/gen/ir"

// related bounds v by what its operands have to do with each other, which
// their bounds do not show.
func (s *scope) related(v *ir.Value) (Interval, bool) {
	switch v.Op {
	case ir.Mul:
		if s.a.same(v.Args[0], v.Args[1]) {
			return s.a.square(s.of(v.Args[0])), true
		}
	case ir.Sub:
		return s.difference(v)
	case ir.Add:
		return s.between(v)
	case ir.Sum:
		return s.softmax(v)
	case ir.Div:
		if s.a.isCorrection(v) {
			return Interval{Lo: 1, Hi: 2}, true
		}
	}
	return Interval{}, false
}

// difference knows a - a and a - max(a).
func (s *scope) difference(v *ir.Value) (Interval, bool) {
	x, y := s.of(v.Args[0]), s.of(v.Args[1])
	r := s.a.sub(x, y)
	a, b := strip(v.Args[0]), strip(v.Args[1])
	switch {
	case s.a.same(a, b):
		return Interval{NaN: x.NaN || x.infinite()}, true
	case x.NaN: // compares with nothing
	case b.Op == ir.MaxOf && b.Mask() == nil && s.a.same(a, b.Args[0]),
		b.Op == ir.Max && (s.a.same(a, b.Args[0]) || s.a.same(a, b.Args[1])):
		r.Hi = min(r.Hi, 0)
	}
	return r.tidy(), true
}

// softmax knows that one of the terms of sum(exp(a - max(a))) is 1.
func (s *scope) softmax(v *ir.Value) (Interval, bool) {
	e := strip(v.Args[0])
	if e.Op != ir.Exp || v.Mask() != nil {
		return Interval{}, false
	}
	d := strip(e.Args[0])
	if d.Op != ir.Sub {
		return Interval{}, false
	}
	m := strip(d.Args[1])
	if m.Op != ir.MaxOf || m.Over != v.Over || m.Mask() != nil || !s.a.same(m.Args[0], d.Args[0]) || s.of(d).infinite() || s.of(d).NaN {
		return Interval{}, false
	}
	i := s.sum(v)
	i.Lo = max(i.Lo, 1)
	return i, true
}

// between knows a + (b - a)*t with t from 0 to 1, and a + (b - a)/n: values
// between a and b, up to the rounding of the larger.
func (s *scope) between(v *ir.Value) (Interval, bool) {
	for i, a := range v.Args {
		b := s.target(v.Args[1-i], a)
		if b == nil {
			continue
		}
		x, y := s.of(a), s.of(b)
		if x.NaN || y.NaN || x.infinite() || y.infinite() {
			continue
		}
		r := x.join(y)
		r.Nonzero = false
		slack := 0x1p-51 * r.magnitude()
		if r.Lo != 0 {
			r.Lo -= slack
		}
		if r.Hi != 0 {
			r.Hi += slack
		}
		return s.a.finite(r), true
	}
	return Interval{}, false
}

// target returns b if step is a part of the way from a to b.
func (s *scope) target(step, a *ir.Value) *ir.Value {
	step = strip(step)
	if step.Op != ir.Mul && step.Op != ir.Div {
		return nil
	}
	for i, d := range step.Args {
		d = strip(d)
		if d.Op != ir.Sub || !s.a.same(d.Args[1], a) || step.Op == ir.Div && i == 1 {
			continue
		}
		t := s.of(step.Args[1-i])
		if t.NaN || t.Lo < 0 || step.Op == ir.Mul && t.Hi > 1 || step.Op == ir.Div && t.Lo < 1 {
			continue
		}
		return d.Args[0]
	}
	return nil
}

// isCorrection knows n/(n - 1) of a count, the correction of a variance. A
// count of 1 is refused before anything is computed, so it is at most 2.
func (a *Analysis) isCorrection(v *ir.Value) bool {
	n, d := strip(v.Args[0]), strip(v.Args[1])
	counts := n.Op == ir.Count || n.Op == ir.Load && n.Leaf.Kind == ir.CountLeaf
	if !counts || d.Op != ir.Sub {
		return false
	}
	one := strip(d.Args[1])
	return a.same(n, d.Args[0]) && one.Op == ir.Const && one.F == 1
}
