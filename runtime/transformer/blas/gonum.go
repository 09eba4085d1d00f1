package blas

import (
	"unsafe"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/normgen/normgen/runtime"
)

// Gonum computes products in Go. It is there on every machine, and some ten times slower
// than OpenBLAS.
func Gonum[T runtime.Float]() ProductsOf[T] { return goProducts[T]{} }

type goProducts[T runtime.Float] struct{}

// Gonum starts no goroutines for less than four of its blocks of 64 by 64.
const goBlock = 64

func (goProducts[T]) Tile(m, n, k int) (rows, cols int) { return goBlock, 3 * goBlock }

func (goProducts[T]) String() string { return "gonum, in Go" }

func (goProducts[T]) Gemm(transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	var impl gonum.Implementation
	if unsafe.Sizeof(alpha) == 4 {
		impl.Sgemm(trans(transA), trans(transB), m, n, k, float32(alpha), as[float32](a), lda, as[float32](b), ldb, float32(beta), as[float32](c), ldc)
		return
	}
	impl.Dgemm(trans(transA), trans(transB), m, n, k, float64(alpha), as[float64](a), lda, as[float64](b), ldb, float64(beta), as[float64](c), ldc)
}

func trans(t bool) blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}

// as is x, whose elements are of type E by another name.
func as[E, T runtime.Float](x []T) []E {
	return unsafe.Slice((*E)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}
