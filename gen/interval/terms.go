package interval

import "github.com/normgen/normgen/gen/ir"

// A term is a summand of a sum.
type term struct {
	v        *ir.Value
	negative bool
}

// maxTerms bounds how much of a sum is compared, term with term.
const maxTerms = 16

// terms appends the summands of v.
func terms(list []term, v *ir.Value, negative bool) []term {
	v = strip(v)
	switch {
	case len(list) >= maxTerms:
		return list
	case v.Op == ir.Add:
		return terms(terms(list, v.Args[0], negative), v.Args[1], negative)
	case v.Op == ir.Sub:
		return terms(terms(list, v.Args[0], negative), v.Args[1], !negative)
	case v.Op == ir.Neg:
		return terms(list, v.Args[0], !negative)
	case v.Op == ir.Mul && isNegated(v.Args[0]):
		return append(list, term{v, !negative})
	}
	return append(list, term{v, negative})
}

func isNegated(v *ir.Value) bool { return strip(v).Op == ir.Neg }

// A factor is a value in a product, or its inverse.
type factor struct {
	v       *ir.Value
	inverse bool
}

// factors appends the factors of v.
func factors(list []factor, v *ir.Value, inverse bool) []factor {
	v = strip(v)
	switch {
	case len(list) >= maxTerms:
		return list
	case v.Op == ir.Mul:
		return factors(factors(list, v.Args[0], inverse), v.Args[1], inverse)
	case v.Op == ir.Div:
		return factors(factors(list, v.Args[0], inverse), v.Args[1], !inverse)
	case v.Op == ir.Neg: // its sign is the term's
		return factors(list, v.Args[0], inverse)
	}
	return append(list, factor{v, inverse})
}

// uncommon returns the factors that x and y do not share, and whether they
// share any.
func (a *Analysis) uncommon(x, y []factor) (p, q []factor, shared bool) {
	count := map[[2]any]int{}
	for _, f := range y {
		count[a.name(f)]++
	}
	for _, f := range x {
		if k := a.name(f); count[k] > 0 {
			count[k]--
			shared = true
		} else {
			p = append(p, f)
		}
	}
	for _, f := range y {
		if k := a.name(f); count[k] > 0 {
			count[k]--
			q = append(q, f)
		}
	}
	return p, q, shared
}

func (a *Analysis) name(f factor) [2]any { return [2]any{a.key(f.v), f.inverse} }

// squareOf returns x where v is x^2 or x*x, else nil.
func (a *Analysis) squareOf(v *ir.Value) *ir.Value {
	v = strip(v)
	switch {
	case v.Op == ir.Mul && a.same(v.Args[0], v.Args[1]):
		return v.Args[0]
	case v.Op == ir.Pow:
		if p := strip(v.Args[1]); p.Op == ir.Const && p.F == 2 {
			return v.Args[0]
		}
	}
	return nil
}

// meanOf returns x where v is mean(x), sum(x)/n or sum(x)*(1/n), else nil.
func meanOf(v *ir.Value) *ir.Value {
	v = strip(v)
	switch v.Op {
	case ir.Mean:
		return v.Args[0]
	case ir.Div, ir.Mul:
		for i, a := range v.Args {
			if s := strip(a); s.Op == ir.Sum && v.Args[1-i].Axes&s.Over == 0 && (v.Op == ir.Mul || i == 0) && isUniform(v.Args[1-i]) {
				return s.Args[0]
			}
		}
	}
	return nil
}

// isUniform reports whether v is made of numbers, knobs, sizes and counts.
func isUniform(v *ir.Value) bool {
	if v.Op == ir.Load {
		return v.Leaf.Kind == ir.KnobLeaf || v.Leaf.Kind == ir.CountLeaf
	}
	if v.Op == ir.Count {
		return true
	}
	if v.Op.Reduces() {
		return false
	}
	for _, a := range v.Args {
		if !isUniform(a) {
			return false
		}
	}
	return true
}
