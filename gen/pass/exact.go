package pass

import "github.com/normgen/normgen/gen/ir"

// Exact is what [Default] is without what it does for rounding's sake: for
// people, who read a formula as exact.
var Exact = []Pass{
	{"fold", Fold},
	{"dce", DCE},
	{"sums", Sums},
	{"means", Means},
	{"fold", Fold},
	{"cse", CSE},
	{"dce", DCE},
}

// Means writes a mean as the sum over the count, as Sums writes most of them,
// so that equal means are equal values.
func Means(f *ir.Func) *ir.Func {
	return rewrite(f, func(g *ir.Func, v *ir.Value, args []*ir.Value) *ir.Value {
		if v.Op != ir.Mean {
			return nil
		}
		mask := append(args, nil)[1]
		return g.Mul(g.Sum(args[0], v.Over, mask), g.Div(g.Const(1), g.Count(v.Over, mask)))
	})
}
