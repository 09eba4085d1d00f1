package transformer

import (
	"errors"

	"github.com/normgen/normgen/runtime"
)

// An LMOf is a decoder-only language model.
type LMOf[T runtime.Float] struct{ modelOf[T] }

// LM is a float32 language model.
type LM = LMOf[float32]

// NewLM makes a language model. Its first parameters depend on the config alone.
func NewLM[T runtime.Float](c Config, n NormsOf[T], e EngineOf[T]) (*LMOf[T], error) {
	if c.translates() {
		return nil, errors.New("transformer: a language model has no SourceVocab and no EncoderLayers")
	}
	m := new(LMOf[T])
	return m, m.init(c, n, e)
}
