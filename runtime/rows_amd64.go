//go:build amd64 && !purego

package runtime

// A kernels is the assembly of an ISA, see isa_gen_amd64.go.
type kernels struct {
	rows    rowKernels
	columns columnKernels
	arrays  arrayKernels
}

// A rowKernels is the assembly that reduces a row.
type rowKernels struct {
	sums    func(x []float32, start float64) float64
	shifted func(x []float32) (shift float32, s1, s2 float64) // of a row of maxShift elements or more
	around  sumMoments
	largest func(x []float32) (top float32, plain bool)
}

// sum is [RowSum].
func (r *rowKernels) sum(x []float32) float64 {
	sum := negZero[float64]()
	for ; len(x) > CallElements; x = x[CallElements:] {
		sum = r.sums(x[:CallElements], sum)
		interruptible()
	}
	return r.sums(x, sum)
}

// moments is [RowMoments].
func (r *rowKernels) moments(x []float32) (hi, lo float32, ss float64) {
	if len(x) < maxShift || len(x) > CallElements {
		return r.around.moments(x)
	}
	inv := 1 / float64(len(x))
	shift, s1, s2 := r.shifted(x)
	c, ss, near := centre(s1, s2, inv)
	if !near {
		shift = float32(float64(shift) + c)
		s1, s2 = r.around(x, shift, negZero[float64](), negZero[float64]())
		c, ss, _ = centre(s1, s2, inv)
	}
	hi = float32(float64(shift) + c)
	return hi, float32((float64(shift) - float64(hi)) + c), ss
}

// A sumMoments adds the row sums of d and d*d, d = x - shift, to s1 and s2.
type sumMoments func(x []float32, shift float32, s1, s2 float64) (float64, float64)

// moments takes those of rows that are very short, or so long that they take more than
// one call.
func (f sumMoments) moments(x []float32) (hi, lo float32, ss float64) {
	inv, shift := 1/float64(len(x)), rowShift(x)
	s1, s2 := f.all(x, shift)
	c, ss, near := centre(s1, s2, inv)
	if !near {
		shift = float32(float64(shift) + c)
		s1, s2 = f.all(x, shift)
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

// max is [RowMax]. It leaves it to RowMax if the order of comparisons matters.
func (r *rowKernels) max(x []float32) float32 {
	top := x[0]
	for rest := x; len(rest) > 0; {
		n := min(len(rest), CallElements)
		next, plain := r.largest(rest[:n])
		if !plain {
			return RowMax(x)
		}
		top, rest = Larger(top, next), rest[n:]
		Between(len(rest) > 0)
	}
	return top
}
