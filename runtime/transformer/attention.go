package transformer

import (
	"math"
	"time"

	"github.com/normgen/normgen/runtime"
)

// hidden is the score of what must not be attended to: its softmax is exactly 0
// beside any other score. It is finite, so that a row in which everything is hidden,
// which only padding has, holds numbers.
const hidden = -1e30

// An attention is softmax(q*k'/sqrt(width))*v for each head of each sequence, the
// weights dropped out. It is a task: its parts are the sequences.
type attention[T runtime.Float] struct {
	m            *machine[T]
	heads, width int // of a head
	causal       bool
	query, key   *side
	dropper      *dropper[T]

	weights []T   // of the last forward, before dropout: by sequence, head, query, key
	scratch [][]T // two matrices for a sequence, for each worker

	// The pass at hand: matrices whose columns are those of all heads.
	q, k, v, y     runtime.ViewOf[T]
	dq, dk, dv, dy runtime.ViewOf[T]
	softmaxes      *softmaxes[T]
	backwards      bool
}

func (b *builder[T]) attention(query, key *side, causal bool) *attention[T] {
	c := &b.config
	a := &attention[T]{m: b.machine, heads: c.Heads, width: c.headWidth(), causal: causal, query: query, key: key,
		dropper: b.dropper(c.AttentionDropout), weights: make([]T, c.MaxRows*c.Heads*c.MaxLen)}
	all := b.scratch("attention", b.crew.pool.Workers(), 2*c.Heads*c.MaxLen*c.MaxLen)
	for w := range all.Rows {
		a.scratch = append(a.scratch, all.Row(w))
	}
	return a
}

// forward sets y.
func (a *attention[T]) forward(y, q, k, v runtime.ViewOf[T]) {
	a.y, a.q, a.k, a.v, a.backwards = y, q, k, v, false
	a.run()
}

// backward sets dq, dk and dv.
func (a *attention[T]) backward(dq, dk, dv, dy runtime.ViewOf[T]) {
	a.dq, a.dk, a.dv, a.dy, a.backwards = dq, dk, dv, dy, true
	a.run()
}

func (a *attention[T]) run() {
	begin := time.Now()
	a.softmaxes = a.m.softmax(a.key.length)
	a.m.crew.run(a, a.query.sequences)
	a.m.spent.attention += time.Since(begin)
}

func (a *attention[T]) part(worker, i int) {
	if a.backwards {
		a.backwardSequence(worker, i)
	} else {
		a.forwardSequence(worker, i)
	}
}

func (a *attention[T]) scale() T { return T(1 / math.Sqrt(float64(a.width))) }

// sequence returns the weights of sequence i, a row for each head and query.
func (a *attention[T]) sequence(i int) runtime.ViewOf[T] {
	rows, cols := a.heads*a.query.length, a.key.length
	return runtime.Matrix(a.weights[i*rows*cols:], rows, cols)
}

// head returns where the rows of sequence i begin in a matrix, at head h.
func (a *attention[T]) head(v runtime.ViewOf[T], s *side, i, h int) []T {
	return v.Data[i*s.length*v.Stride+h*a.width:]
}

func (a *attention[T]) forwardSequence(worker, i int) {
	queries, keys, p := a.query.length, a.key.length, a.sequence(i)
	for h := range a.heads {
		score := p.Data[h*queries*keys:][:queries*keys]
		a.m.products.Gemm(false, true, queries, keys, a.width, a.scale(), a.head(a.q, a.query, i, h), a.q.Stride,
			a.head(a.k, a.key, i, h), a.k.Stride, 0, score, keys)
		a.hide(score, i)
	}
	must(a.softmaxes.forward[worker].Infer(p, p))
	dropped := a.dropped(worker, i, p)
	for h := range a.heads {
		a.m.products.Gemm(false, false, queries, a.width, keys, 1, dropped.Data[h*queries*keys:], keys,
			a.head(a.v, a.key, i, h), a.v.Stride, 0, a.head(a.y, a.query, i, h), a.y.Stride)
	}
}

// hide takes away the keys that are padding and, if causal, those behind the query.
func (a *attention[T]) hide(score []T, i int) {
	keys := a.key.length
	for r := range a.query.length {
		row := score[r*keys:][:keys]
		if a.causal {
			for j := r + 1; j < keys; j++ {
				row[j] = hidden
			}
		}
		a.hidePadding(row, i)
	}
}

// hidePadding takes away the keys of sequence i that are padding.
func (a *attention[T]) hidePadding(row []T, i int) {
	if a.key.keep == nil {
		return
	}
	for j, keep := range a.key.keep[i*len(row):][:len(row)] {
		if !keep {
			row[j] = hidden
		}
	}
}

// dropped returns what dropout leaves of the weights p of sequence i.
func (a *attention[T]) dropped(worker, i int, p runtime.ViewOf[T]) runtime.ViewOf[T] {
	if !a.dropper.on {
		return p
	}
	out := runtime.Matrix(a.scratch[worker], p.Rows, p.Cols)
	a.drop(out, p, i)
	return out
}

func (a *attention[T]) drop(y, x runtime.ViewOf[T], i int) {
	for r := range x.Rows {
		a.dropper.row(y.Row(r), x.Row(r), i*x.Rows+r)
	}
}

func (a *attention[T]) backwardSequence(worker, i int) {
	queries, keys, p := a.query.length, a.key.length, a.sequence(i)
	dropped := a.dropped(worker, i, p)
	half := len(a.scratch[worker]) / 2
	dp := runtime.Matrix(a.scratch[worker][half:], p.Rows, p.Cols)
	gemm := a.m.products.Gemm
	for h := range a.heads {
		at := h * queries * keys
		dy := a.head(a.dy, a.query, i, h)
		gemm(false, true, queries, keys, a.width, 1, dy, a.dy.Stride, a.head(a.v, a.key, i, h), a.v.Stride, 0, dp.Data[at:], keys)
		gemm(true, false, keys, a.width, queries, 1, dropped.Data[at:], keys, dy, a.dy.Stride, 0, a.head(a.dv, a.key, i, h), a.dv.Stride)
	}
	if a.dropper.on {
		a.drop(dp, dp, i)
	}
	must(a.softmaxes.grad[worker].Infer(dp, p, dp))
	for h := range a.heads {
		ds := dp.Data[h*queries*keys:]
		gemm(false, false, queries, a.width, keys, a.scale(), ds, keys, a.head(a.k, a.key, i, h), a.k.Stride, 0, a.head(a.dq, a.query, i, h), a.dq.Stride)
		gemm(true, false, keys, a.width, queries, a.scale(), ds, keys, a.head(a.q, a.query, i, h), a.q.Stride, 0, a.head(a.dk, a.key, i, h), a.dk.Stride)
	}
}
