package pass

import "github.com/normgen/normgen/gen/ir"

// MaskWithin returns f where a sum whose domain differs from element to element of
// a row or an array, such as the first k of a row or a place in a ring of
// statistics, is the sum of a selection: a loop need not branch. f stays as it is.
func MaskWithin(f *ir.Func, rows ir.Axes) *ir.Func {
	return rewrite(f.Clone(), func(g *ir.Func, v *ir.Value, args []*ir.Value) *ir.Value {
		if v.Op != ir.Sum || len(args) < 2 || args[1].Axes&^rows == 0 {
			return nil
		}
		kept := g.Select(args[1], args[0], g.Const(0))
		return g.Sum(kept, v.Over, nil)
	})
}
