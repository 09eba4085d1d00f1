package runtime

import "fmt"

// setMasks checks the masks, puts them in row order, and counts what they keep.
func (w *WorkOf[T]) setMasks(rows int) error {
	w.setCount(0, float64(rows))
	for i, m := range w.layer.spec.Masks {
		if w.mask[i] == nil {
			w.setCount(i+1, float64(rows))
			w.keepAll(i, rows)
			continue
		}
		if err := w.checkMask(m, len(w.mask[i]), rows); err != nil {
			return err
		}
		if m.Order != nil {
			w.arrange(i, m.Order, rows)
		}
		w.setCount(i+1, count(w.mask[i]))
	}
	return nil
}

// checkMask wants the length of mask m, and the sizes of its axes if it is not
// declared in the order of the rows.
func (w *WorkOf[T]) checkMask(m MaskSpec, n, rows int) error {
	partial := m.Order != nil && len(m.Order) < len(w.layer.spec.RowAxes)
	if !partial && n != rows {
		panic(fmt.Sprintf("runtime: mask %s has %d elements for %d rows", m.Name, n, rows))
	}
	if m.Order == nil {
		return nil
	}
	if !w.shaped(rows) {
		return w.shapeError(rows, "mask "+m.Name+" is declared over the row axes in another way than the rows")
	}
	want := 1
	for _, axis := range m.Order {
		want *= w.sizes[axis]
	}
	if n != want {
		panic(fmt.Sprintf("runtime: mask %s has %d elements; the sizes %v want %d", m.Name, n, w.sizes, want))
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
	fill(w.mask[i], true)
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

// arrange brings mask i from its declared axes to the order of the rows.
func (w *WorkOf[T]) arrange(i int, order []int, rows int) {
	keep, dst := w.mask[i], w.maskBuf[i][:rows]
	for r := range dst {
		dst[r] = keep[w.declared(order, r)]
	}
	w.mask[i] = dst
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
