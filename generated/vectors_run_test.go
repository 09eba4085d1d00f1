package generated_test

import (
	"math"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/vectors"
)

// A subject is an implementation of a norm that a case is run on. A result
// holds y, dx, the gradients as d and the parameter's name, and statistics and
// states (after the step) by their names; "commits" counts the steps so far.
type subject interface {
	set(params, states map[string][]float64)
	pass(c call) (map[string][]float64, error)
}

// A generatedNorm is the Go of a generated package.
type generatedNorm[T runtime.Float] struct{ layer runtime.NormOf[T] }

func (g generatedNorm[T]) set(params, states map[string][]float64) {
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

func (g generatedNorm[T]) pass(c call) (map[string][]float64, error) {
	w := g.layer.NewWork(max(1, c.rows))
	if c.sizes != nil {
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
func (g generatedNorm[T]) after(w *runtime.WorkOf[T], c call, got map[string][]float64) error {
	if !c.train {
		return g.infer(c, got)
	}
	for _, s := range w.Stats() {
		got[s.Name] = s.Values
	}
	return g.layer.Commit(w)
}

// run does forward and backward.
func (g generatedNorm[T]) run(w *runtime.WorkOf[T], c call, got map[string][]float64) error {
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
func (g generatedNorm[T]) infer(c call, got map[string][]float64) error {
	y := make([]T, len(c.x))
	err := g.layer.Infer(runtime.Matrix(y, c.rows, c.cols), runtime.Matrix(rounded[T](c.x), c.rows, c.cols))
	got["infer"] = widen(y)
	return err
}

// drive runs a case on a subject, with the subject's own states from step to
// step, and hands every result to check. The step after the last is inference.
func drive(c *vectors.Case, s subject, check func(i int, got map[string]vectors.Tensor)) error {
	r := routeOf(c)
	s.set(r.data(c.Params), r.data(c.State))
	n := len(c.Steps)
	if c.Eval != nil {
		n++
	}
	for i := range n {
		step := c.Step(i)
		got, err := s.pass(r.call(step, i < len(c.Steps)))
		if err != nil {
			return err
		}
		check(i, r.named(got, step))
	}
	return nil
}

// data is a case's vectors by the layer's names.
func (r route) data(ts map[string]vectors.Tensor) map[string][]float64 {
	out := map[string][]float64{}
	for name, t := range ts {
		out[r.name(name)] = t.Data
	}
	return out
}

func (r route) name(of string) string {
	if n, ok := r.names[of]; ok {
		return n
	}
	return of
}

// rstd is what a layer that exposes its second moment multiplies by.
func (r route) rstd(got map[string][]float64) ([]float64, bool) {
	for _, name := range []string{"var", "ms"} {
		v, ok := got[name]
		if !ok {
			continue
		}
		out := make([]float64, len(v))
		for i, x := range v {
			out[i] = 1 / math.Sqrt(x+r.knobs["eps"])
			if r.norm == "RMSNormOutside" {
				out[i] = 1 / (math.Sqrt(x) + r.knobs["eps"])
			}
		}
		return out, true
	}
	return nil, false
}

// named is a result in the names and the layout of the case.
func (r route) named(got map[string][]float64, s vectors.Step) map[string]vectors.Tensor {
	out := map[string]vectors.Tensor{}
	for name, want := range s.Want {
		data, ok := got[r.name(name)]
		if name == "rstd" {
			data, ok = r.rstd(got)
		}
		switch {
		case !ok:
		case name == "y" || name == "dx":
			out[name] = r.tensor(data, want.Shape)
		default:
			out[name] = vectors.Tensor{Shape: want.Shape, Data: data}
		}
	}
	if y, ok := got["infer"]; ok {
		out["infer"] = r.tensor(y, s.Want["y"].Shape)
	}
	return out
}
