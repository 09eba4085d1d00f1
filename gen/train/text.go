package train

import (
	"math"

	"github.com/normgen/normgen/gen/ir"
)

// vocabulary is small, so that a batch repeats words.
const vocabulary = 40

// A word has an embedding for each input, and a gradient for each output: what
// the loss asks of a word is mostly the same wherever the word stands.
type word struct {
	embedding, gradient []float64
}

// text fills b with sequences of words: word k is 1/k as frequent as the first,
// an embedding is the larger the rarer its word, and padding is word 0 without
// a gradient.
func (s *Source) text(b *Batch) {
	if s.words == nil {
		s.words = s.lexicon()
	}
	for k, x := range s.layer.Inputs {
		s.write(b, x, b.Inputs[k], b.Cotangents[min(k, len(b.Cotangents)-1)])
	}
}

// write draws one word for each row of x. The gradient goes to dy where that is
// laid out like x.
func (s *Source) write(b *Batch, x *ir.Leaf, to, dy []float64) {
	rows, columns := s.rows(x), s.columns(x)
	drawn := map[int]word{}
	Each(x.Dims, s.sizes, func(i int, at []int) {
		row := Position(at, rows, s.sizes)
		w, ok := drawn[row]
		if !ok {
			w = s.words[s.zipf()]
			if s.padding(b, at) {
				w = word{embedding: s.words[0].embedding}
			}
			drawn[row] = w
		}
		c := Position(at, columns, s.sizes)
		to[i] = w.embedding[c]
		if len(dy) != len(to) {
			return
		}
		if w.gradient == nil {
			dy[i] = 0
			return
		}
		dy[i] = w.gradient[c] + 0.3*s.rand.NormFloat64()
	})
}

func (s *Source) padding(b *Batch, at []int) bool {
	for i, m := range s.layer.Masks {
		if b.Masks[i][Position(at, m.Dims, s.sizes)] == 0 {
			return true
		}
	}
	return false
}

func (s *Source) lexicon() []word {
	n := 0
	for _, x := range s.layer.Inputs {
		n = max(n, size(s.columns(x), s.sizes))
	}
	words := make([]word, vocabulary)
	for k := range words {
		w := word{s.gaussian(n), s.gaussian(n)}
		for c := range w.embedding {
			w.embedding[c] *= math.Sqrt(float64(1+k) / vocabulary)
			w.gradient[c] += 0.5 * w.embedding[c] // the loss pulls at the size, too
		}
		words[k] = w
	}
	return words
}

// zipf draws a word: word k with a probability proportional to 1/(k+1).
func (s *Source) zipf() int {
	total := 0.0
	for k := range vocabulary {
		total += 1 / float64(k+1)
	}
	u := s.rand.Float64() * total
	for k := range vocabulary {
		if u -= 1 / float64(k+1); u < 0 {
			return k
		}
	}
	return vocabulary - 1
}

// sequence is the number of rows of a sequence where a mask has one axis.
const sequence = 8

// Padding draws masks that keep the start of every sequence, at least one
// element of it: the innermost axis of a mask is time.
func (s *Source) Padding() [][]float64 {
	var masks [][]float64
	for _, m := range s.layer.Masks {
		n := m.Elements(s.sizes)
		length := sequence
		if len(m.Dims) > 1 {
			length = s.sizes[m.Dims[len(m.Dims)-1]]
		}
		length = max(1, min(n, length))
		keep := make([]float64, n)
		for i := 0; i < n; i += length {
			for k := range min(1+s.rand.IntN(length), n-i) {
				keep[i+k] = 1
			}
		}
		masks = append(masks, keep)
	}
	return masks
}
