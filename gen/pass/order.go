package pass

import (
	"fmt"
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// The order of evaluation of a polynomial. Full tensors cost, so terms are
// gathered by their factors of full rank, and the coefficient of these is
// summed at the rank it has. Signs move outwards, into a Sub.

// poly builds p at the axes it varies over.
func (r *rebuild) poly(p poly) *ir.Value {
	v, neg := r.signed(p)
	if neg {
		v = r.emit(ir.Neg, v)
	}
	r.name(v, p)
	return v
}

// signed builds p or its negative, whichever is cheaper, and says which.
func (r *rebuild) signed(p poly) (*ir.Value, bool) {
	if v := r.knownMean(p); v != nil {
		return v, false
	}
	switch len(p) {
	case 0:
		return r.number(0), false
	case 1:
		return r.term(p[0]), false
	}
	var s summing
	for _, part := range byMask(p) {
		if len(part.by) == 0 {
			r.unmasked(part.p, &s)
			continue
		}
		var t summing
		r.unmasked(part.p, &t)
		v, neg := t.join(r)
		for _, m := range part.by {
			v = r.emit(ir.Select, r.atom(m.n), v, r.number(0))
		}
		s.add(r, v, neg, part.p.cotangent(p.axes()))
	}
	return s.join(r)
}

// knownMean is the mean that a live deviation subtracts, if p is one.
func (r *rebuild) knownMean(p poly) *ir.Value {
	means := r.means[p.key()]
	if len(means) == 0 {
		return nil
	}
	for _, n := range r.list {
		c := n.centre
		if c != nil && n.live && slices.ContainsFunc(means, c.equal) {
			return r.meanOf(c)
		}
	}
	return nil
}

// A summing is two sums so far or their negatives: terms with a cotangent,
// which come first, and the rest.
type summing struct{ first, rest signed }

type signed struct {
	v   *ir.Value
	neg bool
}

func (s *summing) add(r *rebuild, v *ir.Value, neg, first bool) {
	if first {
		s.first.add(r, signed{v, neg})
	} else {
		s.rest.add(r, signed{v, neg})
	}
}

func (s *summing) join(r *rebuild) (*ir.Value, bool) {
	s.first.add(r, s.rest)
	return s.first.v, s.first.neg
}

func (s *signed) add(r *rebuild, t signed) {
	switch {
	case t.v == nil:
	case s.v == nil:
		*s = t
	case s.neg == t.neg:
		s.v = r.emit(ir.Add, s.v, t.v)
	case s.neg:
		s.v, s.neg = r.emit(ir.Sub, t.v, s.v), false
	default:
		s.v = r.emit(ir.Sub, s.v, t.v)
	}
}

// unmasked adds to s the terms of p, gathered by their full factors.
func (r *rebuild) unmasked(p poly, s *summing) {
	all := p.axes()
	for _, part := range byFull(p) {
		first := part.p.cotangent(all) || term{fs: part.by}.cotangent(all)
		if len(part.p) > 1 && part.p.axes() != all {
			v, neg := r.signed(part.p)
			if len(part.by) > 0 {
				v = r.emit(ir.Mul, r.term(term{1, part.by}), v)
			}
			s.add(r, v, neg, first)
			continue
		}
		for _, t := range part.p {
			neg := t.c < 0
			if neg {
				t.c = -t.c
			}
			for _, f := range part.by {
				t.fs = insert(slices.Clone(t.fs), f)
			}
			s.add(r, r.term(t), neg, first)
		}
	}
}

// cotangent reports whether t has a factor of full rank that depends on a
// cotangent element by element.
func (t term) cotangent(all ir.Axes) bool {
	return slices.ContainsFunc(t.fs, func(f factor) bool { return f.n.cotangent && f.n.axes == all })
}

func (p poly) cotangent(all ir.Axes) bool {
	return slices.ContainsFunc(p, func(t term) bool { return t.cotangent(all) })
}

// A part is terms with common factors, which are taken out of them.
type part struct {
	by []factor
	p  poly
}

// byMask gathers the terms of p that the same indicators select: of masks,
// which must select at full rank to keep padding out, and of full rank.
func byMask(p poly) []part {
	all := p.axes()
	parts := gather(p, func(f factor) bool { return f.n.ind && (f.n.masky || f.n.axes == all) }, func(term) string { return "" })
	slices.SortStableFunc(parts, func(a, b part) int { return len(a.by) - len(b.by) })
	return parts
}

// byFull gathers the terms of p with the same factors of full rank: those with
// a cotangent first, those without such factors, by their axes, last.
func byFull(p poly) []part {
	all := p.axes()
	parts := gather(p, func(f factor) bool { return f.n.axes == all && !f.n.ind }, func(t term) string { return fmt.Sprint(t.axes()) })
	turn := func(p part) int {
		switch {
		case (term{fs: p.by}).cotangent(all) || p.p.cotangent(all):
			return 0
		case len(p.by) > 0:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(parts, func(a, b part) int { return turn(a) - turn(b) })
	return parts
}

// gather takes the factors that common accepts out of the terms of p; terms
// without any are told apart by other.
func gather(p poly, common func(factor) bool, other func(term) string) []part {
	index := map[string]int{}
	var out []part
	for _, t := range p {
		by, rest := term{}, term{c: t.c}
		for _, f := range t.fs {
			if common(f) {
				by.fs = append(by.fs, f)
			} else {
				rest.fs = append(rest.fs, f)
			}
		}
		k := by.key()
		if len(by.fs) == 0 {
			k = other(t)
		}
		i, ok := index[k]
		if !ok {
			i = len(out)
			index[k] = i
			out = append(out, part{by: by.fs})
		}
		out[i].p = append(out[i].p, rest)
	}
	return out
}
