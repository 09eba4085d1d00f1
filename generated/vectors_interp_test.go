package generated_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
)

// An interpreted norm is the meaning of a spec: the lowered functions before
// any pass, evaluated in float64.
type interpreted struct{ *train.Layer }

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
	n := train.New(l)
	for name, v := range knobs {
		n.Knobs[name] = v
	}
	return &interpreted{n}
}

func (n *interpreted) set(params, states map[string][]float64) {
	for _, l := range n.Params {
		n.give(l, params)
	}
	for _, l := range n.States {
		n.give(l, states)
	}
}

func (n *interpreted) give(l *ir.Leaf, from map[string][]float64) {
	if v, ok := from[l.Name]; ok {
		n.Values[l] = v
	}
}

func (n *interpreted) pass(c call) (map[string][]float64, error) {
	mode := n.Modes[0]
	if !c.train {
		mode = n.Modes[1]
	}
	p, err := n.Run(mode, n.batch(c))
	if err != nil {
		return nil, err
	}
	got := n.named(p)
	if c.train {
		err = n.Commit(p)
	}
	for _, l := range n.States {
		got[l.Name] = n.Values[l]
	}
	got["commits"] = []float64{n.Step - 1}
	return got, err
}

// named gives the results of a pass their names.
func (n *interpreted) named(p *train.Pass) map[string][]float64 {
	got := p.Stats
	for i, l := range n.Outputs {
		got[l.Name] = p.Outputs[i]
	}
	for i, l := range slices.Concat(n.Inputs, n.Params) {
		got["d"+l.Name] = p.Grads[i]
	}
	return got
}

func (n *interpreted) batch(c call) train.Batch {
	b := train.Batch{Sizes: n.sizes(c), Inputs: [][]float64{c.x}, Cotangents: [][]float64{c.dy}}
	if c.keep != nil {
		b.Masks = [][]float64{numbers(c.keep)}
	}
	return b
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
	if k, ok := n.Knobs["K"]; ok {
		cols = []int{int(k), c.cols / int(k)}
	}
	out := make([]int, len(n.Axes))
	for i, d := range n.Inputs[0].Dims {
		out[d] = append(rows, cols...)[i]
	}
	return out
}
