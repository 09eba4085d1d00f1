package main

import (
	"math"
	"math/rand/v2"

	"github.com/normgen/normgen/runtime"
)

// padding is what the rows of no character hold. It is far from any embedding,
// so that a statistic that counted it would show.
const padding = 10

// embedding gives every character a fixed random vector. Characters differ in
// offset and in spread, as learned embeddings of frequent and rare words do, so
// the statistics of a batch depend on its text.
type embedding struct {
	width  int
	vector [][]float32
}

func newEmbedding(r *rand.Rand, chars, width int) *embedding {
	e := &embedding{width: width}
	for range chars {
		offset, spread := r.NormFloat64(), math.Exp(0.5*r.NormFloat64())
		v := make([]float32, width)
		for i := range v {
			v[i] = float32(0.5*offset + spread*r.NormFloat64())
		}
		e.vector = append(e.vector, v)
	}
	return e
}

// fill writes the embedded characters and a wave of their position into x.
func (e *embedding) fill(x runtime.View, b *batch) {
	for r := range b.rows {
		row := x.Row(r)
		for i := range row {
			row[i] = padding
			if b.keep[r] {
				row[i] = e.vector[b.chars[r]][i] + wave(r%b.length, i, e.width)
			}
		}
	}
}

// wave is the sinusoidal encoding of a position.
func wave(pos, i, width int) float32 {
	angle := float64(pos) / math.Pow(1e4, float64(i/2*2)/float64(width))
	if i%2 == 0 {
		return float32(math.Sin(angle))
	}
	return float32(math.Cos(angle))
}

// head predicts the next character from a normalized vector.
type head struct {
	chars, width int
	weight, grad []float32 // chars rows of width
}

func newHead(r *rand.Rand, chars, width int) *head {
	h := &head{chars: chars, width: width, weight: make([]float32, chars*width), grad: make([]float32, chars*width)}
	for i := range h.weight {
		h.weight[i] = float32(0.02 * r.NormFloat64())
	}
	return h
}

// loss returns the mean cross-entropy of the batch. With train set it also
// writes the gradient of y into dy, zero for padding, and its own.
func (h *head) loss(b *batch, y, dy runtime.View, train bool) float64 {
	clear(h.grad)
	p := make([]float64, h.chars)
	var sum float64
	for r := range b.rows {
		if train {
			clear(dy.Row(r))
		}
		if !b.keep[r] {
			continue
		}
		row := y.Row(r)
		h.predict(p, row)
		sum -= math.Log(p[b.next[r]])
		if train {
			p[b.next[r]]--
			h.backward(p, row, dy.Row(r), 1/float64(b.kept))
		}
	}
	return sum / float64(b.kept)
}

// predict sets p to the probabilities of the next character.
func (h *head) predict(p []float64, row []float32) {
	top := math.Inf(-1)
	for c := range p {
		var s float32
		for i, w := range h.weight[c*h.width:][:h.width] {
			s += w * row[i]
		}
		p[c] = float64(s)
		top = math.Max(top, p[c])
	}
	var sum float64
	for c := range p {
		p[c] = math.Exp(p[c] - top)
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
}

// backward adds the gradients of one row, given that of its logits.
func (h *head) backward(dlogits []float64, row, drow []float32, scale float64) {
	for c, d := range dlogits {
		g := float32(d * scale)
		weight, grad := h.weight[c*h.width:][:h.width], h.grad[c*h.width:][:h.width]
		for i := range drow {
			drow[i] += g * weight[i]
			grad[i] += g * row[i]
		}
	}
}

// descend moves values against their gradient.
func descend(values, grads []float32, rate float32) {
	for i, g := range grads {
		values[i] -= rate * g
	}
}
