package kernels

import "github.com/normgen/normgen/runtime"

// A Rows is a function of rows: y of x, which may be one matrix.
type Rows[T runtime.Float] interface {
	Infer(y, x runtime.ViewOf[T]) error
}

// A Rows2 is a function of two matrices, row by row: dx of a and b, each of
// which it may be.
type Rows2[T runtime.Float] interface {
	Infer(dx, a, b runtime.ViewOf[T]) error
}

// The functions below make kernels for matrices of cols columns. Up to so many rows
// they allocate nothing.

// MakeSoftmax makes a Softmax less a constant.
func MakeSoftmax[T runtime.Float](cols, rows int, less float64) (Rows[T], error) {
	l, err := makeSoftmax[T](cols, SoftmaxOptions{Less: less})
	return ready[T, Rows[T]](l, rows, err)
}

// MakeSoftmaxGradient makes a SoftmaxGradient.
func MakeSoftmaxGradient[T runtime.Float](cols, rows int) (Rows2[T], error) {
	l, err := makeSoftmaxGradient[T](cols, SoftmaxGradientOptions{})
	return ready[T, Rows2[T]](l, rows, err)
}

// MakeReLU makes a ReLU.
func MakeReLU[T runtime.Float](cols, rows int) (Rows[T], error) {
	l, err := makeReLU[T](cols, ReLUOptions{})
	return ready[T, Rows[T]](l, rows, err)
}

// MakeReLUGradient makes a ReLUGradient.
func MakeReLUGradient[T runtime.Float](cols, rows int) (Rows2[T], error) {
	l, err := makeReLUGradient[T](cols, ReLUGradientOptions{})
	return ready[T, Rows2[T]](l, rows, err)
}

// MakeGELU makes a GELU.
func MakeGELU[T runtime.Float](cols, rows int) (Rows[T], error) {
	l, err := makeGELU[T](cols, GELUOptions{})
	return ready[T, Rows[T]](l, rows, err)
}

// MakeGELUGradient makes a GELUGradient.
func MakeGELUGradient[T runtime.Float](cols, rows int) (Rows2[T], error) {
	l, err := makeGELUGradient[T](cols, GELUGradientOptions{})
	return ready[T, Rows2[T]](l, rows, err)
}

// A layer keeps a work area for its next inference.
type layer[T runtime.Float] interface {
	NewWork(rows int) *runtime.WorkOf[T]
	Return(*runtime.WorkOf[T])
}

// ready gives a layer its work area.
func ready[T runtime.Float, F any](l layer[T], rows int, err error) (f F, _ error) {
	if err != nil {
		return f, err
	}
	l.Return(l.NewWork(rows))
	return l.(F), nil
}
