package interval

import (
	"fmt"
	"math"

	"github.com/normgen/normgen/gen/ir"
)

// A domain is what an operation asks of one operand.
type domain struct {
	kind     Kind
	operand  int
	rule     string
	positive bool // above zero; otherwise only not zero
	zeroToo  bool // zero is allowed
}

// domainOf returns what v asks of an operand, or nil.
func domainOf(v *ir.Value, p Interval) *domain {
	switch v.Op {
	case ir.Rsqrt:
		return &domain{RsqrtZero, 0, "the argument of rsqrt stays above zero", true, false}
	case ir.Log:
		return &domain{LogZero, 0, "the argument of log stays above zero", true, false}
	case ir.Sqrt:
		return &domain{Root, 0, "the argument of sqrt is not negative", true, true}
	case ir.Div:
		return &domain{DivZero, 1, "a divisor stays away from zero", false, false}
	case ir.Mod:
		return &domain{DivZero, 1, "the second argument of mod stays away from zero", false, false}
	case ir.Pow:
		whole := p.isPoint() && p.Lo == math.Floor(p.Lo)
		switch {
		case p.Lo < 0 && whole:
			return &domain{DivZero, 0, "the base of a negative power stays away from zero", false, false}
		case p.Lo < 0:
			return &domain{DivZero, 0, "the base of a negative power stays above zero", true, false}
		case !whole:
			return &domain{Root, 0, "the base of a fractional power is not negative", true, true}
		}
	}
	return nil
}

// domain is domainOf under the bounds of s, nil where the correction of a
// variance is divided by its count less one.
func (c *checker) domain(v *ir.Value, s *scope) *domain {
	var p Interval
	switch v.Op {
	case ir.Pow:
		p = s.of(v.Args[1])
	case ir.Div:
		if c.isCorrection(v) {
			return nil
		}
	}
	return domainOf(v, p)
}

// allows reports whether every value of i is in d once it is stored.
func (d *domain) allows(f Format, i Interval) bool {
	return !(d.positive && i.Lo < 0) && (d.zeroToo || !f.reachesZero(i))
}

func (c *checker) zero(v *ir.Value, s *scope) {
	d := c.domain(v, s)
	if d == nil {
		return
	}
	a := v.Args[d.operand]
	i := s.of(a)
	if d.allows(c.Format, i) || d.kind == LogZero && i.Lo >= 0 && c.inverted(c.f, v) {
		return
	}
	c.report(d.kind, v, d.rule+", "+c.reaches(d, a, i), d.help(strip(a), i))
}

// reaches says how far the operand a goes.
func (c *checker) reaches(d *domain, a *ir.Value, i Interval) string {
	what := c.text(a) + given(a)
	switch {
	case d.positive && i.Lo < 0:
		return fmt.Sprintf("%s %s and may be negative", what, i.bounds())
	case i.zero():
		return fmt.Sprintf("%s %s and may be 0", what, i.bounds())
	}
	c.explain(a)
	return fmt.Sprintf("%s may be as small as %.3g, which is 0 in %s", what, i.smallest(), c.Name)
}

// help says what to write instead.
func (d *domain) help(a *ir.Value, i Interval) string {
	state := a.Op == ir.Load && a.Leaf.Kind == ir.StateLeaf
	switch {
	case state && a.Leaf.Min == nil && !d.zeroToo:
		return fmt.Sprintf("declare the state where %s > 0, or add a positive constant to its square", a.Leaf.Name)
	case d.positive && i.Lo < 0 && d.zeroToo:
		return "take the root of what cannot be negative: a square, max(..., 0), a state with where ... >= 0"
	case d.positive && i.Lo < 0:
		return "add a positive constant to a value that cannot be negative, such as a square or a state with where ... >= 0"
	case i.Lo < 0:
		return "divide by what cannot be zero, for example max(abs(...), 1e-5)"
	case i.zero() && a.Op == ir.Sum && strip(a.Args[0]).Op == ir.Exp:
		return "subtract the largest first, exp(a - max<C>(a)): then one of the terms is 1"
	case zeroKnob(a) != "":
		return fmt.Sprintf("give %s a positive default, for example 1e-5", zeroKnob(a))
	case i.zero():
		return "add a positive constant, for example ... + 1e-5"
	}
	return "add a larger constant, for example 1e-5"
}

// zeroKnob is the knob that a adds though it is 0 by default, or "".
func zeroKnob(a *ir.Value) string {
	if a.Op != ir.Add {
		return ""
	}
	for _, k := range a.Args {
		if x, ok := number(strip(k)); ok && x == 0 {
			return strip(k).Name
		}
	}
	return ""
}

// mended bounds v as if it were called in its domain.
func (c *checker) mended(v *ir.Value, s *scope) (Interval, bool) {
	i := s.of(v)
	if lo, ok := c.difference(v, s); ok && i.Lo < lo {
		return i.meet(Interval{Lo: lo, Hi: math.Inf(1)}), true
	}
	d := c.domain(v, s)
	if d == nil {
		return i, false
	}
	a := s.of(v.Args[d.operand])
	if d.allows(c.Format, a) {
		return i, false
	}
	if d.positive {
		a = a.meet(Interval{Lo: 0, Hi: math.Inf(1), NaN: true, Nonzero: !d.zeroToo})
	} else {
		a.Nonzero = true
		a = a.tidy()
	}
	in := c.scope(s, 0)
	for _, b := range v.Args {
		in.known[c.key(b)] = s.of(b)
	}
	in.known[c.key(v.Args[d.operand])] = a
	m := c.finite(in.transfer(v))
	m.NaN = false
	if d.kind == RsqrtZero {
		m.Nonzero = true
	}
	return m.tidy(), true
}
