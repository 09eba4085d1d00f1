//go:build amd64 && !purego

package runtime

// An arrayKernels is the assembly that does to whole arrays what [widen] and the
// others of its file do. All but addTo take a multiple of eight elements.
type arrayKernels struct {
	widen     func(dst []float64, src []float32)
	narrow    func(dst []float32, src []float64)
	addNarrow func(dst []float32, src []float64)
	addSums   func(dst, src []float64)
	join      func(mean, ss, otherMean, otherSS []float64, right, both float64)
	addTo     func(dst, src []float32)
}

// eights is how many of n elements assembly takes: up to a multiple of eight, and none
// in Go.
func eights(isa ISA, n int) int {
	if isa == Portable {
		return 0
	}
	return n &^ 7
}

// Each takes the eights, and returns how many elements these are.

func widenEights(isa ISA, dst []float64, src []float32) int {
	n := eights(isa, len(src))
	if n > 0 {
		assembly[isa].arrays.widen(dst[:n], src[:n])
	}
	return n
}

func narrowEights(isa ISA, dst []float32, src []float64) int {
	n := eights(isa, len(src))
	if n > 0 {
		assembly[isa].arrays.narrow(dst[:n], src[:n])
	}
	return n
}

func addNarrowEights(isa ISA, dst []float32, src []float64) int {
	n := eights(isa, len(src))
	if n > 0 {
		assembly[isa].arrays.addNarrow(dst[:n], src[:n])
	}
	return n
}

func addEights(isa ISA, dst, src []float64) int {
	n := eights(isa, len(src))
	if n > 0 {
		assembly[isa].arrays.addSums(dst[:n], src[:n])
	}
	return n
}

func joinEights(isa ISA, mean, ss, otherMean, otherSS []float64, right, both float64) int {
	n := eights(isa, len(mean))
	if n > 0 {
		assembly[isa].arrays.join(mean[:n], ss, otherMean, otherSS, right, both)
	}
	return n
}

// addAll adds all of src to dst. The ISA is not Portable.
func addAll(isa ISA, dst, src []float32) { assembly[isa].arrays.addTo(dst, src) }
