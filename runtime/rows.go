package runtime

import "math"

// NoSum is the row sum of no elements, which assembly begins with.
func NoSum() float64 { return negZero[float64]() }

// RowSum is the row sum of the reduction tree: lanes inside blocks of RowBlock,
// block sums in float64.
func RowSum[T Float](x []T) float64 {
	sum := math.Copysign(0, -1)
	for ; len(x) >= RowBlock; x = x[RowBlock:] {
		sum += float64(blockSum((*[RowBlock]T)(x)))
	}
	if len(x) > 0 {
		sum += float64(tailSum(x))
	}
	return sum
}

// blockSum walks two lanes at a time, those that fold first: each is a chain of
// eight additions, and the chains of neighbours overlap in the processor.
func blockSum[T Float](x *[RowBlock]T) T {
	var half [Lanes / 2]T
	for l := range Lanes / 2 {
		s, u := x[l]+x[l+32], x[l+16]+x[l+48]
		s, u = s+x[l+64], u+x[l+80]
		s, u = s+x[l+96], u+x[l+112]
		s, u = s+x[l+128], u+x[l+144]
		s, u = s+x[l+160], u+x[l+176]
		s, u = s+x[l+192], u+x[l+208]
		s, u = s+x[l+224], u+x[l+240]
		half[l] = s + u
	}
	return foldHalf(&half)
}

func tailSum[T Float](x []T) T {
	var lane [Lanes]T
	for l := range lane {
		s := negZero[T]()
		for i := l; i < len(x); i += Lanes {
			s += x[i]
		}
		lane[l] = s
	}
	return fold(&lane)
}

// RowMoments returns the centred moments of x: the mean as hi + lo, and the sum
// of squares around it. x must not be empty.
func RowMoments[T Float](x []T) (hi, lo T, ss float64) {
	inv := 1 / float64(len(x))
	shift := rowShift(x)
	s1, s2 := momentSums(x, shift)
	c, ss, near := centre(s1, s2, inv)
	if !near {
		shift = T(float64(shift) + c)
		s1, s2 = momentSums(x, shift)
		c, ss, _ = centre(s1, s2, inv)
	}
	hi = T(float64(shift) + c)
	return hi, T((float64(shift) - float64(hi)) + c), ss
}

// rowShift is the mean of the first elements. The fold of sixteen is the one
// that half the lanes end with.
func rowShift[T Float](x []T) T {
	if len(x) >= maxShift {
		return foldHalf((*[maxShift]T)(x)) * (1.0 / maxShift)
	}
	var first [maxShift]T
	p := shiftCount(len(x), maxShift)
	copy(first[:], x[:p])
	return foldShift(&first, p)
}

// momentSums returns the row sums of d and d*d, d = x - shift.
func momentSums[T Float](x []T, shift T) (s1, s2 float64) {
	s1 = math.Copysign(0, -1)
	s2 = s1
	for ; len(x) >= RowBlock; x = x[RowBlock:] {
		a, b := blockMoments((*[RowBlock]T)(x), shift)
		s1 += float64(a)
		s2 += float64(b)
	}
	if len(x) > 0 {
		a, b := tailMoments(x, shift)
		s1 += float64(a)
		s2 += float64(b)
	}
	return s1, s2
}

func blockMoments[T Float](x *[RowBlock]T, shift T) (T, T) {
	var p, q [Lanes / 2]T
	for l := range Lanes / 2 {
		d, e := x[l]-shift, x[l+16]-shift
		s, t, u, v := d, T(d*d), e, T(e*e)
		s, t, u, v = addMoments(s, t, u, v, x[l+32]-shift, x[l+48]-shift)
		s, t, u, v = addMoments(s, t, u, v, x[l+64]-shift, x[l+80]-shift)
		s, t, u, v = addMoments(s, t, u, v, x[l+96]-shift, x[l+112]-shift)
		s, t, u, v = addMoments(s, t, u, v, x[l+128]-shift, x[l+144]-shift)
		s, t, u, v = addMoments(s, t, u, v, x[l+160]-shift, x[l+176]-shift)
		s, t, u, v = addMoments(s, t, u, v, x[l+192]-shift, x[l+208]-shift)
		s, t, u, v = addMoments(s, t, u, v, x[l+224]-shift, x[l+240]-shift)
		p[l], q[l] = s+u, t+v
	}
	return foldHalf(&p), foldHalf(&q)
}

func addMoments[T Float](s, t, u, v, d, e T) (T, T, T, T) {
	return s + d, t + T(d*d), u + e, v + T(e*e)
}

func tailMoments[T Float](x []T, shift T) (T, T) {
	var p, q [Lanes]T
	for l := range Lanes {
		s := negZero[T]()
		t := s
		for i := l; i < len(x); i += Lanes {
			s, t = addMoment(s, t, x[i]-shift)
		}
		p[l], q[l] = s, t
	}
	return fold(&p), fold(&q)
}

func addMoment[T Float](s, t, d T) (T, T) { return s + d, t + T(d*d) }
