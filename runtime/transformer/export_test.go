package transformer

import "github.com/normgen/normgen/runtime"

// TrainPass runs a training pass with the mean loss of the batch, and adds the
// gradients. The norms are not committed.
func TrainPass[T runtime.Float](m ModelOf[T], b *Batch, draw uint64) (Loss, error) {
	return m.train(b, &passOf[T]{draw: draw, scale: 1 / float64(b.Tokens())})
}
