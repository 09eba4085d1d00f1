package runtime

import "fmt"

// A WorkOf is the work area of one pass: forward, then backward, then commit.
// It holds what the forward saved, the state values it read, its statistics,
// and the updates that wait for Commit. Nothing is allocated after NewWork.
type WorkOf[T Float] struct {
	layer   *LayerOf[T]
	maxRows int
	pool    Pool
	workers []worker[T]
	run     func(i int) // workers[i].sweep, made once: closures allocate

	frame      Frame[T]
	in, out    []ViewOf[T] // arguments of the pass at hand
	inputs     []ViewOf[T] // of the forward, which the backward reads again
	mask       [][]bool    // by row; nil if absent
	maskBuf    [][]bool
	row, group [][]T
	stats      []statistic
	sizes      []int // of the row axes, for transposed masks
	firstBlock int

	variant  *Variant[T]
	kernel   *Kernel[T]
	mode     Mode
	backward bool
	add      bool
	stage    int
	raw      []float64 // like Frame.Count, but 0 where nothing is kept
	ready    bool      // a forward has run
	pending  [2]bool
}

// A statistic is the value of one StatSpec over the last pass.
type statistic struct {
	count  float64
	values []float64 // nil for row statistics, which live in the row arrays
}

// NewWork makes a work area for passes of up to maxRows rows.
func (l *LayerOf[T]) NewWork(maxRows int) *WorkOf[T] {
	s := l.spec
	w := &WorkOf[T]{layer: l, maxRows: maxRows}
	a := s.Arrays
	w.frame = Frame[T]{Cols: l.cols, Groups: l.groups, Knob: l.knob, Param: l.param,
		Count: make([]float64, 1+len(s.Masks)), State: vectors[T](s.States, l.cols),
		Col: arrays[T](a.Col, l.cols), Wide: arrays[float64](a.Wide, l.cols), Sum: arrays[float64](a.Sum, l.cols),
		Mean: arrays[float64](a.Moment, l.cols), SS: arrays[float64](a.Moment, l.cols)}
	w.raw = make([]float64, 1+len(s.Masks))
	w.row, w.group = arrays[T](a.Row, maxRows), arrays[T](a.Group, maxRows*l.groups)
	w.in, w.out = make([]ViewOf[T], 0, len(s.Inputs)+len(s.Outputs)), make([]ViewOf[T], 0, len(s.Inputs)+len(s.Outputs))
	w.inputs = make([]ViewOf[T], len(s.Inputs))
	w.mask, w.maskBuf = make([][]bool, len(s.Masks)), make([][]bool, len(s.Masks))
	for i, m := range s.Masks {
		if m.Order != nil {
			w.maskBuf[i] = make([]bool, maxRows)
		}
	}
	w.stats = make([]statistic, len(s.Stats))
	for i, st := range s.Stats {
		if st.Batch {
			w.stats[i].values = make([]float64, l.cols)
		}
	}
	w.run = w.runWorker
	w.SetPool(Serial)
	return w
}

// Of panics unless the work was made by l.
func (w *WorkOf[T]) Of(l *LayerOf[T]) {
	if w.layer != l {
		panic("runtime: " + l.spec.Name + ": a work of another layer")
	}
}

func arrays[E any](n, size int) [][]E {
	out := make([][]E, n)
	for i := range out {
		out[i] = make([]E, size)
	}
	return out
}

// SetPool makes the passes that follow run on p's workers. The result does not
// depend on how many there are.
func (w *WorkOf[T]) SetPool(p Pool) {
	w.pool = p
	w.workers = make([]worker[T], p.Workers())
	for i := range w.workers {
		w.workers[i].size(w)
	}
}

// Shape says how the rows of the passes that follow split into the row axes of
// the spec, outermost first. A mask declared in another order needs it.
func (w *WorkOf[T]) Shape(sizes ...int) error {
	axes := w.layer.spec.RowAxes
	if len(sizes) != len(axes) {
		return fmt.Errorf("%s: %d sizes for the row axes %v", w.layer.spec.Name, len(sizes), axes)
	}
	rows := 1
	for _, n := range sizes {
		if n < 0 || n > 0 && rows > w.maxRows/n {
			return fmt.Errorf("%s: sizes %v exceed the %d rows of the work area", w.layer.spec.Name, sizes, w.maxRows)
		}
		rows *= n
	}
	w.sizes = append(w.sizes[:0], sizes...)
	return nil
}

// Shard says that the passes that follow are the rows from first on of a larger
// batch; first must be a multiple of BlockRows. Run the sweeps of all shards
// with [Sweep] and join them with [Join].
func (w *WorkOf[T]) Shard(first int) error {
	if first < 0 || first%BlockRows != 0 {
		return fmt.Errorf("%s: a shard starts at row %d, not at a multiple of %d", w.layer.spec.Name, first, BlockRows)
	}
	w.firstBlock = first / BlockRows
	return nil
}

// Stats returns the statistics of the last pass by name.
func (w *WorkOf[T]) Stats() []Stat {
	var out []Stat
	for i, s := range w.layer.spec.Stats {
		st := Stat{Name: s.Name, Count: w.stats[i].count, Values: append([]float64(nil), w.stats[i].values...)}
		if !s.Batch {
			st.Values = w.rowStat(i)
		}
		out = append(out, st)
	}
	return out
}

// rowStat reads a statistic that has one value per row or group.
func (w *WorkOf[T]) rowStat(i int) []float64 {
	if w.variant == nil {
		return nil
	}
	k := &w.variant.Forward
	if w.layer.spec.Stats[i].Backward {
		k = &w.variant.Backward
	}
	for _, r := range k.Stats {
		if r.Index == i && r.Rank == RowResult {
			return widened(w.row[r.Slot][:w.frame.Rows])
		}
		if r.Index == i && r.Rank == GroupResult {
			return widened(w.group[r.Slot][:w.frame.Rows*w.frame.Groups])
		}
	}
	return nil
}

func widened[T Float](x []T) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
