// Package plain has the normalization loops that a competent Go programmer would
// write: float32 throughout, one function a pass, statistics in two passes over
// what is in the cache, reciprocals hoisted, slices cut to one length so that the
// compiler drops bounds checks. Layers are measured against them.
package plain

import "math"

// A Layer computes outputs and gradients of tensors that lie in memory row by
// row. Backward follows a Forward of the same x and replaces the gradients of the
// parameters.
type Layer interface {
	Forward(y, x []float32)
	Backward(dx, dy, x []float32)
	Infer(y, x []float32)
	Grads() map[string][]float32
}

// Vectors are parameters and running states by name. Layers share them.
type Vectors map[string][]float32

// An affine is a scale and a shift of every column, and their gradients.
type affine struct {
	gamma, beta   []float32
	dgamma, dbeta []float32
}

func newAffine(v Vectors) affine {
	a := affine{gamma: v["gamma"], beta: v["beta"], dgamma: make([]float32, len(v["gamma"]))}
	if a.beta != nil {
		a.dbeta = make([]float32, len(a.beta))
	}
	return a
}

func (a *affine) zero() {
	clear(a.dgamma)
	clear(a.dbeta)
}

// Grads returns the gradients of the parameters.
func (a *affine) Grads() map[string][]float32 {
	if a.dbeta == nil {
		return map[string][]float32{"gamma": a.dgamma}
	}
	return map[string][]float32{"gamma": a.dgamma, "beta": a.dbeta}
}

func rsqrt(v float32) float32 { return 1 / float32(math.Sqrt(float64(v))) }

// moments returns the mean of x and the mean square around it.
func moments(x []float32) (mean, variance float32) {
	for _, v := range x {
		mean += v
	}
	mean /= float32(len(x))
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / float32(len(x))
}
