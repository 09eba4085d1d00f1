package interval

import (
	"math"

	"github.com/normgen/normgen/gen/ir"
)

// operand bounds the elements that a reduction takes: of those that its mask
// leaves out it knows nothing.
func (s *scope) operand(v *ir.Value) Interval { return s.taken(v).of(v.Args[0]) }

// taken is the scope of the elements that v takes.
func (s *scope) taken(v *ir.Value) *scope {
	if m := v.Mask(); m != nil {
		return s.assume(m, true)
	}
	return s
}

func (s *scope) sum(v *ir.Value) Interval {
	x, n := s.operand(v), s.a.size(v.Over)
	r := Interval{Lo: x.Lo * n.Lo, Hi: x.Hi * n.Lo, NaN: x.NaN || x.mixed()}
	if x.Lo < 0 {
		r.Lo = x.Lo * n.Hi
	}
	if x.Hi > 0 {
		r.Hi = x.Hi * n.Hi
	}
	r.Nonzero = x.Nonzero && (x.Lo >= 0 || x.Hi <= 0)
	return s.orEmpty(v, s.a.settle(r.ulps(8), x), 0)
}

func (s *scope) mean(v *ir.Value) Interval {
	x := s.operand(v)
	r := x.ulps(8)
	r.NaN = x.NaN || x.mixed()
	r.Nonzero = false // the quotient may be too small
	return s.orEmpty(v, s.a.settle(r, x), 0)
}

func (s *scope) maxOf(v *ir.Value) Interval { return s.orEmpty(v, s.operand(v), math.Inf(-1)) }

// orEmpty adds the result of an empty domain.
func (s *scope) orEmpty(v *ir.Value, i Interval, empty float64) Interval {
	if v.Mask() == nil {
		return i
	}
	return i.join(point(empty))
}

// low bounds what rounding leaves of a mean.
func (s *scope) low(v *ir.Value) Interval {
	x := s.operand(v)
	d := x.magnitude() * s.a.Digits
	return Interval{Lo: -d, Hi: d, NaN: x.NaN || x.infinite()}
}

// squares bounds a sum of squared distances from the mean.
func (s *scope) squares(v *ir.Value) Interval {
	x, n := s.operand(v), s.a.size(v.Over)
	if x.infinite() {
		return Interval{Hi: math.Inf(1), NaN: true}
	}
	d := x.ulps(8).Hi - x.ulps(8).Lo
	return s.a.finite(Interval{Hi: d * d * n.Hi, NaN: x.NaN}.ulps(64))
}
