package transformer

import (
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer/kernels"
)

// softmaxes are the functions of attention for rows of one length, a pair for each
// worker: they keep scratch memory.
type softmaxes[T runtime.Float] struct {
	forward []kernels.Rows[T]
	grad    []kernels.Rows2[T]
}

// softmax returns the functions for rows of so many elements. They are made when a
// length is first seen.
func (m *machine[T]) softmax(length int) *softmaxes[T] {
	s, ok := m.softmaxes[length]
	if ok {
		return s
	}
	s = new(softmaxes[T])
	for range m.crew.pool.Workers() {
		f, err := kernels.MakeSoftmax[T](length, m.softmaxRows, 0)
		must(err)
		g, err := kernels.MakeSoftmaxGradient[T](length, m.softmaxRows)
		must(err)
		s.forward, s.grad = append(s.forward, f), append(s.grad, g)
	}
	m.softmaxes[length] = s
	return s
}
