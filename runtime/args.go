package runtime

import "fmt"

// checkViews panics unless whole tensors are matrices of the layer's columns
// with one number of rows, the others have a row for each segment, and outputs
// lie apart. It returns the number of rows, or an error if the segments of so
// many rows are not known.
func (w *WorkOf[T]) checkViews(in, out []TensorSpec) (int, error) {
	rows := w.rows(in, out)
	w.checkWhole(in, w.in, rows)
	w.checkWhole(out, w.out, rows)
	if w.segmented() {
		if !w.shaped(rows) {
			return 0, w.shapeError(rows, "the rows are cut into segments")
		}
		w.checkSegments(in, w.in)
		w.checkSegments(out, w.out)
	}
	for i := 1; i < len(w.out); i++ {
		checkApart(w.out[:i], w.out[i:i+1], out, out[i:], false)
	}
	return rows, nil
}

// rows returns the rows of the first whole tensor, those of Shape if there is
// none.
func (w *WorkOf[T]) rows(in, out []TensorSpec) int {
	for i := range in {
		if !in[i].Segment {
			return w.in[i].Rows
		}
	}
	for i := range out {
		if !out[i].Segment {
			return w.out[i].Rows
		}
	}
	return w.segments.count * w.segments.rows
}

// checkWhole panics unless the whole tensors among the views fit.
func (w *WorkOf[T]) checkWhole(specs []TensorSpec, views []ViewOf[T], rows int) {
	for i := range views {
		v := &views[i]
		if v.Rows == rows && v.Cols == w.layer.cols && rows <= w.maxRows && v.whole() {
			continue // as nearly always
		}
		w.checkTensor(&specs[i], v, rows)
	}
}

func (w *WorkOf[T]) checkTensor(s *TensorSpec, v *ViewOf[T], rows int) {
	v.check(s.Name)
	switch {
	case s.Segment:
	case v.Cols != w.layer.cols:
		panic(fmt.Sprintf("runtime: %s has %d columns; the layer has %d", s.Name, v.Cols, w.layer.cols))
	case v.Rows > w.maxRows:
		panic(fmt.Sprintf("runtime: %s has %d rows; the work area was made for %d", s.Name, v.Rows, w.maxRows))
	case v.Rows != rows:
		panic(fmt.Sprintf("runtime: %s has %d rows, the first tensor %d", s.Name, v.Rows, rows))
	}
}

// checkSegments panics unless the other tensors have a row for each segment.
func (w *WorkOf[T]) checkSegments(specs []TensorSpec, views []ViewOf[T]) {
	for i, s := range specs {
		v, cols := views[i], w.layer.extent[s.Shape]
		switch {
		case !s.Segment:
		case v.Cols != cols:
			panic(fmt.Sprintf("runtime: %s has %d columns; the layer has %d there", s.Name, v.Cols, cols))
		case v.Rows != w.segments.count:
			panic(fmt.Sprintf("runtime: %s has %d rows for %d segments", s.Name, v.Rows, w.segments.count))
		}
	}
}

// checkApart panics if an output shares memory with another view. With inPlace
// it may be the same view of one kind in full: every element is read before it
// is written. It reports whether there is such an output.
func checkApart[T Float](in, out []ViewOf[T], inSpecs, outSpecs []TensorSpec, inPlace bool) (same bool) {
	for i := range out {
		o := &out[i]
		for j := range in {
			v := &in[j]
			if !o.overlaps(v) {
				continue
			}
			if !inPlace || !o.sameAs(v) || outSpecs[i].Segment != inSpecs[j].Segment {
				panic(fmt.Sprintf("runtime: %s overlaps %s", outSpecs[i].Name, inSpecs[j].Name))
			}
			same = true
		}
	}
	return same
}
