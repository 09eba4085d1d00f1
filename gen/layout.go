package gen

import "slices"

// dims is the memory order of a tensor that is declared over axes: the layout's,
// if the tensor has the order of the first input. One with an order of its own,
// such as a mask [B, T] of x[T, B, C], keeps it.
func (l *lowering) dims(axes []int) []int {
	if l.layout == nil || !slices.Equal(axes, within(l.core.Inputs[0].Axes, axes)) {
		return axes
	}
	return within(l.layout, axes)
}

// within lists the axes of order that are among axes.
func within(order, axes []int) []int {
	var out []int
	for _, a := range order {
		if slices.Contains(axes, a) {
			out = append(out, a)
		}
	}
	return out
}
