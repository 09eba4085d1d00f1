package normtest

import (
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// Alone reports whether each position along the outermost axis has the outputs and
// input gradients that it would have alone: nothing that they depend on is reduced
// over that axis or looks at the position.
func Alone(u *plan.Unit, m *ir.Mode) bool {
	outer := ir.Axes(1) << u.Rows[0]
	seen := map[*ir.Value]bool{}
	var alone func(v *ir.Value) bool
	alone = func(v *ir.Value) bool {
		if seen[v] {
			return true
		}
		seen[v] = true
		if (v.Op.Reduces() || v.Op == ir.Index || v.Op == ir.Count || v.Op == ir.Size) && v.Over&outer != 0 {
			return false
		}
		for _, a := range v.Args {
			if !alone(a) {
				return false
			}
		}
		return true
	}
	for _, f := range []*ir.Func{m.Forward, m.Backward} {
		for _, o := range f.Outs {
			if (o.Kind == ir.TensorOut || o.Kind == ir.GradOut && o.Leaf.Axes().Has(outer)) && !alone(o.Value) {
				return false
			}
		}
	}
	return true
}
