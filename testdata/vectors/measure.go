package vectors

import "math"

// Format is a floating-point format as an error measure sees it.
type Format struct {
	Unit  float64 // half an ulp of 1, the u in which errors are quoted
	Grain float64 // the smallest positive value
}

// The formats of kernels.
var (
	Float32 = Format{Unit: 0x1p-24, Grain: 0x1p-149}
	Float64 = Format{Unit: 0x1p-53, Grain: 0x1p-1074}
)

// Bounds on the measures, in units u: on random data and on means up to 1e7
// spreads, for sets of up to 2^20 elements.
const (
	ForwardBound = 8
	DxBound      = 16
	ParamBound   = 16
)

// Forward is the error of an output over one set, in units u:
//
//	max|got-want| / max(|xhat*gamma| + |beta|)
//
// An error per element would be large wherever xhat*gamma and beta cancel, and
// an ulp per element larger still; this one says how much of the set's
// magnitude is lost. An absolute error of Grain*(1+rstd) is free: with denormal
// inputs the mean itself has that grain.
//
// A set that should be zero throughout must be exactly so, or the error is
// infinite. Where want is NaN or infinite, got must be the same.
func (f Format) Forward(got, want []float64, s Set, gamma, beta []float64) float64 {
	var size float64
	for i, xh := range s.Xhat {
		size = math.Max(size, math.Abs(xh*at(gamma, i, 1))+math.Abs(at(beta, i, 0)))
	}
	return f.quotient(f.distance(got, want, s.Rstd), size)
}

// Dx is the error of an input's gradient over one set, in units u, given
// g = dy*gamma:
//
//	max|got-want| / (rstd * (max|g| + mean|g| + max|xhat|*mean|g*xhat|))
//
// The divisor is the size of the terms that cancel in dx. A relative error of
// dx itself would mean nothing: dx is 0 for a set of one element. Means are
// over the count of the statistics; |Coef| replaces the last mean if it is
// larger. Grain*(1+rstd) is free here too.
func (f Format) Dx(got, want []float64, s Set, g []float64) float64 {
	var maxG, sumG, maxXhat, sumGX float64
	for i, v := range g {
		maxG = math.Max(maxG, math.Abs(v))
		sumG += math.Abs(v)
		maxXhat = math.Max(maxXhat, math.Abs(s.Xhat[i]))
		sumGX += math.Abs(v * s.Xhat[i])
	}
	n := math.Max(1, float64(s.N))
	size := s.Rstd * (maxG + sumG/n + maxXhat*math.Max(sumGX/n, math.Abs(s.Coef)))
	return f.quotient(f.distance(got, want, s.Rstd), size)
}

// Param is the error of one element of a parameter's gradient, in units u:
// |got-want| / terms, where terms is the sum of the magnitudes that were added,
// sum|dy*xhat| for dgamma and sum|dy| for dbeta.
func (f Format) Param(got, want, terms float64) float64 {
	return f.quotient(f.distance([]float64{got}, []float64{want}, 0), terms)
}

// distance is max|got-want| less what is free.
func (f Format) distance(got, want []float64, rstd float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	free := f.Grain * (1 + rstd)
	var worst float64
	for i := range got {
		worst = math.Max(worst, apart(got[i], want[i])-free)
	}
	return worst
}

// apart is |a-b|, 0 for equal infinities and for two NaN, and +Inf if only one
// of them is finite.
func apart(a, b float64) float64 {
	switch {
	case a == b || math.IsNaN(a) && math.IsNaN(b):
		return 0
	case math.IsNaN(a) || math.IsNaN(b):
		return math.Inf(1)
	}
	return math.Abs(a - b)
}

// quotient is the error in units, where 0/0 is 0.
func (f Format) quotient(distance, size float64) float64 {
	if distance == 0 {
		return 0
	}
	return distance / size / f.Unit
}
