// Package blas has the matrix products of the models: in Go through gonum, or in
// OpenBLAS, which is loaded where it is installed, without cgo.
package blas

import "github.com/normgen/normgen/runtime"

// ProductsOf computes matrix products. Calls may run side by side.
type ProductsOf[T runtime.Float] interface {
	// Gemm sets c to alpha*op(a)*op(b) + beta*c, where op transposes if asked to,
	// op(a) has m rows and k columns, and op(b) n columns. Matrices are in row
	// order with so many elements from one row to the next.
	Gemm(transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	// Tile returns into what tiles of c models cut a product, whatever their number
	// of workers: the tiles are part of what is computed.
	Tile(m, n, k int) (rows, cols int)
	// String describes the library, its version, kernels and threads.
	String() string
}

// Products computes float32 products.
type Products = ProductsOf[float32]
