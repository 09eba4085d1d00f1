package interval

import (
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// inverted reports whether sums of the logarithm v of f, or its means, have no use
// but exp, as in a geometric mean: what log makes of 0 comes back as 0.
func (c *checker) inverted(f *ir.Func, v *ir.Value) bool {
	exp := false
	for _, u := range f.Values {
		switch {
		case !slices.Contains(u.Args, v):
		case u.Op == ir.Exp, keepsInf(u.Op) && c.inverted(f, u):
			exp = true
		default:
			return false
		}
	}
	for _, o := range f.Outs {
		if o.Value == v && (o.Kind != ir.StatOut || !c.invertedStat(o.Name)) {
			return false
		}
		exp = exp || o.Value == v
	}
	return exp
}

// keepsInf reports whether op gives -Inf if one of its terms is -Inf, and the
// others are less than +Inf.
func keepsInf(op ir.Op) bool { return op == ir.Sum || op == ir.Mean || op == ir.Widen }

// invertedStat is inverted for a statistic, which updates read.
func (c *checker) invertedStat(name string) bool {
	read := false
	for _, u := range c.updates {
		for _, v := range u.Func.Values {
			if v.Op != ir.Load || v.Leaf.Kind != ir.StatLeaf || v.Leaf.Name != name {
				continue
			}
			if read = true; !c.inverted(u.Func, v) {
				return false
			}
		}
	}
	return read
}
