package plan

import "github.com/normgen/normgen/gen/ir"

// Mixes reports whether in training a row of the outputs may depend on other rows
// of the same pass: whether a reduction over rows reaches an output. A causal model
// that trains with such a norm sees positions that it is to predict.
func (u *Unit) Mixes() bool {
	var rows ir.Axes
	for _, d := range u.Rows {
		rows |= 1 << d
	}
	for _, o := range u.Layer.Modes[0].Forward.Outs {
		if o.Kind == ir.TensorOut && reducesOver(rows, o.Value, map[*ir.Value]bool{}) {
			return true
		}
	}
	return false
}

// reducesOver reports whether v depends on a reduction over some of the axes.
// Counts, sizes and indices depend on no element.
func reducesOver(axes ir.Axes, v *ir.Value, seen map[*ir.Value]bool) bool {
	if seen[v] {
		return false
	}
	seen[v] = true
	if v.Over&axes != 0 && len(v.Args) > 0 && v.Op != ir.Count {
		return true
	}
	for _, a := range v.Args {
		if reducesOver(axes, a, seen) {
			return true
		}
	}
	return false
}
