package runtime

import "fmt"

// A statistic is the value of one StatSpec over the last pass.
type statistic struct {
	count  float64
	slot   int       // of the array that it lives in
	values []float64 // of a statistic over all rows
}

// statVectors makes a vector for each statistic; those of rows, groups and
// segments live in their own arrays.
func (l *LayerOf[T]) statVectors() [][]float64 {
	out := make([][]float64, len(l.spec.Stats))
	for i, s := range l.spec.Stats {
		if l.program.statRanks[i] <= MeanResult {
			out[i] = make([]float64, l.extent[s.Shape])
		}
	}
	return out
}

// statCount returns the number of elements that statistic i is taken over.
func (w *WorkOf[T]) statCount(i int) float64 {
	s, n := &w.layer.spec.Stats[i], 1.0
	switch {
	case s.Columns:
		n = min(1, w.raw[0])
	case s.Segments:
		n = w.raw[s.Mask] / max(1, float64(w.segments.rows))
	case s.Batch:
		n = w.raw[s.Mask]
	case w.layer.program.statRanks[i] == SegmentResult:
		n = float64(w.segments.rows)
	}
	return n * float64(w.layer.inside(s))
}

// inside returns the elements of the column axes that a statistic also runs over.
func (l *LayerOf[T]) inside(s *StatSpec) int {
	if s.Inside == 0 {
		return 1
	}
	return l.extent[s.Inside-1]
}

// checkCounts refuses unbiased statistics over one element, which a training step
// could not store.
func (w *WorkOf[T]) checkCounts(m Mode) error {
	if err := w.checkRequires(m); err != nil {
		return err
	}
	if m != Train {
		return nil
	}
	for _, i := range w.layer.program.unbiased {
		if s := &w.layer.spec.Stats[i]; w.overOne(i) {
			of := "row"
			switch {
			case s.Inside > 0:
				of = "element"
			case s.Segments:
				of = "segment"
			}
			return fmt.Errorf("%s: the unbiased %s needs more than one %s, and has one", w.layer.spec.Name, s.Name, of)
		}
	}
	return nil
}

// overOne reports whether statistic i is over one element, in some segment if it
// is one of segments.
func (w *WorkOf[T]) overOne(i int) bool {
	s, n := &w.layer.spec.Stats[i], w.segments.rows
	if s.Batch || s.Mask == 0 || w.layer.program.statRanks[i] != SegmentResult || w.mask[s.Mask-1] == nil {
		return w.statCount(i) == 1
	}
	for k := range w.segments.count {
		if w.layer.inside(s) == 1 && count(w.mask[s.Mask-1][k*n:(k+1)*n]) == 1 {
			return true
		}
	}
	return false
}

func (w *WorkOf[T]) storeStat(r Result) {
	st := &w.stats[r.Index]
	st.count, st.slot = w.statCount(r.Index), r.Slot
	if st.values != nil {
		copyAll(st.values, w.frame.result(r))
	}
}

// Stats returns the statistics of the last pass by name, as a copy: one value
// for each element of their shape, of each row or segment if they are not over
// all rows.
func (w *WorkOf[T]) Stats() []Stat {
	var out []Stat
	for i, s := range w.layer.spec.Stats {
		out = append(out, Stat{Name: s.Name, Count: w.stats[i].count, Values: w.statValues(i)})
	}
	return out
}

func (w *WorkOf[T]) statValues(i int) []float64 {
	st, rank := &w.stats[i], w.layer.program.statRanks[i]
	n := w.layer.extent[w.layer.spec.Stats[i].Shape]
	switch {
	case st.values != nil:
		return cloned(st.values)
	case st.count == 0:
		return nil
	case rank == RowResult:
		return widened(w.row[st.slot][:w.frame.Rows])
	case rank == GroupResult:
		return widened(w.group[st.slot][:w.frame.Rows*n])
	}
	return cloned(w.segments.wide[st.slot][:w.segments.count*n])
}

func widened[T Float](x []T) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// checkRequires refuses sizes and knobs that the spec excludes. A pass of no rows
// meets everything.
func (w *WorkOf[T]) checkRequires(m Mode) error {
	s := w.layer.spec
	list := s.Requires
	if m == Frozen {
		list = s.FrozenNeeds
	}
	for _, r := range list {
		if w.raw[0] > 0 && !r.Holds(&w.frame) {
			return fmt.Errorf("%s requires %s", s.Name, r.Text)
		}
	}
	return nil
}
