package pass

import "github.com/normgen/normgen/gen/ir"

// MaskWithin returns f where a sum over columns alone whose domain differs from
// column to column, such as the first k of a row, is the sum of a selection: a
// loop over a row need not branch. f stays as it is.
func MaskWithin(f *ir.Func, cols ir.Axes) *ir.Func {
	return rewrite(f.Clone(), func(g *ir.Func, v *ir.Value, args []*ir.Value) *ir.Value {
		if v.Op != ir.Sum || len(args) < 2 || !cols.Has(v.Over) || args[1].Axes&cols == 0 {
			return nil
		}
		kept := g.Select(args[1], args[0], g.Const(0))
		return g.Sum(kept, v.Over, nil)
	})
}
