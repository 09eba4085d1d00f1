package runtime

import "fmt"

// checkViews panics unless all views are matrices of the layer's columns with
// as many rows as the first, and outputs lie apart. It returns the number of rows.
func (w *WorkOf[T]) checkViews(inNames, outNames []string) int {
	rows := w.in[0].Rows
	for i, v := range w.in {
		w.checkView(inNames[i], v, rows)
	}
	for i, v := range w.out {
		w.checkView(outNames[i], v, rows)
		checkApart(w.out[:i], w.out[i:i+1], outNames, outNames[i:], false)
	}
	return rows
}

func (w *WorkOf[T]) checkView(name string, v ViewOf[T], rows int) {
	v.check(name)
	switch {
	case v.Cols != w.layer.cols:
		panic(fmt.Sprintf("runtime: %s has %d columns; the layer has %d", name, v.Cols, w.layer.cols))
	case v.Rows > w.maxRows:
		panic(fmt.Sprintf("runtime: %s has %d rows; the work area was made for %d", name, v.Rows, w.maxRows))
	case v.Rows != rows:
		panic(fmt.Sprintf("runtime: %s has %d rows, the first tensor %d", name, v.Rows, rows))
	}
}

// checkApart panics if an output shares memory with another view. With inPlace
// it may be the same view in full: every element is read before it is written.
func checkApart[T Float](in, out []ViewOf[T], inNames, outNames []string, inPlace bool) {
	for i, o := range out {
		for j, v := range in {
			if o.overlaps(v) && !(inPlace && o.sameAs(v)) {
				panic(fmt.Sprintf("runtime: %s overlaps %s", outNames[i], inNames[j]))
			}
		}
	}
}

// setMasks checks the masks, puts them in row order, and counts what they keep.
func (w *WorkOf[T]) setMasks(rows int) error {
	w.raw[0] = float64(rows)
	for i, m := range w.layer.spec.Masks {
		keep := w.mask[i]
		if keep == nil {
			w.raw[i+1] = float64(rows)
			w.keepAll(i, rows)
			continue
		}
		if len(keep) != rows {
			panic(fmt.Sprintf("runtime: mask %s has %d elements for %d rows", m.Name, len(keep), rows))
		}
		if m.Order != nil {
			if err := w.transpose(i, m, keep, rows); err != nil {
				return err
			}
		}
		w.raw[i+1] = count(keep)
	}
	return nil
}

// keepAll stands in for an absent mask i, if another is present: the kernels
// with masks read them all.
func (w *WorkOf[T]) keepAll(i, rows int) {
	if !w.masked() || len(w.mask) < 2 {
		return
	}
	w.mask[i] = w.maskBuf[i][:rows]
	for r := range w.mask[i] {
		w.mask[i][r] = true
	}
}

// masked reports whether any mask is present.
func (w *WorkOf[T]) masked() bool {
	for _, m := range w.mask {
		if m != nil {
			return true
		}
	}
	return false
}

func count(keep []bool) float64 {
	n := 0
	for _, k := range keep {
		if k {
			n++
		}
	}
	return float64(n)
}

// transpose brings a mask from its declared order to the order of the rows.
func (w *WorkOf[T]) transpose(i int, m MaskSpec, keep []bool, rows int) error {
	total := 1
	for _, n := range w.sizes {
		total *= n
	}
	if len(w.sizes) == 0 || total != rows {
		return fmt.Errorf("%s: mask %s is declared in another order than the rows: call Shape with the sizes of %v (now %v, for %d rows)",
			w.layer.spec.Name, m.Name, w.layer.spec.RowAxes, w.sizes, rows)
	}
	dst := w.maskBuf[i][:rows]
	for r := range dst {
		dst[r] = keep[w.declared(m.Order, r)]
	}
	w.mask[i] = dst
	return nil
}

// declared returns the position in declared order of row r.
func (w *WorkOf[T]) declared(order []int, r int) int {
	at := 0
	for _, axis := range order {
		at = at*w.sizes[axis] + w.coordinate(axis, r)
	}
	return at
}

// coordinate returns row r's position along a row axis.
func (w *WorkOf[T]) coordinate(axis, r int) int {
	for a := len(w.sizes) - 1; a > axis; a-- {
		r /= w.sizes[a]
	}
	return r % w.sizes[axis]
}
