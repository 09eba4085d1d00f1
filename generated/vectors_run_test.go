package generated_test

import (
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/vectors/replay"
)

// A generatedNorm is the Go of a generated package. Spec is the layer that it
// was made of: which axes are rows, and what the one input and output are called.
type generatedNorm[T runtime.Float] struct {
	layer runtime.NormOf[T]
	spec  *ir.Layer
}

func (g generatedNorm[T]) Set(params, states map[string][]float64) {
	load(g.layer.Params(), params)
	load(g.layer.State(), states)
}

// load leaves vectors that the case does not have at their initial values: a
// layer without gamma is one whose gamma is 1.
func load[T runtime.Float](to []runtime.NamedOf[T], from map[string][]float64) {
	for _, v := range to {
		for j, x := range from[v.Name] {
			v.Data[j] = T(x)
		}
	}
}

// A matrix is a call as rows of columns.
type matrix struct {
	x, dy      []float64
	rows, cols int
	sizes      []int // of the axes of the rows
	keep       []bool
	train      bool
}

func matrixOf(l *ir.Layer, c replay.Call) matrix {
	x, y := l.Inputs[0], l.Outputs[0]
	m := matrix{x: c.In[x.Name], dy: c.Cotangents[y.Name], rows: 1, cols: 1, keep: c.Keep, train: c.Train}
	for _, d := range x.Dims {
		if plan.Columns(l).Has(1 << d) {
			m.cols *= c.Sizes[d]
			continue
		}
		m.rows *= c.Sizes[d]
		m.sizes = append(m.sizes, c.Sizes[d])
	}
	return m
}

func (g generatedNorm[T]) Pass(call replay.Call) (map[string][]float64, error) {
	c := matrixOf(g.spec, call)
	w := g.layer.NewWork(max(1, c.rows))
	if len(c.sizes) > 1 {
		if err := w.Shape(c.sizes...); err != nil {
			return nil, err
		}
	}
	g.layer.SetMode(runtime.Train)
	if !c.train {
		g.layer.SetMode(runtime.Frozen)
	}
	got := map[string][]float64{}
	if err := g.run(w, c, got); err != nil {
		return nil, err
	}
	err := g.after(w, c, got)
	for _, s := range g.layer.State() {
		got[s.Name] = widen(s.Data)
	}
	got["commits"] = []float64{float64(g.layer.Step() - 1)}
	return got, err
}

// after commits a step, or infers on the same input.
func (g generatedNorm[T]) after(w *runtime.WorkOf[T], c matrix, got map[string][]float64) error {
	if !c.train {
		return g.infer(c, got)
	}
	for _, s := range w.Stats() {
		got[s.Name] = s.Values
	}
	return g.layer.Commit(w)
}

// run does forward and backward.
func (g generatedNorm[T]) run(w *runtime.WorkOf[T], c matrix, got map[string][]float64) error {
	y, dx := make([]T, len(c.x)), make([]T, len(c.x))
	view := func(data []T) runtime.ViewOf[T] { return runtime.Matrix(data, c.rows, c.cols) }
	if err := g.layer.Forward(w, view(y), view(rounded[T](c.x)), c.keep); err != nil {
		return err
	}
	if err := g.layer.Backward(w, view(dx), view(rounded[T](c.dy)), runtime.Overwrite); err != nil {
		return err
	}
	got["y"], got["dx"] = widen(y), widen(dx)
	for _, p := range g.layer.Grads() {
		got["d"+p.Name] = widen(p.Data)
	}
	return nil
}

// infer adds what Infer makes of the same input.
func (g generatedNorm[T]) infer(c matrix, got map[string][]float64) error {
	y := make([]T, len(c.x))
	err := g.layer.Infer(runtime.Matrix(y, c.rows, c.cols), runtime.Matrix(rounded[T](c.x), c.rows, c.cols))
	got["infer "+g.spec.Outputs[0].Name] = widen(y)
	return err
}
