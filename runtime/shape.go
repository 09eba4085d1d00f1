package runtime

import (
	"fmt"
	"slices"
)

// The segments of a work: how its rows split, and the arrays that hold their
// values one after another.
type segments[T Float] struct {
	count, rows  int // how many there are, and rows of each
	room         int // segments that the arrays have room for
	col          [][]T
	wide, sum    [][]float64
	mean, square [][]float64
}

func newSegments[T Float](a Arrays) segments[T] {
	n := len(a.SegMoment)
	return segments[T]{col: make([][]T, len(a.SegCol)), wide: make([][]float64, len(a.SegWide)),
		sum: make([][]float64, len(a.SegSum)), mean: make([][]float64, n), square: make([][]float64, n)}
}

// Shape says how the rows of the passes that follow split into the row axes of
// the spec, outermost first. A norm with segments needs it, and one with a mask
// that is declared over other row axes than the rows, or in another order. With
// segments, another shape gives up what the last forward saved for its backward.
func (w *WorkOf[T]) Shape(sizes ...int) error {
	s := w.layer.spec
	if len(sizes) != len(s.RowAxes) {
		return fmt.Errorf("%s: %d sizes for the row axes %v", s.Name, len(sizes), s.RowAxes)
	}
	rows := 1
	for _, n := range sizes {
		if n < 0 || n > 0 && rows > w.maxRows/n {
			return fmt.Errorf("%s: sizes %v exceed the %d rows of the work area", s.Name, slices.Clone(sizes), w.maxRows)
		}
		rows *= n
	}
	if w.segmented() && !slices.Equal(w.sizes, sizes) {
		w.cut(product(sizes[:s.Segments]), product(sizes[s.Segments:]))
	}
	w.sizes = append(w.sizes[:0], sizes...)
	return nil
}

// cut makes so many segments of so many rows.
func (w *WorkOf[T]) cut(count, rows int) {
	w.forget()
	g, e, a := &w.segments, w.layer.extent, w.layer.spec.Arrays
	g.count, g.rows = count, rows
	if count <= g.room {
		return
	}
	g.room = count
	extend(g.col, a.SegCol, e, count)
	extend(g.wide, a.SegWide, e, count)
	extend(g.sum, a.SegSum, e, count)
	extend(g.mean, a.SegMoment, e, count)
	extend(g.square, a.SegMoment, e, count)
}

func product(sizes []int) int {
	n := 1
	for _, s := range sizes {
		n *= s
	}
	return n
}

// extend makes each array long enough for n segments.
func extend[E any](arrays [][]E, shapes, extent []int, n int) {
	for i, s := range shapes {
		arrays[i] = make([]E, n*extent[s])
	}
}

// forget gives up what the last pass saved, but not its pending updates.
func (w *WorkOf[T]) forget() {
	w.ready, w.kernel = false, nil
	for i, s := range w.layer.spec.Stats {
		if !s.Batch {
			w.stats[i].count = 0
		}
	}
}

// shaped reports whether the work has the sizes of so many rows.
func (w *WorkOf[T]) shaped(rows int) bool { return len(w.sizes) > 0 && product(w.sizes) == rows }

func (w *WorkOf[T]) shapeError(rows int, why string) error {
	return fmt.Errorf("%s: %s: call Shape with the sizes of %v (now %v, for %d rows)",
		w.layer.spec.Name, why, w.layer.spec.RowAxes, slices.Clone(w.sizes), rows)
}

// of points the segment's arrays at segment i.
func (g *segments[T]) of(i int, s *Segment[T], a *Arrays, extent []int) {
	part(s.Col, g.col, a.SegCol, extent, i)
	part(s.Wide, g.wide, a.SegWide, extent, i)
	part(s.Sum, g.sum, a.SegSum, extent, i)
	part(s.Mean, g.mean, a.SegMoment, extent, i)
	part(s.SS, g.square, a.SegMoment, extent, i)
}

func part[E any](dst, src [][]E, shapes, extent []int, i int) {
	for k, s := range shapes {
		dst[k] = src[k][i*extent[s]:][:extent[s]]
	}
}

// RowAxes returns how many sizes [WorkOf.Shape] wants: 0 if it is never needed.
func (w *WorkOf[T]) RowAxes() int { return len(w.layer.spec.RowAxes) }
