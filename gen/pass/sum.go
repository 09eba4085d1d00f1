package pass

import (
	"math/bits"

	"github.com/normgen/normgen/gen/ir"
)

// The rules of sums, by their numbers in the design:
//
//	R1  a factor free of the summed axes moves out
//	R2  summing 1 counts
//	R3  deviations from a mean sum to zero over its domain
//	R7  a sum over A and B of k*e, k free of B, is the sum over A of k times
//	    the sum over B of e
//
// R4 and R6, the variance and the powers of its root, need no rule: equal
// sums are one atom.

// maskOf returns the condition of a reduction's operands, or nil.
func (a *algebra) maskOf(x []poly) poly {
	if len(x) == 0 {
		return nil
	}
	return x[len(x)-1]
}

// masked is a reduction's operand times the indicator of its mask.
func (a *algebra) masked(x []poly) poly {
	if len(x) == 1 {
		return x[0]
	}
	return a.multiply(x[0], a.indicator(x[1]))
}

// cardinality is the number of elements over axes: a product, one axis each,
// so that counts of overlapping domains share.
func (a *algebra) cardinality(over ir.Axes) poly {
	out := number(1)
	for i := 0; over>>i != 0; i++ {
		if over>>i&1 == 1 {
			out = out.times(single(a.intern(node{op: ir.Count, over: 1 << i}), 2))
		}
	}
	return out
}

func (a *algebra) count(over ir.Axes, mask poly) poly {
	if c, ok := mask.constant(); mask == nil || ok && c != 0 {
		return a.cardinality(over)
	} else if ok {
		return number(1)
	}
	return single(a.intern(node{op: ir.Count, over: over, args: []poly{mask}, axes: mask.axes() &^ over}), 2)
}

// mean remembers what it is the mean of, for whoever subtracts it. The axes that
// neither the operand nor the mask varies over are left out, as the mean is the same
// without them. What does not vary over all the others has no deviations, element by
// element, that [Center] could take moments of.
func (a *algebra) mean(v *ir.Value, x []poly) poly {
	mask := a.maskOf(x[1:])
	c := centre{e: x[0], over: v.Over & (x[0].axes() | mask.axes())}
	if len(x) == 2 {
		if m := a.indicator(mask); len(m) == 1 && len(m[0].fs) == 1 {
			c.mask = m[0].fs[0].n
		}
	}
	p := a.multiply(a.sum(a.masked(x), v.Over), a.power(a.count(v.Over, mask), -2))
	if c.over != 0 && c.e.axes().Has(c.over) && !a.knows(p, c) {
		a.means[p.key()] = append(a.means[p.key()], c)
	}
	return p
}

func (a *algebra) knows(p poly, c centre) bool {
	for _, d := range a.means[p.key()] {
		if d.over == c.over && d.mask == c.mask && d.e.key() == c.e.key() {
			return true
		}
	}
	return false
}

// squares is the sum of squared deviations.
func (a *algebra) squares(v *ir.Value, x []poly) poly {
	m := a.mean(v, x)
	d := a.add(&ir.Value{Atom: true}, []poly{x[0], m.scale(-1)})
	y := append([]poly{a.power(d, 4)}, x[1:]...)
	return a.sum(a.masked(y), v.Over)
}

func (a *algebra) sum(p poly, over ir.Axes) poly {
	var out poly
	for _, t := range p {
		out = out.plus(a.sumTerm(t, over))
	}
	return out
}

func (a *algebra) sumTerm(t term, over ir.Axes) poly {
	if deviates(t, over) {
		return nil
	}
	out, in := term{c: t.c}, term{c: 1}
	for _, f := range t.fs {
		if f.n.axes&over == 0 {
			out.fs = append(out.fs, f)
		} else {
			in.fs = append(in.fs, f)
		}
	}
	free := over &^ in.axes()
	p := poly{out}.times(a.cardinality(free))
	if over &^= free; over == 0 {
		return p
	}
	if b := split(in, over); b != 0 {
		return p.times(a.nested(in, over, b))
	}
	return p.times(single(a.intern(node{op: ir.Sum, over: over, args: []poly{{in}}, axes: in.axes() &^ over}), 2))
}

// deviates reports whether t sums to zero (R3): a deviation over the domain of
// its mean, with factors that are constant there.
func deviates(t term, over ir.Axes) bool {
	for _, f := range t.fs {
		if c := f.n.centre; c != nil && f.half == 2 && over.Has(c.over) && alone(t, f.n, c) {
			return true
		}
	}
	return false
}

// alone reports whether only n varies over its domain, whose mask is present.
func alone(t term, n *node, c *centre) bool {
	masked := c.mask == nil
	for _, f := range t.fs {
		switch {
		case f.n == n:
		case f.n == c.mask:
			masked = true
		case f.n.axes&c.over != 0:
			return false
		}
	}
	return masked
}

// split returns the axes to sum over first: those that the factor free of most
// of them is free of. Masks do not count: a masked sum stays one sum.
func split(t term, over ir.Axes) ir.Axes {
	var best ir.Axes
	for _, f := range t.fs {
		free := over &^ f.n.axes
		if f.n.ind || bits.OnesCount32(uint32(free)) <= bits.OnesCount32(uint32(best)) {
			continue
		}
		best = free
	}
	return best
}

// nested sums t over b first, without the factors free of it, then over the rest.
func (a *algebra) nested(t term, over, b ir.Axes) poly {
	return a.sum(a.sumTerm(t, b), over&^b)
}
