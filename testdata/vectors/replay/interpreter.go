package replay

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
	"github.com/normgen/normgen/testdata/vectors"
)

// An Interpreter is the meaning of a layer: its functions, derived or simplified,
// evaluated in float64.
type Interpreter struct{ layer *train.Layer }

// NewInterpreter sets knobs by name; the others have their defaults.
func NewInterpreter(l *ir.Layer, knobs map[string]float64) (*Interpreter, error) {
	t := train.New(l)
	for name, v := range knobs {
		if _, ok := t.Knobs[name]; !ok {
			return nil, fmt.Errorf("%s has no knob %s", l.Name, name)
		}
		t.Knobs[name] = v
	}
	return &Interpreter{t}, nil
}

// Set gives parameters and states their values.
func (n *Interpreter) Set(params, states map[string][]float64) {
	n.give(n.layer.Params, params)
	n.give(n.layer.States, states)
}

func (n *Interpreter) give(ls []*ir.Leaf, from map[string][]float64) {
	for _, l := range ls {
		if v, ok := from[l.Name]; ok {
			n.layer.Values[l] = v
		}
	}
}

// Pass runs forward, backward if there are cotangents, and in training the
// updates.
func (n *Interpreter) Pass(c Call) (map[string][]float64, error) {
	mode := n.layer.Modes[1]
	if c.Train {
		mode = n.layer.Modes[0]
	}
	p, err := n.layer.Run(mode, n.batch(c))
	if err == nil && c.Train {
		err = n.layer.Commit(p)
	}
	if err != nil {
		return nil, err
	}
	got := map[string][]float64{}
	if err := n.results(p, exposed(mode.Forward), c.Sizes, got); err != nil {
		return nil, err
	}
	if p.Grads != nil {
		if err := n.results(p, mode.Backward, c.Sizes, got); err != nil {
			return nil, err
		}
	}
	for _, l := range n.layer.States {
		got[l.Name] = n.layer.Value(l, c.Sizes)
	}
	got["commits"] = []float64{n.layer.Step - 1}
	return got, nil
}

// batch is a call by the order of the layer's leaves.
func (n *Interpreter) batch(c Call) train.Batch {
	b := train.Batch{Sizes: c.Sizes}
	for _, l := range n.layer.Inputs {
		b.Inputs = append(b.Inputs, c.In[l.Name])
	}
	if len(c.Cotangents) > 0 {
		for _, l := range n.layer.Outputs {
			b.Cotangents = append(b.Cotangents, c.Cotangents[l.Name])
		}
	}
	if c.Keep != nil {
		b.Masks = [][]float64{numbers(c.Keep)}
	}
	return b
}

// exposed is f with its named values as results too.
func exposed(f *ir.Func) *ir.Func {
	out := f.Clone()
	known := map[string]bool{}
	for _, o := range out.Outs {
		known[o.Name] = true
	}
	for _, v := range out.Values {
		if v.Name != "" && v.Op != ir.Load && !known[v.Name] {
			known[v.Name] = true
			out.Out(ir.StatOut, v.Name, v, nil)
		}
	}
	return out
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

// results evaluates f on what the pass was given, and names what it computes.
func (n *Interpreter) results(p *train.Pass, f *ir.Func, sizes []int, got map[string][]float64) error {
	outs, err := p.Eval(f)
	for i, x := range outs {
		switch o := f.Outs[i]; o.Kind {
		case ir.GradOut:
			got["d"+o.Leaf.Name] = x
		case ir.StatOut:
			got[o.Name] = n.asInput(x, o.Value.Axes, sizes)
		default:
			got[o.Name] = x
		}
	}
	return err
}

// asInput takes a statistic from ascending axes to the order of the first input.
func (n *Interpreter) asInput(x []float64, axes ir.Axes, sizes []int) []float64 {
	var dims []vectors.Dim
	for i, a := range n.layer.Axes {
		if axes.Has(1 << i) {
			dims = append(dims, vectors.Dim{Axis: a.Name, Size: sizes[i]})
		}
	}
	var names []string
	for _, d := range n.layer.Inputs[0].Dims {
		names = append(names, n.layer.Axes[d].Name)
		axes &^= 1 << d
	}
	for i, a := range n.layer.Axes {
		if axes.Has(1 << i) {
			names = append(names, a.Name)
		}
	}
	return vectors.Arrange(x, dims, names)
}
