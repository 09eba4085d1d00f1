package runtime

import "math"

// The constants of the reduction tree; package gen/plan explains it.
const (
	BlockRows = 32  // rows whose column sums are added in storage precision
	Lanes     = 32  // virtual lanes of a row sum
	RowBlock  = 256 // elements a lane tree covers
	maxShift  = 16

	maxColShift = 8
)

// negZero is the identity of addition: it adds nothing, not even a sign.
func negZero[T Float]() T { return T(math.Copysign(0, -1)) }

// fold adds the lanes 16 apart, then 8, 4, 2 and 1.
func fold[T Float](x *[Lanes]T) T {
	var half [Lanes / 2]T
	for l := range half {
		half[l] = x[l] + x[l+16]
	}
	return foldHalf(&half)
}

// foldHalf is the rest of the fold when the lanes 16 apart are added.
func foldHalf[T Float](x *[Lanes / 2]T) T {
	even := ((x[0] + x[8]) + (x[4] + x[12])) + ((x[2] + x[10]) + (x[6] + x[14]))
	odd := ((x[1] + x[9]) + (x[5] + x[13])) + ((x[3] + x[11]) + (x[7] + x[15]))
	return even + odd
}

// shiftCount returns how many of n elements make the shift of centred moments:
// the largest power of two up to n and limit.
func shiftCount(n, limit int) int {
	p := 1
	for 2*p <= n && 2*p <= limit {
		p *= 2
	}
	return p
}

// foldShift returns the mean of the first p elements of x, a power of two, added
// by halves, so that equal elements give exactly their value. It overwrites x.
func foldShift[T Float](x *[maxShift]T, p int) T {
	for n := p / 2; n > 0; n /= 2 {
		for i := range n {
			x[i] += x[i+n]
		}
	}
	return T(x[0] * (1 / T(p)))
}

// centre turns the shifted sums of n elements (inv = 1/n) into the mean's
// distance from the shift and the centred sum of squares. It reports false if
// the shift is more than a standard deviation from the mean: then half the
// digits of ss are gone, and the sums want taking again around shift + c.
func centre(s1, s2, inv float64) (c, ss float64, near bool) {
	c = float64(s1 * inv)
	ss = s2 - float64(s1*c)
	near = !(c*s1 > ss)
	if ss < 0 {
		ss = 0
	}
	return c, ss, near
}
