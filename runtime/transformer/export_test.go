package transformer

import "github.com/normgen/normgen/runtime"

// TrainPass runs a training pass with the mean loss of the batch, and adds the
// gradients. The norms are not committed.
func TrainPass[T runtime.Float](m ModelOf[T], b *Batch, draw uint64) (Loss, error) {
	return m.train(b, &passOf[T]{draw: draw, scale: 1 / float64(b.Tokens())})
}

// Logits returns the logits of all rows of a batch in evaluation, by a whole
// forward.
func Logits[T runtime.Float](model ModelOf[T], b *Batch) (runtime.ViewOf[T], error) {
	m := inside(model)
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

func inside[T runtime.Float](model ModelOf[T]) *modelOf[T] {
	if m, ok := model.(*LMOf[T]); ok {
		return &m.modelOf
	}
	return &model.(*TranslatorOf[T]).modelOf
}

// Dropped returns what a place of dropout leaves of ones, in a pass.
func Dropped[T runtime.Float](place int, p float64, seed, draw uint64, rows, cols, workers int) []T {
	pool := runtime.NewGoroutines(workers)
	defer pool.Close()
	m := newMachine(EngineOf[T]{Pool: pool}, 1)
	d := newDropper[T](place, p)
	d.begin(seed, &passOf[T]{draw: draw})
	x := dense[T](rows, cols)
	for i := range x.Data {
		x.Data[i] = 1
	}
	m.drop(d, x, x)
	return x.Data
}

// FirstLoss returns the loss of the first row of the last pass.
func FirstLoss[T runtime.Float](model ModelOf[T]) float64 { return inside(model).head.rows[0].nll }
