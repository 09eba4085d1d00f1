package generated_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// An interpreted norm is the meaning of a spec: the lowered functions before
// any pass, evaluated in float64.
type interpreted struct {
	layer  *ir.Layer
	knobs  map[string]float64
	leaves map[*ir.Leaf][]float64 // parameters and states
	step   float64
}

// lowered are the layers of the library and the variants.
func lowered(t *testing.T) map[string]*ir.Layer {
	t.Helper()
	specs, err := filepath.Glob("../testdata/*.dsl")
	if err != nil || len(specs) == 0 {
		t.Fatalf("no specs: %v", err)
	}
	layers := map[string]*ir.Layer{}
	for _, path := range specs {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, errs := dsl.Parse(filepath.Base(path), src)
		if errs.HasErrors() {
			t.Fatal(errs)
		}
		p, errs := dsl.Check(f)
		if errs.HasErrors() {
			t.Fatal(errs)
		}
		units, err := gen.Lower(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range units {
			layers[u.Layer.Name] = u.Layer
		}
	}
	return layers
}

func newInterpreted(l *ir.Layer, knobs map[string]float64) *interpreted {
	n := &interpreted{layer: l, knobs: map[string]float64{}, leaves: map[*ir.Leaf][]float64{}, step: 1}
	for _, k := range l.Knobs {
		n.knobs[k.Name] = k.Default
	}
	for name, v := range knobs {
		n.knobs[name] = v
	}
	return n
}

func (n *interpreted) set(params, states map[string][]float64) {
	for _, l := range n.layer.Params {
		n.give(l, params)
	}
	for _, l := range n.layer.States {
		n.give(l, states)
	}
}

func (n *interpreted) give(l *ir.Leaf, from map[string][]float64) {
	if v, ok := from[l.Name]; ok {
		n.leaves[l] = v
	}
}

func (n *interpreted) pass(c call) (map[string][]float64, error) {
	mode := n.layer.Modes[0]
	if !c.train {
		mode = n.layer.Modes[1]
	}
	got := map[string][]float64{}
	e := n.env(c, mode)
	for _, f := range []*ir.Func{mode.Forward, mode.Backward} {
		if err := n.run(f, e, got); err != nil {
			return nil, err
		}
	}
	var err error
	if c.train {
		err = n.update(mode, c, got)
	}
	for _, l := range n.layer.States {
		got[l.Name] = n.leaves[l]
	}
	got["commits"] = []float64{n.step - 1}
	return got, err
}

// env are the sizes and tensors of a call.
func (n *interpreted) env(c call, m *ir.Mode) interp.Env {
	e := interp.Env{Sizes: n.sizes(c), Leaves: map[*ir.Leaf][]float64{}, Step: n.step}
	for l, v := range n.leaves {
		e.Leaves[l] = v
	}
	e.Leaves[n.layer.Inputs[0]], e.Leaves[m.Cotangents[0]] = c.x, c.dy
	if c.keep != nil {
		e.Leaves[n.layer.Masks[0]] = numbers(c.keep)
	}
	return e
}

func numbers(keep []bool) []float64 {
	out := make([]float64, len(keep))
	for i, k := range keep {
		if k {
			out[i] = 1
		}
	}
	return out
}

// sizes of the axes: those of the rows in their order, and the columns, which
// may be a product of two.
func (n *interpreted) sizes(c call) []int {
	rows, cols := c.sizes, []int{c.cols}
	if rows == nil {
		rows = []int{c.rows}
	}
	if k, ok := n.knobs["K"]; ok {
		cols = []int{int(k), c.cols / int(k)}
	}
	out := make([]int, len(n.layer.Axes))
	for i, d := range n.layer.Inputs[0].Dims {
		out[d] = append(rows, cols...)[i]
	}
	return out
}

// run evaluates a function and names its results.
func (n *interpreted) run(f *ir.Func, e interp.Env, got map[string][]float64) error {
	n.setKnobs(f, e)
	outs, err := interp.Run(f, e)
	for i, x := range outs {
		name := f.Outs[i].Name
		if o := f.Outs[i]; o.Kind == ir.GradOut {
			name = "d" + o.Leaf.Name
		}
		got[name] = x
	}
	return err
}

func (n *interpreted) setKnobs(f *ir.Func, e interp.Env) {
	for _, v := range f.Values {
		if v.Op == ir.Load && v.Leaf.Kind == ir.KnobLeaf {
			e.Leaves[v.Leaf] = []float64{n.knobs[v.Leaf.Name]}
		}
	}
}

// update evaluates all updates on the values before the step.
func (n *interpreted) update(m *ir.Mode, c call, got map[string][]float64) error {
	next := map[*ir.Leaf][]float64{}
	for _, up := range m.Updates {
		e := n.env(c, m)
		for _, v := range up.Func.Values {
			if v.Op != ir.Load {
				continue
			}
			switch v.Leaf.Kind {
			case ir.StatLeaf:
				e.Leaves[v.Leaf] = got[v.Leaf.Name]
			case ir.CountLeaf:
				e.Leaves[v.Leaf] = []float64{c.count()}
			}
		}
		n.setKnobs(up.Func, e)
		outs, err := interp.Run(up.Func, e)
		if err != nil {
			return err
		}
		next[up.State] = outs[0]
	}
	for l, v := range next {
		n.leaves[l] = v
	}
	n.step++
	return nil
}

// count is how many rows the mask keeps.
func (c call) count() float64 {
	n := 0
	for _, k := range c.keep {
		if k {
			n++
		}
	}
	if c.keep == nil {
		n = c.rows
	}
	return float64(n)
}
