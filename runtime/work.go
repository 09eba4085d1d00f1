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
	sizer   Sizer // the pool, if it is one
	workers []worker[T]
	run     func(i int) // runWorker, made once: closures allocate

	frame Frame[T]

	// The tensors: cotangents, inputs and outputs lie in this order in the first, so that
	// what a backward reads is its beginning.
	tensors                     []ViewOf[T]
	cotangents, inputs, outputs []ViewOf[T]
	gradients                   []ViewOf[T]
	in, out                     []ViewOf[T] // those of the pass at hand

	mask       [][]bool // by row; nil if absent
	maskBuf    [][]bool // masks brought into row order, or standing in for absent ones
	row, group [][]T
	sizes      []int // of the row axes, once Shape was called
	segments   segments[T]
	raw        []float64 // like Frame.Count, but 0 where nothing is kept
	firstRow   int       // of the batch that this work is a shard of

	// The pass under way: phase, kernel and group say what is next.
	mode    Mode
	phase   phase
	variant int
	kernel  *kernel[T] // nil if there is none
	groups  []group[T] // its stages
	at      int        // the group to run
	sharing int        // workers that share it
	swept   bool       // it has run and waits for Join
	add     bool
	spoils  bool // a backward that writes over what the forward saved

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

// NewWork makes a work area for passes of up to maxRows rows, in the caller's
// goroutine until [WorkOf.SetPool].
func (l *LayerOf[T]) NewWork(maxRows int) *WorkOf[T] {
	if maxRows < 0 {
		panic(fmt.Sprintf("runtime: %s: a work for %d rows", l.spec.Name, maxRows))
	}
	s, masks := l.spec, len(l.spec.Masks)
	a, ins, outs := s.Arrays, len(s.Inputs), len(s.Outputs)
	w := &WorkOf[T]{layer: l, maxRows: maxRows, frame: l.newFrame(),
		tensors: make([]ViewOf[T], outs+ins+outs), gradients: make([]ViewOf[T], len(s.Grads)),
		mask: make([][]bool, masks), maskBuf: make([][]bool, masks), raw: make([]float64, 1+masks),
		group: make([][]T, len(a.Group)), segments: newSegments[T](a), stats: make([]statistic, len(s.Stats))}
	w.cotangents, w.inputs, w.outputs = w.tensors[:outs], w.tensors[outs:outs+ins], w.tensors[outs+ins:]
	for range a.Row {
		w.row = append(w.row, make([]T, maxRows))
	}
	for i, shape := range a.Group {
		w.group[i] = make([]T, maxRows*l.extent[shape])
	}
	for i, m := range s.Masks {
		if m.Order != nil || len(s.Masks) > 1 {
			w.maskBuf[i] = make([]bool, maxRows)
		}
	}
	for i, v := range l.statVectors() {
		w.stats[i].values = v
	}
	w.lead, w.batch, w.run = w, w, w.runWorker
	w.SetPool(Serial)
	return w
}

func (l *LayerOf[T]) newFrame() Frame[T] {
	a, e := l.spec.Arrays, l.extent
	return Frame[T]{Cols: l.cols, Size: l.size, Extent: e, Knob: l.knob, Param: l.param,
		Count: make([]float64, 1+len(l.spec.Masks)), State: l.vectors(l.spec.States),
		Col: arrays[T](a.Col, e), Wide: arrays[float64](a.Wide, e), Sum: arrays[float64](a.Sum, e),
		Mean: arrays[float64](a.Moment, e), SS: arrays[float64](a.Moment, e)}
}

// arrays makes an array of each of the shapes.
func arrays[E any](shapes, extent []int) [][]E {
	out := make([][]E, len(shapes))
	for i, s := range shapes {
		out[i] = make([]E, extent[s])
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
	w.sizer, _ = p.(Sizer)
	w.workers = make([]worker[T], max(1, min(p.Workers(), w.shares(w.maxRows, w.maxRows))))
	for i := range w.workers {
		w.workers[i].size(w)
	}
}

// segmented reports whether the rows have segments.
func (w *WorkOf[T]) segmented() bool { return w.layer.spec.Segments > 0 }

// shares returns into how many parts workers can cut so many rows and segments.
func (w *WorkOf[T]) shares(rows, segments int) int {
	if w.segmented() {
		return segments
	}
	return blocks(rows)
}

// blocks returns the number of blocks that rows rows take.
func blocks(rows int) int { return (rows + BlockRows - 1) / BlockRows }
