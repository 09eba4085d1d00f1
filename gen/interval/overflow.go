package interval

import (
	"fmt"
	"math"

	"github.com/normgen/normgen/gen/ir"
)

// overflow finds a NaN that an exponential makes by overflowing. The bounds
// suspect; a witness convicts.
func (c *checker) overflow(v *ir.Value, s *scope) {
	if !s.transfer(v).NaN {
		return
	}
	infinite := false
	for _, a := range v.Args {
		i := s.of(a)
		if i.NaN {
			return
		}
		infinite = infinite || i.infinite()
	}
	if !infinite {
		return
	}
	at := c.witness(v)
	if at == "" {
		return
	}
	what := c.text(v)
	if c.notes {
		what = "the gradient"
	}
	c.report(Overflow, v, fmt.Sprintf("an infinite exp stays harmless, here exp overflows %s and %s is NaN, for example at %s",
		c.Name, what, at), "keep the argument of exp at or below zero, as in exp(a - max<C>(a)) or exp(-abs(a))")
}

// square notes a power whose operand may be so large that it overflows, and a
// product that overflows before it is divided.
func (c *checker) square(v *ir.Value, s *scope) {
	a, p := v, 2.0
	switch v.Op {
	case ir.Mul:
		if !c.same(v.Args[0], v.Args[1]) {
			return
		}
		a = v.Args[0]
	case ir.Pow:
		if e := s.of(v.Args[1]); !e.isPoint() || e.Lo <= 1 {
			return
		}
		a, p = v.Args[0], s.of(v.Args[1]).Lo
	case ir.Div:
		c.product(v, s)
		return
	default:
		return
	}
	limit := math.Pow(c.Max, 1/p)
	if s.of(a).magnitude() <= limit {
		return
	}
	name := c.text(a)
	c.report(Square, v, fmt.Sprintf("a power stays finite, %s overflows %s where |%s| > %.2g, and is 0 below %.2g; its root would be neither",
		c.text(v), c.Name, name, limit, math.Pow(c.Tiny/2, 1/p)),
		fmt.Sprintf("if such data is possible, scale it first, for example by max<C>(abs(%s))", name))
}

// product notes x*y/z where x*y overflows though the quotient need not.
func (c *checker) product(v *ir.Value, s *scope) {
	m := strip(v.Args[0])
	if m.Op != ir.Mul || c.same(m.Args[0], m.Args[1]) || s.of(v.Args[1]).isPoint() {
		return
	}
	x, y := m.Args[0], m.Args[1]
	if i, j := s.of(x), s.of(y); i.magnitude() <= 1 || j.magnitude() <= 1 || i.magnitude()*j.magnitude() <= c.Max {
		return
	}
	c.report(Square, v, fmt.Sprintf("a product stays finite, %s overflows %s before it is divided where it is beyond %.2g", c.text(m), c.Name, c.Max),
		fmt.Sprintf("divide first: %s*(%s/...)", c.text(x), c.text(y)))
}
