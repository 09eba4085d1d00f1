package vectors

import "math"

// Set is one set of elements that share statistics, a row, a group or a
// channel, normalized in float64. It is the plain reference: two passes,
// compensated sums, the mean kept to twice the precision of a float64, and none
// of the compiler's formulas.
type Set struct {
	Mean, Var, Rstd float64
	Xhat            []float64
	Keep            []bool // elements that enter the statistics; nil for all
	N               int    // how many do

	// Coef is the coefficient of xhat in dx of a frozen set: 0, or PowerNorm's
	// nu, which stands for the mean of g*xhat.
	Coef float64

	centred, frozen bool
}

// Centred normalizes x by its mean and variance: xhat = (x-mean)/sqrt(var+eps).
// Statistics are over the elements that keep selects; xhat is of all.
func Centred(x []float64, keep []bool, eps float64) Set {
	s := Set{Keep: keep, N: countKeep(len(x), keep), centred: true}
	mean := sumOf(len(x), keep, func(i int) (hi, lo float64) { return x[i], 0 }).over(s.N)
	d := make([]float64, len(x))
	for i, v := range x {
		d[i] = mean.minus(v)
	}
	s.Mean = mean.hi
	return s.scale(d, eps)
}

// Uncentred normalizes x by its root mean square: xhat = x/sqrt(ms+eps). Var
// holds the mean square.
func Uncentred(x []float64, keep []bool, eps float64) Set {
	s := Set{Keep: keep, N: countKeep(len(x), keep)}
	return s.scale(x, eps)
}

// Frozen normalizes x by statistics that do not depend on it: BatchNorm on its
// running statistics, with mean 0 also PowerNorm.
func Frozen(x []float64, mean, variance, eps float64) Set {
	s := Set{Mean: mean, Var: variance, Rstd: 1 / math.Sqrt(variance+eps), N: len(x), frozen: true}
	s.Xhat = make([]float64, len(x))
	for i, v := range x {
		s.Xhat[i] = (v - mean) * s.Rstd
	}
	return s
}

// scale sets the variance of the differences d from the mean, and xhat.
func (s Set) scale(d []float64, eps float64) Set {
	v := sumOf(len(d), s.Keep, func(i int) (hi, lo float64) { return product(d[i], d[i]) }).over(s.N)
	s.Var = v.hi
	s.Rstd = 1 / math.Sqrt(s.Var+eps)
	s.Xhat = make([]float64, len(d))
	for i := range d {
		s.Xhat[i] = d[i] * s.Rstd
	}
	return s
}

// Y is the output gamma*xhat + beta. A nil gamma is 1, a nil beta 0.
func (s Set) Y(gamma, beta []float64) []float64 {
	y := make([]float64, len(s.Xhat))
	for i, xh := range s.Xhat {
		y[i] = math.FMA(xh, at(gamma, i, 1), at(beta, i, 0))
	}
	return y
}

// Dx is the exact gradient of the input, given g = dy*gamma:
//
//	dx = rstd * (g - sum(g)/n - xhat*sum(g*xhat)/n)
//
// where both sums are over all elements and both terms are for kept elements
// only. Without centring the first sum is absent. With frozen statistics both
// are, and Coef takes the place of the second.
func (s Set) Dx(g []float64) []float64 {
	a, b := 0.0, s.Coef
	if s.centred {
		a = s.meanOf(func(i int) (hi, lo float64) { return g[i], 0 })
	}
	if !s.frozen {
		b = s.meanOf(func(i int) (hi, lo float64) { return product(g[i], s.Xhat[i]) })
	}
	dx := make([]float64, len(g))
	for i := range g {
		dx[i] = g[i]
		if s.Keep == nil || s.Keep[i] {
			dx[i] = math.FMA(-s.Xhat[i], b, g[i]-a)
		}
		dx[i] *= s.Rstd
	}
	return dx
}

// meanOf sums a term over all elements and divides by the number kept.
func (s Set) meanOf(term func(int) (hi, lo float64)) float64 {
	return sumOf(len(s.Xhat), nil, term).over(s.N).hi
}

// Dot is the compensated sum of the products of a and b.
func Dot(a, b []float64) float64 {
	s := sumOf(len(a), nil, func(i int) (hi, lo float64) { return product(a[i], b[i]) })
	return s.hi + s.lo
}

// Mul is the elementwise product; a nil b is all ones. It makes g of dy and
// gamma.
func Mul(a, b []float64) []float64 {
	p := make([]float64, len(a))
	for i := range a {
		p[i] = a[i] * at(b, i, 1)
	}
	return p
}

// Repeat returns n copies of v: the parameter of a channel, for every element
// of the channel.
func Repeat(v float64, n int) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = v
	}
	return s
}

// RowSets lists the flat indexes of each row of a matrix. Groups of a
// (N, C, ...) tensor are rows of it too, N*groups of them.
func RowSets(rows, cols int) [][]int {
	return indexSets(rows, cols, cols, 1)
}

// ColSets lists the flat indexes of each column of a matrix.
func ColSets(rows, cols int) [][]int {
	return indexSets(cols, rows, 1, cols)
}

func indexSets(sets, size, setStride, stride int) [][]int {
	out := make([][]int, sets)
	for s := range out {
		out[s] = make([]int, size)
		for i := range out[s] {
			out[s][i] = s*setStride + i*stride
		}
	}
	return out
}

// Gather returns the elements of data that set lists. Nil data stay nil.
func Gather[T any](data []T, set []int) []T {
	if data == nil {
		return nil
	}
	out := make([]T, len(set))
	for i, k := range set {
		out[i] = data[k]
	}
	return out
}

func at(s []float64, i int, missing float64) float64 {
	if s == nil {
		return missing
	}
	return s[i]
}

func countKeep(n int, keep []bool) int {
	if keep == nil {
		return n
	}
	n = 0
	for _, k := range keep {
		if k {
			n++
		}
	}
	return n
}

// double is the unevaluated sum of two float64 values.
type double struct{ hi, lo float64 }

// sumOf adds terms, each given as a double, without losing more than the last
// bit of a double.
func sumOf(n int, keep []bool, term func(int) (hi, lo float64)) double {
	var s double
	for i := range n {
		if keep != nil && !keep[i] {
			continue
		}
		hi, lo := term(i)
		sum, err := twoSum(s.hi, hi)
		s.hi, s.lo = twoSum(sum, s.lo+(err+lo))
	}
	return s
}

// over divides by a count.
func (d double) over(n int) double {
	q := d.hi / float64(n)
	r := math.FMA(-q, float64(n), d.hi) + d.lo
	return double{q, r / float64(n)}
}

// minus is v - d, rounded once.
func (d double) minus(v float64) float64 {
	s, err := twoSum(v, -d.hi)
	return s + (err - d.lo)
}

// twoSum returns the rounded sum and its rounding error.
func twoSum(a, b float64) (sum, err float64) {
	sum = a + b
	bb := sum - a
	return sum, (a - (sum - bb)) + (b - bb)
}

// product returns the rounded product and its rounding error.
func product(a, b float64) (p, err float64) {
	p = a * b
	return p, math.FMA(a, b, -p)
}
