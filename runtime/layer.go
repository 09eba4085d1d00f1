package runtime

import (
	"fmt"
	"sync/atomic"
)

// Mode says how a pass behaves.
type Mode uint8

const (
	Train  Mode = iota
	Frozen      // batch statistics off: eval's forward, its own backward, no updates
)

// A LayerOf is a layer made from a spec: its knobs, parameters, gradients and
// state. Generated types embed it. Passes with different works may run at the
// same time as long as none commits; Backward, which writes the gradients, and
// Commit need the layer to themselves. A layer must not be copied.
type LayerOf[T Float] struct {
	_      noCopy
	spec   *Spec[T]
	size   []int // of the spec's axes
	extent []int // elements of its shapes
	cols   int
	knob   []float64
	param  [][]T
	grad   [][]T
	state  [][]T
	step   float64 // of the next pass: commits + 1
	mode   Mode

	program program[T]
	merger  merger[T]
	spare   atomic.Pointer[WorkOf[T]] // a work area for Infer
}

// Make builds the layer in place. Generated constructors call it after they
// have checked knobs and sizes, one for each of the spec's axes. It returns an
// error if the sizes make an array too large to index, or if NORM_ISA names an ISA
// that cannot be had.
func (l *LayerOf[T]) Make(spec *Spec[T], size []int, knob []float64) error {
	extent, err := spec.extents(size)
	if err != nil {
		return err
	}
	best, err := BestISA()
	if err != nil {
		return fmt.Errorf("%s: %w", spec.Name, err)
	}
	l.spec, l.size, l.extent, l.cols, l.knob, l.step = spec, size, extent, extent[0], knob, 1
	l.param, l.grad, l.state = l.vectors(spec.Params), l.zeros(spec.Params), l.vectors(spec.States)
	l.program = newProgram(spec, extent, best)
	l.merger.size(l)
	return nil
}

// vectors makes parameters or states with their first values.
func (l *LayerOf[T]) vectors(specs []VectorSpec) [][]T {
	out := l.zeros(specs)
	for i, s := range specs {
		init := s.Init
		if s.From != nil {
			init = s.From(l.size, l.knob)
		}
		fill(out[i], T(init))
	}
	return out
}

func (l *LayerOf[T]) zeros(specs []VectorSpec) [][]T {
	var out [][]T
	for _, s := range specs {
		out = append(out, make([]T, l.extent[s.Shape]))
	}
	return out
}

// Name returns the norm's name.
func (l *LayerOf[T]) Name() string { return l.spec.Name }

// Cols returns the number of columns.
func (l *LayerOf[T]) Cols() int { return l.cols }

// Size returns the size of an axis of the columns or states; 0 if there is none
// of that name.
func (l *LayerOf[T]) Size(axis string) int {
	for i, a := range l.spec.Axes {
		if a == axis {
			return l.size[i]
		}
	}
	return 0
}

// Params returns the parameters by name, in the spec's order.
func (l *LayerOf[T]) Params() []NamedOf[T] { return named(l.spec.Params, l.param) }

// Grads returns the gradients of the parameters, named like them.
func (l *LayerOf[T]) Grads() []NamedOf[T] { return named(l.spec.Params, l.grad) }

// State returns the running state by name. Write to it to load a checkpoint.
func (l *LayerOf[T]) State() []NamedOf[T] { return named(l.spec.States, l.state) }

// An UpdateInfo says what moves a state in Commit.
type UpdateInfo struct {
	State    string
	Backward bool     // moved by statistics of the backward
	Stats    []string // that it is computed from; see [WorkOf.Stats]
}

// Updates lists what moves the states.
func (l *LayerOf[T]) Updates() []UpdateInfo {
	var out []UpdateInfo
	for _, u := range l.spec.Updates {
		info := UpdateInfo{State: l.spec.States[u.State].Name, Backward: u.Backward}
		for _, s := range u.Stats {
			info.Stats = append(info.Stats, l.spec.Stats[s].Name)
		}
		out = append(out, info)
	}
	return out
}

// Step returns the step of the next pass: commits + 1.
func (l *LayerOf[T]) Step() int { return int(l.step) }

// SetStep sets the step of the next pass, when a checkpoint is loaded.
func (l *LayerOf[T]) SetStep(step int) error {
	if step < 1 {
		return fmt.Errorf("%s: step %d: the first step is 1", l.spec.Name, step)
	}
	l.step = float64(step)
	return nil
}

// SetMode chooses the behaviour of the passes that follow. A backward keeps the
// mode of its forward.
func (l *LayerOf[T]) SetMode(m Mode) { l.mode = m }

func named[T Float](specs []VectorSpec, data [][]T) []NamedOf[T] {
	out := make([]NamedOf[T], len(specs))
	for i, s := range specs {
		out[i] = NamedOf[T]{s.Name, data[i]}
	}
	return out
}

// ZeroGrads clears the gradients of the parameters.
func (l *LayerOf[T]) ZeroGrads() {
	for _, g := range l.grad {
		clearAll(g)
	}
}

// Borrow returns a work area for an inference of rows rows: the layer's spare
// one if it is large enough and free, else a new one.
func (l *LayerOf[T]) Borrow(rows int) *WorkOf[T] {
	if w := l.spare.Swap(nil); w != nil && w.maxRows >= rows {
		return w
	}
	return l.NewWork(max(rows, 0))
}

// Return gives a borrowed work area back. Of two, the layer keeps the larger.
func (l *LayerOf[T]) Return(w *WorkOf[T]) {
	if old := l.spare.Swap(w); old != nil && old.maxRows > w.maxRows {
		l.spare.Store(old)
	}
}
