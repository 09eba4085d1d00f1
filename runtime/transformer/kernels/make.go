package kernels

import "github.com/normgen/normgen/runtime"

// A Rows is a function of rows: y of x.
type Rows[T runtime.Float] interface {
	Infer(y, x runtime.ViewOf[T]) error
}

// A Rows2 is a function of two matrices, row by row: dx of a and b.
type Rows2[T runtime.Float] interface {
	Infer(dx, a, b runtime.ViewOf[T]) error
}

// MakeSoftmax makes a Softmax of cols columns.
func MakeSoftmax[T runtime.Float](cols int, less float64) (Rows[T], error) {
	return makeSoftmax[T](cols, SoftmaxOptions{Less: less})
}

// MakeSoftmaxGradient makes a SoftmaxGradient of cols columns.
func MakeSoftmaxGradient[T runtime.Float](cols int) (Rows2[T], error) {
	return makeSoftmaxGradient[T](cols, SoftmaxGradientOptions{})
}

// MakeReLU makes a ReLU of cols columns.
func MakeReLU[T runtime.Float](cols int) (Rows[T], error) {
	return makeReLU[T](cols, ReLUOptions{})
}

// MakeReLUGradient makes a ReLUGradient of cols columns.
func MakeReLUGradient[T runtime.Float](cols int) (Rows2[T], error) {
	return makeReLUGradient[T](cols, ReLUGradientOptions{})
}

// MakeGELU makes a GELU of cols columns.
func MakeGELU[T runtime.Float](cols int) (Rows[T], error) {
	return makeGELU[T](cols, GELUOptions{})
}

// MakeGELUGradient makes a GELUGradient of cols columns.
func MakeGELUGradient[T runtime.Float](cols int) (Rows2[T], error) {
	return makeGELUGradient[T](cols, GELUGradientOptions{})
}
