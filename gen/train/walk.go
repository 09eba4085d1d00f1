package train

// Each calls fn for every element over dims, in memory order, with its position
// along every axis.
func Each(dims, sizes []int, fn func(i int, at []int)) {
	at := make([]int, len(sizes))
	for i := range size(dims, sizes) {
		rest := i
		for k := len(dims) - 1; k >= 0; k-- {
			at[dims[k]] = rest % sizes[dims[k]]
			rest /= sizes[dims[k]]
		}
		fn(i, at)
	}
}

// Position is the place in memory, over dims, of the element at.
func Position(at, dims, sizes []int) int {
	p := 0
	for _, d := range dims {
		p = p*sizes[d] + at[d]
	}
	return p
}

func size(dims, sizes []int) int {
	n := 1
	for _, d := range dims {
		n *= sizes[d]
	}
	return n
}

// Exceed reports whether axes of these sizes have more than limit elements
// together.
func Exceed(sizes []int, limit int) bool {
	total := 1
	for _, n := range sizes {
		if total *= n; n > limit || total > limit {
			return true
		}
	}
	return false
}
