package runtime

import "math"

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

// blockSum walks lane by lane: each lane is a chain of eight additions, and the
// chains of neighbouring lanes overlap in the processor.
func blockSum[T Float](x *[RowBlock]T) T {
	var lane [Lanes]T
	for l := range Lanes {
		s := x[l] + x[l+32]
		s += x[l+64]
		s += x[l+96]
		s += x[l+128]
		s += x[l+160]
		s += x[l+192]
		s += x[l+224]
		lane[l] = s
	}
	return Fold(&lane)
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
	return Fold(&lane)
}

// RowMoments returns the centred moments of x: the mean as shift + c, and the
// sum of squares around it. x must not be empty.
func RowMoments[T Float](x []T) (shift T, c, ss float64) {
	inv := 1 / float64(len(x))
	shift = rowShift(x)
	s1, s2 := momentSums(x, shift)
	c, ss, near := Centre(s1, s2, inv)
	if !near {
		shift = T(float64(shift) + c)
		s1, s2 = momentSums(x, shift)
		c, ss, _ = Centre(s1, s2, inv)
	}
	return shift, c, ss
}

func rowShift[T Float](x []T) T {
	var first [maxShift]T
	p := ShiftCount(len(x), maxShift)
	copy(first[:], x[:p])
	return FoldShift(&first, p)
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
	var p, q [Lanes]T
	for l := range Lanes {
		d := x[l] - shift
		s, t := d, T(d*d)
		s, t = addMoment(s, t, x[l+32]-shift)
		s, t = addMoment(s, t, x[l+64]-shift)
		s, t = addMoment(s, t, x[l+96]-shift)
		s, t = addMoment(s, t, x[l+128]-shift)
		s, t = addMoment(s, t, x[l+160]-shift)
		s, t = addMoment(s, t, x[l+192]-shift)
		p[l], q[l] = addMoment(s, t, x[l+224]-shift)
	}
	return Fold(&p), Fold(&q)
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
	return Fold(&p), Fold(&q)
}

func addMoment[T Float](s, t, d T) (T, T) { return s + d, t + T(d*d) }
