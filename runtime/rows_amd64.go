//go:build amd64 && !purego

package runtime

// The functions that end in the name of an ISA have the bits of those without,
// and need a processor that has it ([Supported]). None reads outside its slices.

// RowSumAVX2 is [RowSum].
func RowSumAVX2(x []float32) float64 {
	sum := negZero[float64]()
	for ; len(x) > CallElements; x = x[CallElements:] {
		sum = rowSumAVX2(x[:CallElements], sum)
		interruptible()
	}
	return rowSumAVX2(x, sum)
}

// RowSumAVX512 is [RowSum].
func RowSumAVX512(x []float32) float64 {
	sum := negZero[float64]()
	for ; len(x) > CallElements; x = x[CallElements:] {
		sum = rowSumAVX512(x[:CallElements], sum)
		interruptible()
	}
	return rowSumAVX512(x, sum)
}

// RowMomentsAVX2 is [RowMoments].
func RowMomentsAVX2(x []float32) (hi, lo float32, ss float64) {
	if len(x) < maxShift || len(x) > CallElements {
		return rowMomentsWith(x, momentSumsAVX2)
	}
	inv := 1 / float64(len(x))
	shift, s1, s2 := rowMomentsAVX2(x)
	c, ss, near := centre(s1, s2, inv)
	if !near {
		shift = float32(float64(shift) + c)
		s1, s2 = momentSumsAVX2(x, shift, negZero[float64](), negZero[float64]())
		c, ss, _ = centre(s1, s2, inv)
	}
	hi = float32(float64(shift) + c)
	return hi, float32((float64(shift) - float64(hi)) + c), ss
}

// RowMomentsAVX512 is [RowMoments].
func RowMomentsAVX512(x []float32) (hi, lo float32, ss float64) {
	if len(x) < maxShift || len(x) > CallElements {
		return rowMomentsWith(x, momentSumsAVX512)
	}
	inv := 1 / float64(len(x))
	shift, s1, s2 := rowMomentsAVX512(x)
	c, ss, near := centre(s1, s2, inv)
	if !near {
		shift = float32(float64(shift) + c)
		s1, s2 = momentSumsAVX512(x, shift, negZero[float64](), negZero[float64]())
		c, ss, _ = centre(s1, s2, inv)
	}
	hi = float32(float64(shift) + c)
	return hi, float32((float64(shift) - float64(hi)) + c), ss
}

// A sumMoments adds the row sums of d and d*d, d = x - shift, to s1 and s2.
type sumMoments func(x []float32, shift float32, s1, s2 float64) (float64, float64)

// rowMomentsWith takes the moments of rows that are very short, or so long that
// they take more than one call.
func rowMomentsWith(x []float32, sums sumMoments) (hi, lo float32, ss float64) {
	inv, shift := 1/float64(len(x)), rowShift(x)
	s1, s2 := sums.all(x, shift)
	c, ss, near := centre(s1, s2, inv)
	if !near {
		shift = float32(float64(shift) + c)
		s1, s2 = sums.all(x, shift)
		c, ss, _ = centre(s1, s2, inv)
	}
	hi = float32(float64(shift) + c)
	return hi, float32((float64(shift) - float64(hi)) + c), ss
}

func (f sumMoments) all(x []float32, shift float32) (s1, s2 float64) {
	s1, s2 = negZero[float64](), negZero[float64]()
	for ; len(x) > CallElements; x = x[CallElements:] {
		s1, s2 = f(x[:CallElements], shift, s1, s2)
		interruptible()
	}
	return f(x, shift, s1, s2)
}

// RowMaxAVX2 is [RowMax].
func RowMaxAVX2(x []float32) float32 { return rowMaxWith(x, rowMaxAVX2) }

// RowMaxAVX512 is [RowMax].
func RowMaxAVX512(x []float32) float32 { return rowMaxWith(x, rowMaxAVX512) }

// rowMaxWith leaves it to RowMax if the order of comparisons matters.
func rowMaxWith(x []float32, largest func(x []float32) (top float32, plain bool)) float32 {
	top := x[0]
	for rest := x; len(rest) > 0; {
		n := min(len(rest), CallElements)
		next, plain := largest(rest[:n])
		if !plain {
			return RowMax(x)
		}
		top, rest = Larger(top, next), rest[n:]
		Between(len(rest) > 0)
	}
	return top
}
