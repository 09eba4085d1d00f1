package runtime

import "fmt"

// noCopy makes go vet report copies of what embeds it.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// A WorkOf is the work area of one pass: forward, then backward, then commit.
// It holds what the forward saved, the state values it read, its statistics,
// and the updates that wait for Commit. A new forward gives up the updates of
// the pass before. Passes allocate nothing. A work must not be copied, and runs
// one pass at a time.
type WorkOf[T Float] struct {
	_       noCopy
	layer   *LayerOf[T]
	maxRows int
	pool    Pool
	workers []worker[T]
	run     func(i int) // runWorker, made once: closures allocate

	frame      Frame[T]
	in, out    []ViewOf[T] // arguments of the pass at hand
	inputs     []ViewOf[T] // of the forward, which the backward reads again
	kept       []string    // their names
	mask       [][]bool    // by row; nil if absent
	maskBuf    [][]bool    // masks brought into row order, or standing in for absent ones
	row, group [][]T
	sizes      []int     // of the row axes, for transposed masks
	raw        []float64 // like Frame.Count, but 0 where nothing is kept
	firstBlock int

	// The pass under way: phase, kernel and stage say what is next.
	mode    Mode
	phase   phase
	variant int
	kernel  *Kernel[T] // nil if there is none
	stage   int
	swept   bool // the stage's sweep has run and waits for Join
	add     bool

	// What the last pass left.
	ready   bool       // a forward that a backward can follow
	shards  int        // works that its forward was joined over
	batch   *WorkOf[T] // the first of them
	stats   []statistic
	pending [2]bool    // of the passes this work leads, by phase
	lead    *WorkOf[T] // the first of the shards with the same layer; often w itself
	pass    uint       // number of passes begun
	joined  uint       // lead's pass that this one is a shard of
}

// A phase is one half of a pass.
type phase uint8

const (
	forward phase = iota
	backward
)

func phaseOf(isBackward bool) phase {
	if isBackward {
		return backward
	}
	return forward
}

// A statistic is the value of one StatSpec over the last pass.
type statistic struct {
	count  float64
	values []float64 // nil for row statistics, which live in the row arrays
}

// NewWork makes a work area for passes of up to maxRows rows, in the caller's
// goroutine until [WorkOf.SetPool].
func (l *LayerOf[T]) NewWork(maxRows int) *WorkOf[T] {
	if maxRows < 0 {
		panic(fmt.Sprintf("runtime: %s: a work for %d rows", l.spec.Name, maxRows))
	}
	s, masks := l.spec, len(l.spec.Masks)
	tensors, kept := len(s.Inputs)+2*len(s.Outputs), s.keptNames()
	w := &WorkOf[T]{layer: l, maxRows: maxRows, frame: l.newFrame(),
		in: make([]ViewOf[T], 0, tensors), out: make([]ViewOf[T], 0, tensors), inputs: make([]ViewOf[T], len(kept)), kept: kept,
		mask: make([][]bool, masks), maskBuf: make([][]bool, masks), raw: make([]float64, 1+masks),
		row: arrays[T](s.Arrays.Row, maxRows), group: arrays[T](s.Arrays.Group, maxRows*l.groups),
		stats: make([]statistic, len(s.Stats))}
	for i, m := range s.Masks {
		if m.Order != nil || len(s.Masks) > 1 {
			w.maskBuf[i] = make([]bool, maxRows)
		}
	}
	for i, v := range batchVectors(s.Stats, l.cols) {
		w.stats[i].values = v
	}
	w.lead, w.batch, w.run = w, w, w.runWorker
	w.SetPool(Serial)
	return w
}

func (l *LayerOf[T]) newFrame() Frame[T] {
	a, c := l.spec.Arrays, l.cols
	return Frame[T]{Cols: c, Groups: l.groups, Knob: l.knob, Param: l.param,
		Count: make([]float64, 1+len(l.spec.Masks)), State: vectors[T](l.spec.States, c),
		Col: arrays[T](a.Col, c), Wide: arrays[float64](a.Wide, c), Sum: arrays[float64](a.Sum, c),
		Mean: arrays[float64](a.Moment, c), SS: arrays[float64](a.Moment, c)}
}

func arrays[E any](n, size int) [][]E {
	out := make([][]E, n)
	for i := range out {
		out[i] = make([]E, size)
	}
	return out
}

// batchVectors makes a vector for each statistic over the batch.
func batchVectors(specs []StatSpec, cols int) [][]float64 {
	out := make([][]float64, len(specs))
	for i, s := range specs {
		if s.Batch {
			out[i] = make([]float64, cols)
		}
	}
	return out
}

// Of panics unless the work was made by l.
func (w *WorkOf[T]) Of(l *LayerOf[T]) {
	if w == nil || w.layer != l {
		panic("runtime: " + l.spec.Name + ": a work of another layer")
	}
}

// SetPool makes the passes that follow run on p's workers. The result does not
// depend on how many there are.
func (w *WorkOf[T]) SetPool(p Pool) {
	w.pool, w.kernel = p, nil
	w.workers = make([]worker[T], max(1, min(p.Workers(), blocks(w.maxRows))))
	for i := range w.workers {
		w.workers[i].size(w)
	}
}

// blocks returns the number of blocks that rows rows take.
func blocks(rows int) int { return (rows + BlockRows - 1) / BlockRows }

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

// Stats returns the statistics of the last pass by name, as a copy.
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
	if w.stats[i].count == 0 {
		return nil
	}
	v := &w.variants()[w.variant]
	for _, k := range []*Kernel[T]{&v.Forward, &v.Backward} {
		for _, r := range k.Stats {
			switch {
			case r.Index == i && r.Rank == RowResult:
				return widened(w.row[r.Slot][:w.frame.Rows])
			case r.Index == i && r.Rank == GroupResult:
				return widened(w.group[r.Slot][:w.frame.Rows*w.frame.Groups])
			}
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
