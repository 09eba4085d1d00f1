package transformer

import (
	"errors"

	"github.com/normgen/normgen/runtime"
)

// A TranslatorOf is an encoder and a decoder that attends to it.
type TranslatorOf[T runtime.Float] struct{ modelOf[T] }

// Translator is a float32 translator.
type Translator = TranslatorOf[float32]

// NewTranslator makes a translator. Its first parameters depend on the config alone.
func NewTranslator[T runtime.Float](c Config, n NormsOf[T], e EngineOf[T]) (*TranslatorOf[T], error) {
	if !c.translates() {
		return nil, errors.New("transformer: a translator has a SourceVocab and EncoderLayers")
	}
	m := new(TranslatorOf[T])
	return m, m.init(c, n, e)
}
