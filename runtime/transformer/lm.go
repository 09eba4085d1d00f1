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
	return nil, errUnwritten
}

var errUnwritten = errors.New("transformer: not written yet")

// modelOf is what both kinds of model have.
type modelOf[T runtime.Float] struct{ config Config }

// Config returns what the model was made from.
func (m *modelOf[T]) Config() Config { return m.config }

// Params lists the parameters.
func (m *modelOf[T]) Params() []ParamOf[T] { return nil }

// Positions lists the norms.
func (m *modelOf[T]) Positions() []*PositionOf[T] { return nil }

// Evaluate returns the loss without dropout, norms as in evaluation.
func (m *modelOf[T]) Evaluate(b *Batch) (Loss, error) { return Loss{}, errUnwritten }

func (m *modelOf[T]) pass(b *Batch, p passArgs[T]) (Loss, error) { return Loss{}, errUnwritten }
