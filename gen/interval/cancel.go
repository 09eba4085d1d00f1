package interval

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
)

// differences finds pairs of terms of a sum that cancel. The pair meets in the
// innermost sum that holds both.
func (c *checker) differences(v *ir.Value, s *scope) {
	c.pairs(v, func(x, y *ir.Value) bool {
		for _, d := range cancellations {
			if d.operands && !operands(v, x, y) {
				continue
			}
			if msg, help := d.find(c, s, x, y); msg != "" {
				c.report(d.kind, v, msg, help)
				return true
			}
		}
		return false
	})
}

// pairs calls fn with the terms of different operands of a sum v whose signs
// differ, the positive one first, until fn returns true.
func (c *checker) pairs(v *ir.Value, fn func(x, y *ir.Value) bool) {
	if v.Op != ir.Add && v.Op != ir.Sub {
		return
	}
	right := terms(v.Args[1], v.Op == ir.Sub)
	for _, x := range terms(v.Args[0], false) {
		for _, y := range right {
			switch {
			case x.negative == y.negative:
			case x.negative && fn(y.v, x.v), y.negative && fn(x.v, y.v):
				return
			}
		}
	}
}

// operands reports whether x and y are all of v, and not terms among others.
func operands(v, x, y *ir.Value) bool {
	for _, a := range v.Args {
		if a = strip(a); a.Op == ir.Neg {
			a = strip(a.Args[0])
		}
		if a != x && a != y {
			return false
		}
	}
	return true
}

// difference bounds from below a sum v that has a variance as a difference of
// means, which is not negative but for rounding: by the other terms.
func (c *checker) difference(v *ir.Value, s *scope) (lo float64, found bool) {
	var x, y *ir.Value
	c.pairs(v, func(p, q *ir.Value) bool {
		x, y = p, q
		found = c.variance(p, q) != nil
		return found
	})
	all := terms(v, false)
	if !found || len(all) == maxTerms { // there may be more
		return 0, false
	}
	for _, t := range all {
		switch i := s.of(t.v); {
		case t.v == x && !t.negative || t.v == y && t.negative:
		case t.negative != negated(t.v, maxSigns): // what its own factors leave
			lo -= i.Hi
		default:
			lo += i.Lo
		}
	}
	return lo, true
}

// variance returns z where x is mean(z^2) and y is mean(z)^2, else nil.
func (c *checker) variance(x, y *ir.Value) *ir.Value {
	m := c.squareOf(y)
	if m == nil || c.averaged(m) == nil || c.averaged(x) == nil {
		return nil
	}
	if z := c.squareOf(c.averaged(x)); z != nil && c.same(z, c.averaged(m)) {
		return z
	}
	return nil
}

// averaged is meanOf that also knows statistics, and states that keep running
// means.
func (c *checker) averaged(v *ir.Value) *ir.Value {
	if v = strip(v); v.Op == ir.Load {
		return c.averages[v.Leaf]
	}
	return meanOf(v)
}

// averages maps leaves that are means to what they are the mean of: the merged
// statistics that updates read, and the states that are updated by one of these
// and by nothing else of the batch.
func averages(l *ir.Layer) map[*ir.Leaf]*ir.Value {
	of := map[*ir.Leaf]*ir.Value{}
	for _, m := range l.Modes {
		for _, u := range m.Updates {
			for _, v := range u.Func.Values {
				s := statOf(u, v)
				if s == nil || s.Value.Op != ir.Mean {
					continue
				}
				of[v.Leaf] = s.Value.Args[0]
				if len(u.Stats) == 1 {
					of[u.State] = of[v.Leaf]
				}
			}
		}
	}
	return of
}

// cancellations are the differences x - y that lose their digits: what to
// report, and no message if x and y are not of that form.
var cancellations = []struct {
	kind     Kind
	operands bool // the operands themselves, not terms among others
	find     func(c *checker, s *scope, x, y *ir.Value) (msg, help string)
}{
	{OnePass, false, onePass},
	{Cancel, false, scaled},
	{Cancel, true, exponential},
	{Cancel, true, saturated},
	{Cancel, true, roots},
}

func onePass(c *checker, s *scope, x, y *ir.Value) (msg, help string) {
	z := c.variance(x, y)
	if z == nil {
		return
	}
	return fmt.Sprintf("a variance is a mean of squared distances, %s - %s cancels where the mean is large", c.text(x), c.text(y)),
		fmt.Sprintf("subtract the mean first: mean<...>((%s - mean)^2)", c.text(z))
}

// scaled is x*r - mean(x)*r.
func scaled(c *checker, s *scope, x, y *ir.Value) (msg, help string) {
	p, q, shared := c.uncommon(factors(x), factors(y))
	if !shared || len(p) != 1 || len(q) != 1 || p[0].inverse || q[0].inverse {
		return
	}
	z, m := p[0].v, q[0].v
	if !c.isMean(m, z) && !c.isMean(z, m) {
		return
	}
	return fmt.Sprintf("a mean is subtracted before anything is rounded, %s and its mean are scaled first and then cancel", c.text(data(z, m))),
		fmt.Sprintf("factor it out: (%s - %s)*...", c.text(z), c.text(m))
}

func (c *checker) isMean(m, z *ir.Value) bool {
	x := meanOf(m)
	return x != nil && c.same(x, z)
}

// data is the one of a value and its mean that varies over more axes.
func data(z, m *ir.Value) *ir.Value {
	if m.Axes.Has(z.Axes) {
		return m
	}
	return z
}

// exponential is exp(x) - 1 where x may be near zero.
func exponential(c *checker, s *scope, x, y *ir.Value) (msg, help string) {
	e := x
	if e.Op != ir.Exp {
		e, y = y, x
	}
	if e.Op != ir.Exp || !isOne(s.of(y)) || !s.of(e.Args[0]).zero() {
		return
	}
	arg := c.text(e.Args[0])
	return fmt.Sprintf("a difference keeps its digits, exp(%s) and 1 cancel where %s is near 0", arg, arg),
		"write tanh(a/2)*(exp(a) + 1) for exp(a) - 1"
}

// saturated is 1 - tanh(x) or 1 - erf(x) where that may be as good as 1.
func saturated(c *checker, s *scope, x, y *ir.Value) (msg, help string) {
	t := y
	if t.Op != ir.Tanh && t.Op != ir.Erf {
		t, x = x, y
	}
	if t.Op != ir.Tanh && t.Op != ir.Erf || !isOne(s.of(x)) || s.of(t).Hi < 1-c.Digits {
		return
	}
	help = "write 2/(1 + exp(2*a)) for 1 - tanh(a)"
	if t.Op == ir.Erf {
		help = "there is no erfc: bound the argument, or take a gate that keeps its tail, such as 2/(1 + exp(2*a))"
	}
	return fmt.Sprintf("a difference keeps its digits, 1 and %s cancel where %s is large", c.text(t), c.text(t.Args[0])), help
}

func isOne(i Interval) bool { return i.isPoint() && i.Lo == 1 }

// roots is sqrt(a) - sqrt(b) of the same data.
func roots(c *checker, s *scope, x, y *ir.Value) (msg, help string) {
	if x.Op != ir.Sqrt || y.Op != ir.Sqrt || c.same(x, y) || !sharesData(x, y) {
		return
	}
	return fmt.Sprintf("a difference keeps its digits, %s and %s cancel where they are close", c.text(x), c.text(y)),
		"write (a - b)/(sqrt(a) + sqrt(b)) for sqrt(a) - sqrt(b)"
}

// sharesData reports whether x and y depend on a common input or parameter.
func sharesData(x, y *ir.Value) bool {
	of := dataOf(x)
	for l := range dataOf(y) {
		if of[l] {
			return true
		}
	}
	return false
}

func dataOf(v *ir.Value) map[*ir.Leaf]bool {
	leaves, cone := map[*ir.Leaf]bool{}, map[*ir.Value]bool{}
	dependencies(v, cone)
	for w := range cone {
		if w.Op == ir.Load && w.Leaf.Kind != ir.KnobLeaf && w.Leaf.Kind != ir.MaskLeaf {
			leaves[w.Leaf] = true
		}
	}
	return leaves
}
