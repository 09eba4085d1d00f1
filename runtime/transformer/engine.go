package transformer

import (
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer/blas"
)

// An EngineOf is what models compute with. Results depend on the products, and
// not on the pool or its number of workers.
type EngineOf[T runtime.Float] struct {
	Products blas.ProductsOf[T] // nil: blas.Gonum
	Pool     runtime.Pool       // nil: runtime.Serial
}

// Engine is what float32 models compute with.
type Engine = EngineOf[float32]
