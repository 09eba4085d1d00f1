package pass

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/normgen/normgen/gen/ir"
)

// The algebra works on sums of monomials: a coefficient times powers k/2 of
// atoms. Products, quotients, powers and roots expand into it; so do the sums
// that derivation adds. A sum or difference that the spec writes is an atom, so
// that a centred x - mean is never torn into parts that cancel.
//
// Atoms are numbered in order of first use and compared by structure, so equal
// expressions have equal polynomials and equal keys.

// A node is an atom.
type node struct {
	id   int
	op   ir.Op // Invalid: a box, the polynomial args[0] kept whole, to be raised to a power
	args []poly
	axes ir.Axes
	over ir.Axes
	leaf *ir.Leaf

	ind bool  // 1 where the condition args[0] holds, else 0
	not *node // the opposite indicator, if there is one

	centre *centre // op Add: e - mean(e)

	cotangent bool // an element depends on the same element of a cotangent
	masky     bool // depends on masks, positions and uniform values only
	live      bool
	rsqrt     bool // some power of it is a negative odd number of halves

	line  int
	value *ir.Value // once rebuilt
}

// A centre says what an atom is the deviation of: e over a domain.
type centre struct {
	e    poly
	over ir.Axes
	mask *node // indicator, or nil
}

type factor struct {
	n    *node
	half int // the power, in halves
}

// A term's factors are in order of node number.
type term struct {
	c  float64
	fs []factor
}

// A poly has no two terms of equal factors and no zero coefficient.
type poly []term

func number(c float64) poly {
	if c == 0 {
		return nil
	}
	return poly{{c: c}}
}

func single(n *node, half int) poly { return poly{{1, []factor{{n, half}}}} }

// constantOf returns the number that p is.
func (p poly) constant() (float64, bool) {
	switch {
	case len(p) == 0:
		return 0, true
	case len(p) == 1 && len(p[0].fs) == 0:
		return p[0].c, true
	}
	return 0, false
}

// atom returns the node that p is, or nil.
func (p poly) atom() *node {
	if len(p) == 1 && p[0].c == 1 && len(p[0].fs) == 1 && p[0].fs[0].half == 2 {
		return p[0].fs[0].n
	}
	return nil
}

func (t term) axes() ir.Axes {
	var a ir.Axes
	for _, f := range t.fs {
		a |= f.n.axes
	}
	return a
}

func (p poly) axes() ir.Axes {
	var a ir.Axes
	for _, t := range p {
		a |= t.axes()
	}
	return a
}

// key writes the factors of t.
func (t term) key() string {
	var b strings.Builder
	for _, f := range t.fs {
		fmt.Fprintf(&b, "%d^%d ", f.n.id, f.half)
	}
	return b.String()
}

// key is equal for equal polynomials, whatever the order of their terms.
func (p poly) key() string {
	keys := make([]string, len(p))
	for i, t := range p {
		keys[i] = fmt.Sprintf("%x*%s", t.c, t.key())
	}
	slices.Sort(keys)
	return strings.Join(keys, "+")
}

func (p poly) plus(q poly) poly {
	out := slices.Clone(p)
	for _, t := range q {
		i := slices.IndexFunc(out, func(s term) bool { return slices.Equal(s.fs, t.fs) })
		if i < 0 {
			out = append(out, t)
			continue
		}
		out[i].c += t.c
		if out[i].c == 0 {
			out = slices.Delete(out, i, i+1)
		}
	}
	return out
}

func (p poly) scale(c float64) poly {
	if c == 0 {
		return nil
	}
	out := slices.Clone(p)
	for i := range out {
		out[i].c *= c
	}
	return out
}

func (p poly) times(q poly) poly {
	var out poly
	for _, s := range p {
		for _, t := range q {
			out = out.plus(s.times(t))
		}
	}
	return out
}

// times multiplies two monomials. An indicator is its own square, and nothing
// is left of it and its opposite.
func (t term) times(u term) poly {
	fs := slices.Clone(t.fs)
	for _, f := range u.fs {
		fs = insert(fs, f)
	}
	for _, f := range fs {
		if f.n.ind && f.n.not != nil && slices.ContainsFunc(fs, func(g factor) bool { return g.n == f.n.not }) {
			return nil
		}
	}
	if t.c*u.c == 0 {
		return nil
	}
	return poly{{t.c * u.c, fs}}
}

func insert(fs []factor, f factor) []factor {
	i, found := slices.BinarySearchFunc(fs, f, func(a, b factor) int { return a.n.id - b.n.id })
	switch {
	case !found:
		return slices.Insert(fs, i, f)
	case f.n.ind:
		return fs
	case fs[i].half+f.half == 0:
		return slices.Delete(fs, i, i+1)
	}
	fs[i].half += f.half
	return fs
}

// power raises a monomial to half/2; false if that is not a monomial.
func (t term) power(half int) (term, bool) {
	if half%2 != 0 && (t.c != 1 || len(t.fs) != 1 || t.fs[0].half != 2) {
		return term{}, false
	}
	out := term{c: math.Pow(t.c, float64(half)/2)}
	for _, f := range t.fs {
		if f.n.ind && half < 0 {
			return term{}, false
		}
		h := f.half * half / 2
		if f.n.ind {
			h = 2
		}
		out.fs = append(out.fs, factor{f.n, h})
	}
	return out, true
}

func (c *centre) equal(d centre) bool {
	return d.over == c.over && d.mask == c.mask && d.e.key() == c.e.key()
}
