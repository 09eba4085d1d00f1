//go:build !((linux || darwin) && (amd64 || arm64))

package blas

import (
	"errors"

	"github.com/normgen/normgen/runtime"
)

// OpenBLAS is not to be had here.
func OpenBLAS[T runtime.Float](path string, threads int) (ProductsOf[T], error) {
	return nil, errors.New("blas: OpenBLAS can be loaded on Linux and macOS, amd64 and arm64; the products in Go run everywhere")
}
