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

var errUnwritten = errors.New("transformer: decoding is not written yet")

// A Search says how to decode.
type Search struct {
	Start, End int32   // the decoder's first input, and the token that ends a hypothesis
	Beam       int     // hypotheses kept; 0 or 1: greedy
	MaxLen     int     // tokens at most, End not counted; 0: as the model allows
	Penalty    float64 // scores are divided by length**Penalty, End counted; 0: by nothing, 1: the mean
}

// Translate decodes the Source of a batch; its Input and Target are not read. It
// returns the best hypothesis of each sequence, without Start and End. Norms
// are as in evaluation.
func (m *TranslatorOf[T]) Translate(b *Batch, s Search) ([][]int32, error) {
	return nil, errUnwritten
}
