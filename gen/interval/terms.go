package interval

import "github.com/normgen/normgen/gen/ir"

// A term is a summand of a sum.
type term struct {
	v        *ir.Value
	negative bool
}

// maxTerms bounds how many terms of a sum are compared, maxNested how deep they
// lie in it, and maxSigns how deep the signs of a product.
const (
	maxTerms  = 16
	maxNested = 16
	maxSigns  = 4
)

// terms lists the summands of v.
func terms(v *ir.Value, negative bool) []term { return appendTerms(nil, v, negative, maxNested) }

func appendTerms(list []term, v *ir.Value, negative bool, depth int) []term {
	v = strip(v)
	switch {
	case len(list) == maxTerms:
		return list
	case depth == 0:
	case v.Op == ir.Add, v.Op == ir.Sub:
		list = appendTerms(list, v.Args[0], negative, depth-1)
		return appendTerms(list, v.Args[1], negative != (v.Op == ir.Sub), depth-1)
	case v.Op == ir.Neg:
		return appendTerms(list, v.Args[0], !negative, depth-1)
	default:
		negative = negative != negated(v, maxSigns)
	}
	return append(list, term{v, negative})
}

// negated reports whether the product v has an odd number of negated factors.
func negated(v *ir.Value, depth int) bool {
	switch v = strip(v); {
	case depth == 0:
	case v.Op == ir.Neg:
		return !negated(v.Args[0], depth-1)
	case v.Op == ir.Mul, v.Op == ir.Div:
		return negated(v.Args[0], depth-1) != negated(v.Args[1], depth-1)
	}
	return false
}

// A factor is a value in a product, or its inverse.
type factor struct {
	v       *ir.Value
	inverse bool
}

// factors lists the factors of v.
func factors(v *ir.Value) []factor { return appendFactors(nil, v, false, maxNested) }

func appendFactors(list []factor, v *ir.Value, inverse bool, depth int) []factor {
	v = strip(v)
	switch {
	case len(list) == maxTerms:
		return list
	case depth == 0:
	case v.Op == ir.Mul, v.Op == ir.Div:
		list = appendFactors(list, v.Args[0], inverse, depth-1)
		return appendFactors(list, v.Args[1], inverse != (v.Op == ir.Div), depth-1)
	case v.Op == ir.Neg: // its sign is the term's
		return appendFactors(list, v.Args[0], inverse, depth-1)
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
	cone := map[*ir.Value]bool{}
	dependencies(v, cone)
	for w := range cone {
		if w.Op == ir.Load && w.Leaf.Kind != ir.KnobLeaf && w.Leaf.Kind != ir.CountLeaf && w.Leaf.Kind != ir.MaskLeaf {
			return false
		}
	}
	return true
}
