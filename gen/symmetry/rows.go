package symmetry

import "github.com/normgen/normgen/gen/ir"

// Apart reports whether each position along an axis has the outputs and input
// gradients that it would have alone: nothing that they depend on is reduced over
// the axis, or looks at positions or sizes.
func Apart(m *ir.Mode, axis int) bool {
	a := ir.Axes(1) << axis
	return every(m, a, func(v *ir.Value) bool {
		return !((v.Op.Reduces() || v.Op == ir.Index || v.Op == ir.Count || v.Op == ir.Size) && v.Over&a != 0)
	})
}

// Unordered reports whether the positions along an axis may change places: nothing
// looks at them but through reductions, which know no order.
func Unordered(m *ir.Mode, axis int) bool {
	a := ir.Axes(1) << axis
	return every(m, a, func(v *ir.Value) bool { return v.Op != ir.Index || v.Over&a == 0 })
}

// Hides reports whether no output of a mode's forward that the mask keeps, and no
// statistic of it, depends on what the mask hides: every reduction over an axis of
// the mask selects by it.
func Hides(m *ir.Mode, mask *ir.Leaf) bool {
	for _, v := range m.Forward.Values {
		if v.Op.Reduces() && v.Over&mask.Axes() != 0 && (v.Mask() == nil || !only(v.Mask(), mask)) {
			return false
		}
	}
	return true
}

// only reports whether v is the mask, be it repeated over more axes.
func only(v *ir.Value, mask *ir.Leaf) bool {
	for v.Op == ir.Widen {
		v = v.Args[0]
	}
	return v.Op == ir.Load && v.Leaf == mask
}

// every reports whether ok holds for all that outputs, and gradients of inputs that
// vary over a, depend on.
func every(m *ir.Mode, a ir.Axes, ok func(v *ir.Value) bool) bool {
	seen := map[*ir.Value]bool{}
	var visit func(v *ir.Value) bool
	visit = func(v *ir.Value) bool {
		if seen[v] {
			return true
		}
		seen[v] = true
		if !ok(v) {
			return false
		}
		for _, x := range v.Args {
			if !visit(x) {
				return false
			}
		}
		return true
	}
	for _, f := range []*ir.Func{m.Forward, m.Backward} {
		for _, o := range f.Outs {
			if (o.Kind == ir.TensorOut || o.Kind == ir.GradOut && o.Leaf.Axes().Has(a)) && !visit(o.Value) {
				return false
			}
		}
	}
	return true
}
