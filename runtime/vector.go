package runtime

// What the engine does to whole arrays, in the ISA of the layer: the assembly
// takes a multiple of eight elements, Go the others. Long arrays are cut.

// widen sets dst to src.
func widen[T Float](isa ISA, dst []float64, src []T) {
	for ; len(src) > CallColumns; dst, src = dst[CallColumns:], src[CallColumns:] {
		widen(isa, dst[:CallColumns], src[:CallColumns])
	}
	dst = dst[:len(src)]
	n := 0
	if s, ok := any(src).([]float32); ok {
		n = widenEights(isa, dst, s)
	}
	for i := n; i < len(src); i++ {
		dst[i] = float64(src[i])
	}
}

// narrow rounds src to dst.
func narrow[T Float](isa ISA, dst []T, src []float64) {
	for ; len(src) > CallColumns; dst, src = dst[CallColumns:], src[CallColumns:] {
		narrow(isa, dst[:CallColumns], src[:CallColumns])
	}
	dst = dst[:len(src)]
	n := 0
	if d, ok := any(dst).([]float32); ok {
		n = narrowEights(isa, d, src)
	}
	for i := n; i < len(src); i++ {
		dst[i] = T(src[i])
	}
}

// addNarrow adds src, rounded first, to dst.
func addNarrow[T Float](isa ISA, dst []T, src []float64) {
	for ; len(src) > CallColumns; dst, src = dst[CallColumns:], src[CallColumns:] {
		addNarrow(isa, dst[:CallColumns], src[:CallColumns])
	}
	dst = dst[:len(src)]
	n := 0
	if d, ok := any(dst).([]float32); ok {
		n = addNarrowEights(isa, d, src)
	}
	for i := n; i < len(src); i++ {
		dst[i] += T(src[i])
	}
}

// addTo adds src to dst.
func addTo[T Float](isa ISA, dst, src []T) {
	for ; len(src) > CallColumns; dst, src = dst[CallColumns:], src[CallColumns:] {
		addTo(isa, dst[:CallColumns], src[:CallColumns])
	}
	dst = dst[:len(src)]
	if isa > Portable {
		if s, ok := any(src).([]float32); ok {
			addAll(isa, any(dst).([]float32), s)
			return
		}
	}
	for i, x := range src {
		dst[i] += x
	}
}

// addSums adds src to dst.
func addSums(isa ISA, dst, src []float64) {
	for ; len(src) > CallColumns; dst, src = dst[CallColumns:], src[CallColumns:] {
		addSums(isa, dst[:CallColumns], src[:CallColumns])
	}
	dst = dst[:len(src)]
	for i := addEights(isa, dst, src); i < len(src); i++ {
		dst[i] += src[i]
	}
}

// joinSpread is Chan's formula: right is the share of the second side in all
// rows, both the product of the rows of both over their sum.
func joinSpread(isa ISA, mean, ss, otherMean, otherSS []float64, right, both float64) {
	const c = CallColumns
	for ; len(mean) > c; mean, ss, otherMean, otherSS = mean[c:], ss[c:], otherMean[c:], otherSS[c:] {
		joinSpread(isa, mean[:c], ss[:c], otherMean[:c], otherSS[:c], right, both)
	}
	n := len(mean)
	ss, otherMean, otherSS = ss[:n], otherMean[:n], otherSS[:n]
	for j := joinEights(isa, mean, ss, otherMean, otherSS, right, both); j < n; j++ {
		d := otherMean[j] - mean[j]
		mean[j] += float64(d * right)
		ss[j] = (ss[j] + otherSS[j]) + float64(float64(d*d)*both)
	}
}
