// Package replay runs the cases of package vectors through layers: through their
// meaning, in the interpreter, or through whatever else a Subject drives.
package replay

import (
	"fmt"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/testdata/vectors"
)

// A Call is one step of a case in the names and the memory order of a layer.
type Call struct {
	Sizes      []int                // of the layer's axes
	In         map[string][]float64 // inputs
	Cotangents map[string][]float64 // by the name of the output; none if only y is wanted
	Keep       []bool               // the mask in its declared order, nil for all
	Train      bool                 // else the pass is frozen
}

// A Subject is an implementation of a layer. A result holds outputs, gradients as
// d and the leaf's name, and statistics and states (after the step) by their
// names; "commits" counts the steps so far.
type Subject interface {
	Set(params, states map[string][]float64)
	Pass(c Call) (map[string][]float64, error)
}

// A Replay is a case and the layer that it runs through.
type Replay struct {
	Case  *vectors.Case
	Route vectors.Route
	Layer *ir.Layer
}

// Run drives a subject through the steps of the case, with the subject's own
// states from step to step, and hands every result to check in the names and the
// memory order of the case. The step after the last is inference.
func (p Replay) Run(s Subject, check func(i int, got map[string]vectors.Tensor) error) error {
	s.Set(p.data(p.Case.Params), p.data(p.Case.State))
	n := len(p.Case.Steps)
	if p.Case.Eval != nil {
		n++
	}
	for i := range n {
		c, err := p.Call(i)
		if err != nil {
			return err
		}
		got, err := s.Pass(c)
		if err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
		named, err := p.named(i, got)
		if err != nil {
			return err
		}
		if err := check(i, named); err != nil {
			return err
		}
	}
	return nil
}

// data is a case's vectors by the layer's names. Those that the case does not
// have keep their first value: a layer without gamma is one whose gamma is 1.
func (p Replay) data(ts map[string]vectors.Tensor) map[string][]float64 {
	out := map[string][]float64{}
	for name, t := range ts {
		out[p.Route.Name(name)] = t.Data
	}
	return out
}

// Call is step i of the case.
func (p Replay) Call(i int) (Call, error) {
	step := p.Case.Step(i)
	f, err := p.frame(step)
	if err != nil {
		return Call{}, err
	}
	c := Call{Sizes: f.sizes, In: map[string][]float64{}, Cotangents: map[string][]float64{}, Train: i < len(p.Case.Steps)}
	given, params := p.data(step.In), p.data(p.Case.Params)
	for _, l := range p.Layer.Inputs {
		x, ok := given[l.Name]
		if !ok {
			x, ok = params[l.Name] // constant over a case
		}
		if !ok {
			return Call{}, fmt.Errorf("%v has no input %s", p.Case, l.Name)
		}
		c.In[l.Name] = f.toLayer(x, l)
	}
	for _, l := range p.Layer.Outputs {
		if dy, ok := given["d"+l.Name]; ok {
			c.Cotangents[l.Name] = f.toLayer(dy, l)
		}
	}
	c.Keep, err = p.keep(f, step)
	return c, err
}

// keep is the mask: padding is (B, T) where x is (T, B, C).
func (p Replay) keep(f frame, s vectors.Step) ([]bool, error) {
	pad, ok := s.In["pad"]
	if !ok {
		return nil, nil
	}
	if len(p.Layer.Masks) != 1 {
		return nil, fmt.Errorf("%v has padding, and %s %d masks", p.Case, p.Layer.Name, len(p.Layer.Masks))
	}
	t := vectors.Transpose(pad)
	t.Data = f.toLayer(t.Data, p.Layer.Masks[0])
	return vectors.Keep(t), nil
}

// A frame is the shape of one step.
type frame struct {
	layer *ir.Layer
	dims  []vectors.Dim // of x in the case's order, by atomic axes
	sizes []int         // of the layer's axes
}

func (p Replay) frame(s vectors.Step) (frame, error) {
	x, ok := s.In["x"]
	if !ok {
		x = s.In["v"] // weights
	}
	dims, err := p.Route.Shape(x.Shape)
	if err != nil {
		return frame{}, err
	}
	sizes, err := interp.SizesOf(p.Layer, p.Route.Knobs, vectors.Sizes(dims))
	return frame{p.Layer, factored(p.Layer, dims, sizes), sizes}, err
}

// factored replaces dims along split axes by their factors.
func factored(l *ir.Layer, dims []vectors.Dim, sizes []int) []vectors.Dim {
	var out []vectors.Dim
	for _, d := range dims {
		factors := []vectors.Dim{d}
		for _, p := range l.Products {
			if p.Name == d.Axis && sizes != nil {
				factors = nil
				for _, f := range p.Factors {
					factors = append(factors, vectors.Dim{Axis: l.Axes[f].Name, Size: sizes[f]})
				}
			}
		}
		out = append(out, factors...)
	}
	return out
}

func (f frame) toLayer(data []float64, l *ir.Leaf) []float64 {
	dims, order := f.along(l)
	return vectors.Arrange(data, dims, order)
}

func (f frame) toCase(data []float64, l *ir.Leaf) []float64 {
	dims, order := f.along(l)
	return vectors.Back(data, dims, order)
}

// along are the dims of a leaf in the case's order, and its axes in its own.
func (f frame) along(l *ir.Leaf) (dims []vectors.Dim, order []string) {
	for _, d := range l.Dims {
		order = append(order, f.layer.Axes[d].Name)
	}
	for _, d := range f.dims {
		for _, axis := range order {
			if d.Axis == axis {
				dims = append(dims, d)
			}
		}
	}
	return dims, order
}

// named is a result in the names and the memory order of the case.
func (p Replay) named(i int, got map[string][]float64) (map[string]vectors.Tensor, error) {
	step := p.Case.Step(i)
	f, err := p.frame(step)
	if err != nil {
		return nil, err
	}
	for _, l := range p.Layer.Outputs {
		p.inCase(f, got, l, l.Name, "infer "+l.Name)
	}
	for _, l := range p.Layer.Inputs {
		p.inCase(f, got, l, "d"+l.Name)
	}
	out := map[string]vectors.Tensor{}
	for name, want := range step.Want {
		if data, ok := p.result(name, got); ok {
			out[name] = vectors.Tensor{Shape: want.Shape, Data: data}
		}
		if y, ok := got["infer "+p.Route.Name(name)]; ok {
			out["infer "+name] = vectors.Tensor{Shape: want.Shape, Data: y}
		}
	}
	for name, same := range p.Route.Also {
		out[name] = vectors.Tensor{Shape: step.Want[same].Shape, Data: got[name]}
	}
	return out, nil
}

func (p Replay) inCase(f frame, got map[string][]float64, l *ir.Leaf, names ...string) {
	for _, name := range names {
		if data, ok := got[name]; ok {
			got[name] = f.toCase(data, l)
		}
	}
}

// result is what the case calls name, or what it follows from.
func (p Replay) result(name string, got map[string][]float64) ([]float64, bool) {
	d, ok := p.Route.Derived[name]
	if !ok {
		data, ok := got[p.Route.Name(name)]
		return data, ok
	}
	stat, ok := got[d.Of]
	out := make([]float64, len(stat))
	for i, x := range stat {
		out[i] = d.By(x, p.Route.Knobs["eps"])
	}
	return out, ok
}
