package pass

import (
	"math/bits"
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// multiply builds the product of ranks: a coefficient out of the narrower
// ones, as far as that stays below full, then the factors of full rank.
func (r *rebuild) multiply(ranks []*rank, full ir.Axes, neg bool) *ir.Value {
	var v *ir.Value
	if g := find(ranks, full); g != nil {
		ranks = slices.DeleteFunc(ranks, func(h *rank) bool { return h == g })
		ranks = r.merge(ranks, full)
		if len(ranks) == 1 && ranks[0].axes == 0 {
			g.inner, ranks = append(g.inner, r.product(ranks[0])), nil
		}
		v = r.product(g)
	} else {
		ranks = r.merge(ranks, full)
	}
	coefs := r.products(ranks, v == nil)
	if neg && len(coefs) > 0 {
		coefs[0] = r.emit(ir.Neg, coefs[0])
		neg = false
	}
	for len(coefs) > 0 {
		i := max(0, slices.IndexFunc(coefs, func(c *ir.Value) bool { return v != nil && r.has(v, c) }))
		v = r.times(v, coefs[i])
		coefs = slices.Delete(coefs, i, i+1)
	}
	if v == nil {
		v = r.number(1)
	}
	if neg {
		v = r.emit(ir.Neg, v)
	}
	return v
}

func (r *rebuild) times(v, c *ir.Value) *ir.Value {
	if v == nil {
		return c
	}
	return r.emit(ir.Mul, v, c)
}

// products builds each rank; those with sums first, if they start the product.
func (r *rebuild) products(ranks []*rank, start bool) []*ir.Value {
	if start {
		slices.SortStableFunc(ranks, func(a, b *rank) int { return first(b.summed) - first(a.summed) })
	}
	var out []*ir.Value
	for _, g := range ranks {
		out = append(out, r.product(g))
	}
	return out
}

// merge joins ranks while two of them together are narrower than full: one
// within the other first.
func (r *rebuild) merge(ranks []*rank, full ir.Axes) []*rank {
	for {
		i, j := nearest(ranks, full)
		if j == 0 {
			return ranks
		}
		g, h := ranks[i], ranks[j]
		ranks = slices.Delete(slices.Delete(ranks, j, j+1), i, i+1)
		if !h.axes.Has(g.axes) {
			h = &rank{axes: g.axes | h.axes, inner: r.products([]*rank{h}, true), summed: h.summed}
		}
		h.inner = append(h.inner, r.product(g))
		if g.summed && !h.summed {
			slices.Reverse(h.inner)
		}
		h.summed = h.summed || g.summed
		ranks = append(ranks, h)
		slices.SortStableFunc(ranks, narrower)
	}
}

// nearest returns the two ranks to join, i < j; zeros if there are none.
func nearest(ranks []*rank, full ir.Axes) (int, int) {
	bi, bj, best := 0, 0, 64
	for j, h := range ranks {
		for i, g := range ranks[:j] {
			u := g.axes | h.axes
			cost := bits.OnesCount32(uint32(u))
			if u != h.axes {
				cost += 32
			}
			if u != full && cost < best {
				bi, bj, best = i, j, cost
			}
		}
	}
	return bi, bj
}

// product multiplies the steps of one rank.
func (r *rebuild) product(g *rank) *ir.Value {
	var v *ir.Value
	v = r.chain(v, g.steps, sums)
	late := v == nil && len(g.inner) > 0 && len(g.steps) > 0
	if !late {
		v = r.all(v, g.inner)
	}
	v = r.chain(v, g.steps, plain)
	if late {
		v = r.all(v, g.inner)
	}
	v = r.chain(v, g.steps, roots)
	for _, c := range g.conds {
		v = r.emit(ir.Select, c, v, r.number(0))
	}
	return v
}

func (r *rebuild) all(v *ir.Value, inner []*ir.Value) *ir.Value {
	for _, c := range inner {
		v = r.times(v, c)
	}
	return v
}

// chain multiplies v by the steps of one class, divisions last.
func (r *rebuild) chain(v *ir.Value, steps []step, c class) *ir.Value {
	for _, div := range []bool{false, true} {
		for _, s := range steps {
			switch {
			case s.class != c || s.div != div:
			case !div:
				v = r.times(v, s.v)
			case v == nil:
				v = r.emit(ir.Div, r.number(1), s.v)
			default:
				v = r.emit(ir.Div, v, s.v)
			}
		}
	}
	return v
}
