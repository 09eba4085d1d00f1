package pass

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// The order of evaluation of a monomial. Factors that vary over the same axes
// are multiplied at that rank, and a narrower product is multiplied into a
// wider one as long as that is not the full tensor. Within a rank sums come
// first and reciprocal roots last, one at a time: the cube of a reciprocal root
// alone may underflow where the whole product does not.

// A class orders the steps of a product.
type class uint8

const (
	sums class = iota
	plain
	roots
)

// A step multiplies by v, or divides by it.
type step struct {
	v     *ir.Value
	div   bool
	class class
}

// A rank is the product of the factors over the same axes.
type rank struct {
	axes   ir.Axes
	steps  []step
	inner  []*ir.Value // products of narrower ranks
	conds  []*ir.Value // select what the product is, against 0
	summed bool        // has a sum in it
}

// term builds a monomial at the axes it varies over.
func (r *rebuild) term(t term) *ir.Value {
	var full ir.Axes
	for _, f := range t.fs {
		if !f.n.ind {
			full |= f.n.axes
		}
	}
	ranks, outer := r.ranks(t, full)
	neg := t.c == -1 && (len(ranks) == 0 || ranks[0].axes != 0)
	if c := t.c; c != 1 && !neg {
		ranks = r.scaled(ranks, c)
	}
	v := r.multiply(ranks, full, neg)
	for _, m := range outer {
		v = r.emit(ir.Select, m, v, r.number(0))
	}
	return v
}

// ranks sorts the factors of t by their axes, narrowest first. The conditions
// that outer selects by belong to masks, or fit no narrower rank.
func (r *rebuild) ranks(t term, full ir.Axes) (ranks []*rank, outer []*ir.Value) {
	for _, f := range ordered(r.joinCounts(t.fs)) {
		if f.n.ind {
			continue
		}
		ranks = at(ranks, f.n.axes)
		g := find(ranks, f.n.axes)
		g.steps = append(g.steps, r.steps(f)...)
		g.summed = g.summed || f.n.op.Reduces()
	}
	for _, f := range t.fs {
		if !f.n.ind {
			continue
		}
		i := slices.IndexFunc(ranks, func(g *rank) bool { return g.axes.Has(f.n.axes) && g.axes != full })
		if f.n.masky || i < 0 {
			outer = append(outer, r.atom(f.n))
		} else {
			ranks[i].conds = append(ranks[i].conds, r.atom(f.n))
		}
	}
	return ranks, outer
}

// joinCounts makes one count of the counts of single axes in fs with equal powers.
func (r *rebuild) joinCounts(fs []factor) []factor {
	var out []factor
	over := map[int]int{} // by power: position in out
	for _, f := range fs {
		if f.n.op != ir.Count || len(f.n.args) > 0 {
			out = append(out, f)
			continue
		}
		i, ok := over[f.half]
		if !ok {
			over[f.half] = len(out)
			out = append(out, f)
			continue
		}
		n := *out[i].n
		n.over |= f.n.over
		n.value = nil
		out[i].n = &n
	}
	return out
}

// ordered puts factors with a cotangent first.
func ordered(fs []factor) []factor {
	out := slices.Clone(fs)
	slices.SortStableFunc(out, func(a, b factor) int { return first(b.n.cotangent) - first(a.n.cotangent) })
	return out
}

func first(b bool) int {
	if b {
		return 1
	}
	return 0
}

func find(ranks []*rank, axes ir.Axes) *rank {
	for _, g := range ranks {
		if g.axes == axes {
			return g
		}
	}
	return nil
}

// at adds the rank of axes, if it is not there.
func at(ranks []*rank, axes ir.Axes) []*rank {
	if find(ranks, axes) == nil {
		ranks = append(ranks, &rank{axes: axes})
		slices.SortFunc(ranks, narrower)
	}
	return ranks
}

func narrower(a, b *rank) int {
	return cmp.Or(cmp.Compare(bits.OnesCount32(uint32(a.axes)), bits.OnesCount32(uint32(b.axes))), cmp.Compare(a.axes, b.axes))
}

// scaled multiplies the uniform factors by c, before them.
func (r *rebuild) scaled(ranks []*rank, c float64) []*rank {
	ranks = at(ranks, 0)
	g := find(ranks, 0)
	g.steps = slices.Insert(g.steps, 0, step{r.number(c), false, plain})
	return ranks
}

// steps multiplies by a power of an atom.
func (r *rebuild) steps(f factor) []step {
	v := r.atom(f.n)
	s := step{v, f.half < 0, plain}
	if f.n.op.Reduces() {
		s.class = sums
	}
	n := f.half / 2
	var out []step
	switch {
	case f.half < 0 && f.n.rsqrt:
		s, n = step{r.emit(ir.Rsqrt, v), false, roots}, -f.half
	case f.half < 0:
		s.class, n = plain, -n
	case f.half%2 != 0:
		out = append(out, step{r.emit(ir.Sqrt, v), false, plain})
	}
	for range n {
		out = append(out, s)
	}
	return out
}

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
