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
