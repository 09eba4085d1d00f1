package plan

import (
	"math"
	"math/bits"

	"github.com/normgen/normgen/gen/ir"
)

func largest[T Float](x []T) float64 {
	m := x[0]
	for _, y := range x[1:] {
		if !(m > y) {
			m = y
		}
	}
	return float64(m)
}

// rowMoment picks one of the four moments of a row.
func rowMoment[T Float](op ir.Op, shift T, c, ss float64) float64 {
	hi := T(float64(shift) + c)
	lo := T((float64(shift) - float64(hi)) + c)
	switch op {
	case ir.MomentHi:
		return float64(hi)
	case ir.MomentLo:
		return float64(lo)
	case ir.MomentSS:
		return ss
	}
	return float64(hi) + float64(lo)
}

// rowSum is the row sum of the reduction tree.
func rowSum[T Float](x []T) float64 {
	sum := math.Copysign(0, -1)
	for lo := 0; lo < len(x); lo += RowBlock {
		sum += float64(blockSum(x[lo:min(lo+RowBlock, len(x))]))
	}
	return sum
}

func blockSum[T Float](x []T) T {
	var lane [Lanes]T
	for l := range lane {
		lane[l] = T(math.Copysign(0, -1))
	}
	for i, v := range x {
		lane[i%Lanes] += v
	}
	return fold(lane[:])
}

// fold adds the upper half of x to the lower until one element is left.
func fold[T Float](x []T) T {
	for n := len(x) / 2; n > 0; n /= 2 {
		for i := range n {
			x[i] += x[i+n]
		}
	}
	return x[0]
}

// rowMoments returns shift, c and SS of the reduction tree.
func rowMoments[T Float](x []T) (shift T, c, ss float64) {
	p := floorPow2(min(RowShift, len(x)))
	first := append([]T{}, x[:p]...)
	shift = fold(first) * (1 / T(p))
	s1, s2 := momentSums(x, shift)
	inv := 1 / float64(len(x))
	c = float64(s1 * inv)
	if ss = s2 - float64(s1*c); c*s1 > ss {
		shift = T(float64(shift) + c)
		s1, s2 = momentSums(x, shift)
		c = float64(s1 * inv)
		ss = s2 - float64(s1*c)
	}
	if ss < 0 {
		ss = 0
	}
	return shift, c, ss
}

func momentSums[T Float](x []T, shift T) (s1, s2 float64) {
	d, d2 := make([]T, len(x)), make([]T, len(x))
	for i, v := range x {
		d[i] = v - shift
		d2[i] = T(d[i] * d[i])
	}
	return rowSum(d), rowSum(d2)
}

func floorPow2(n int) int { return 1 << (bits.Len(uint(n)) - 1) }

// columnSum adds the kept rows of a block in order.
func columnSum[T Float](rows [][]T, cols int) []float64 {
	out := make([]float64, cols)
	for j := range out {
		s := T(math.Copysign(0, -1))
		for _, r := range rows {
			s += r[j]
		}
		out[j] = float64(s)
	}
	return out
}

// columnMoments reduces the kept rows of a block to (n, mean, SS).
func columnMoments[T Float](rows [][]T, cols int) leafNode {
	out := leafNode{float64(len(rows)), make([]float64, cols), make([]float64, cols)}
	if len(rows) == 0 {
		return out
	}
	x := make([]T, len(rows))
	for j := range cols {
		for i, r := range rows {
			x[i] = r[j]
		}
		out.a[j], out.b[j] = blockMoments(x)
	}
	return out
}

func blockMoments[T Float](x []T) (mean, ss float64) {
	p := floorPow2(min(ColShift, len(x)))
	shift := fold(append([]T{}, x[:p]...)) * (1 / T(p))
	inv := 1 / float64(len(x))
	for range 2 {
		s1, s2 := quadSums(x, shift)
		c := float64(s1 * inv)
		mean, ss = float64(shift)+c, s2-float64(s1*c)
		if !(c*s1 > ss) {
			break
		}
		shift = T(float64(shift) + c)
	}
	if ss < 0 {
		ss = 0
	}
	return mean, ss
}

// quadSums adds d and d*d four at a time: (d0 + d2) + (d1 + d3), the quads in
// order, absent elements as -0.
func quadSums[T Float](x []T, shift T) (s1, s2 float64) {
	a := T(math.Copysign(0, -1))
	b := a
	for lo := 0; lo < len(x); lo += 4 {
		var d, q [4]T
		for i := range 4 {
			d[i] = T(math.Copysign(0, -1))
			q[i] = d[i]
			if lo+i < len(x) {
				d[i] = x[lo+i] - shift
				q[i] = T(d[i] * d[i])
			}
		}
		a += (d[0] + d[2]) + (d[1] + d[3])
		b += (q[0] + q[2]) + (q[1] + q[3])
	}
	return float64(a), float64(b)
}
