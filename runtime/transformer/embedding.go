package transformer

import (
	"math"

	"github.com/normgen/normgen/runtime"
)

// An embedding is drop(vector*sqrt(width) + wave of the position); padding is
// zeros.
type embedding[T runtime.Float] struct {
	m       *machine[T]
	side    *side
	vectors ParamOf[T]
	waves   runtime.ViewOf[T] // by position
	dropper *dropper[T]
	out     runtime.ViewOf[T]

	tokens   []int32 // of the last forward
	d        runtime.ViewOf[T]
	backward bool
}

func (b *builder[T]) embedding(vectors ParamOf[T], s *side) *embedding[T] {
	c := &b.config
	return &embedding[T]{m: b.machine, side: s, vectors: vectors, dropper: b.dropper(c.Dropout),
		out: dense[T](c.MaxRows, c.Width), waves: waves[T](c.MaxLen, c.Width)}
}

// waves are the positions of Vaswani et al. (2017): the sines in the first half of the columns,
// the cosines in the second.
func waves[T runtime.Float](length, width int) runtime.ViewOf[T] {
	v := dense[T](length, width)
	half := (width + 1) / 2
	for t := range length {
		for j, row := 0, v.Row(t); j < half; j++ {
			angle := float64(t) * math.Pow(1e4, -float64(j)/float64(half))
			row[j] = T(math.Sin(angle))
			if half+j < width {
				row[half+j] = T(math.Cos(angle))
			}
		}
	}
	return v
}

func (e *embedding[T]) scale() T { return T(math.Sqrt(float64(e.out.Cols))) }

func (e *embedding[T]) forward(tokens []int32) runtime.ViewOf[T] {
	e.tokens, e.backward = tokens, false
	e.m.crew.run(e, rowParts(len(tokens)))
	return e.out.Slice(0, len(tokens))
}

// gradient adds to the gradients of the vectors, in the order of the rows. It overwrites d.
func (e *embedding[T]) gradient(d runtime.ViewOf[T]) {
	e.m.drop(e.dropper, d, d)
	e.d, e.backward = d, true
	e.m.crew.run(e, (d.Cols+colsPerPart-1)/colsPerPart)
}

func (e *embedding[T]) part(_, i int) {
	if e.backward {
		e.scatter(i)
		return
	}
	lo, hi := rowSpan(i, len(e.tokens))
	for r := lo; r < hi; r++ {
		e.row(e.out.Row(r), r)
	}
}

func (e *embedding[T]) row(out []T, r int) {
	if e.padding(r) {
		clear(out)
		return
	}
	e.embed(out, e.tokens[r], r%e.side.length)
	if e.dropper.on {
		e.dropper.row(out, out, r)
	}
}

func (e *embedding[T]) padding(r int) bool { return e.side.keep != nil && !e.side.keep[r] }

// embed sets out to the vector of a token at a position.
func (e *embedding[T]) embed(out []T, token int32, position int) {
	scale, wave := e.scale(), e.waves.Row(position)
	for j, v := range e.vector(e.vectors.Data, token) {
		out[j] = T(v*scale) + wave[j]
	}
}

func (e *embedding[T]) vector(of []T, token int32) []T {
	return of[int(token)*e.out.Cols:][:e.out.Cols]
}

// scatter adds the gradients of some columns.
func (e *embedding[T]) scatter(i int) {
	lo := i * colsPerPart
	hi := min(lo+colsPerPart, e.d.Cols)
	scale := e.scale()
	for r, token := range e.tokens {
		if e.padding(r) {
			continue
		}
		sum := e.vector(e.vectors.Grad, token)[lo:hi]
		for j, v := range e.d.Row(r)[lo:hi] {
			sum[j] += T(v * scale)
		}
	}
}
