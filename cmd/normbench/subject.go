package main

import (
	"github.com/normgen/normgen/cmd/normbench/plain"
	"github.com/normgen/normgen/runtime"
)

// An op is a pass of a layer.
type op string

const (
	forward  op = "forward"
	backward op = "backward"
	infer    op = "infer"
)

var ops = []op{forward, backward, infer}

// A subject is a layer with its tensors, ready to be timed.
type subject struct {
	passes  map[op]pass
	setPool func(runtime.Pool)
	vectors plain.Vectors // parameters and running states
	grads   plain.Vectors
	x, dy   []float32
	y, dx   []float32
}

// A pass is a call of a public method.
type pass struct {
	run     func() error
	in, out arrays // the whole tensors that it must read and write
	serial  bool   // the method takes no work, so it has one worker
}

type arrays = [][]float32

// A layer is what all layers have in common.
type layer interface {
	Cols() int
	NewWork(maxRows int) *runtime.Work
	SetStep(step int) error
	Params() []runtime.Named
	Grads() []runtime.Named
	State() []runtime.Named
}

// pastWarmUp is a step at which no norm of the library is in its first steps any
// more: training spends its time there.
const pastWarmUp = 1 << 20

// A rig is a subject in the making: its layer's work and the views of its
// tensors.
type rig struct {
	*subject
	m       *memory
	w       *runtime.Work
	rows    int
	cols    int
	samples int // with a shift or scale of their own; 0: none
}

// lay makes the subject of a layer, for so many rows, without its passes.
func lay(l layer, rows int, m *memory) (rig, error) {
	s := &subject{vectors: plain.Vectors{}, grads: plain.Vectors{}}
	b := rig{subject: s, m: m, w: l.NewWork(rows), rows: rows, cols: l.Cols()}
	n := rows * b.cols
	s.x, s.dy, s.y, s.dx = m.array("x", n), m.array("dy", n), m.array("y", n), m.array("dx", n)
	s.setPool = b.w.SetPool
	s.fill(append(l.Params(), l.State()...), m)
	for _, g := range l.Grads() {
		s.grads[g.Name] = g.Data
	}
	return b, l.SetStep(pastWarmUp)
}

// laySamples is lay for a layer whose rows are the places of samples.
func laySamples(l layer, samples, places int, m *memory) (rig, error) {
	b, err := lay(l, samples*places, m)
	if err != nil {
		return b, err
	}
	b.samples = samples
	return b, b.w.Shape(samples, places)
}

// fill gives parameters and states numbers near one, so that no term vanishes.
func (s *subject) fill(vectors []runtime.Named, m *memory) {
	for _, v := range vectors {
		for i, r := range m.array(v.Name, len(v.Data)) {
			v.Data[i] = 1 + max(-0.5, min(r/8, 0.5))
		}
		s.vectors[v.Name] = v.Data
	}
}

// whole views a tensor of all rows.
func (b rig) whole(a []float32) runtime.View { return runtime.Matrix(a, b.rows, b.cols) }

// tensor views another tensor of all rows.
func (b rig) tensor(name string) ([]float32, runtime.View) {
	a := b.m.array(name, b.rows*b.cols)
	return a, b.whole(a)
}

// ofSample views a tensor with a row for each sample.
func (b rig) ofSample(name string) runtime.View {
	return runtime.Matrix(b.m.array(name, b.samples*b.cols), b.samples, b.cols)
}

// ready runs a forward, which a backward needs.
func (s *subject) ready() error { return s.passes[forward].run() }
