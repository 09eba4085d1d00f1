//go:build amd64 && !purego

package runtime

// Each takes the elements up to a multiple of eight, and returns how many.

func widenEights(isa ISA, dst []float64, src []float32) int {
	n := len(src) &^ 7
	switch isa {
	case AVX512:
		widenAVX512(dst[:n], src[:n])
	case AVX2:
		widenAVX2(dst[:n], src[:n])
	default:
		return 0
	}
	return n
}

func narrowEights(isa ISA, dst []float32, src []float64) int {
	n := len(src) &^ 7
	switch isa {
	case AVX512:
		narrowAVX512(dst[:n], src[:n])
	case AVX2:
		narrowAVX2(dst[:n], src[:n])
	default:
		return 0
	}
	return n
}

func addNarrowEights(isa ISA, dst []float32, src []float64) int {
	n := len(src) &^ 7
	switch isa {
	case AVX512:
		addNarrowAVX512(dst[:n], src[:n])
	case AVX2:
		addNarrowAVX2(dst[:n], src[:n])
	default:
		return 0
	}
	return n
}

func addEights(isa ISA, dst, src []float64) int {
	n := len(src) &^ 7
	switch isa {
	case AVX512:
		addSumsAVX512(dst[:n], src[:n])
	case AVX2:
		addSumsAVX2(dst[:n], src[:n])
	default:
		return 0
	}
	return n
}

func joinEights(isa ISA, mean, ss, otherMean, otherSS []float64, right, both float64) int {
	n := len(mean) &^ 7
	switch isa {
	case AVX512:
		joinMomentsAVX512(mean[:n], ss, otherMean, otherSS, right, both)
	case AVX2:
		joinMomentsAVX2(mean[:n], ss, otherMean, otherSS, right, both)
	default:
		return 0
	}
	return n
}

// addAll adds all of src to dst.
func addAll(isa ISA, dst, src []float32) {
	if isa == AVX512 {
		addToAVX512(dst, src)
	} else {
		addToAVX2(dst, src)
	}
}
