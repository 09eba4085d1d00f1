package transformer

import "github.com/normgen/normgen/runtime"

// TrainPass runs a training pass with the mean loss of the batch, and adds the
// gradients. The norms are not committed.
func TrainPass[T runtime.Float](m ModelOf[T], b *Batch, draw uint64) (Loss, error) {
	return m.train(b, &passOf[T]{draw: draw, scale: 1 / float64(b.Tokens())})
}

// Logits returns the logits of all rows of a batch in evaluation, by a whole
// forward.
func Logits[T runtime.Float](m *TranslatorOf[T], b *Batch) (runtime.ViewOf[T], error) {
	x, err := m.forward(b, nil)
	if err != nil {
		return x, err
	}
	out := dense[T](x.Rows, m.config.Vocab)
	for lo := 0; lo < x.Rows; lo += m.head.logits.Rows {
		hi := min(lo+m.head.logits.Rows, x.Rows)
		m.head.score(x.Slice(lo, hi))
		copy(out.Slice(lo, hi).Data, m.head.chunk.Data)
	}
	return out, nil
}
