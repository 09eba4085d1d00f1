package replay

import (
	"fmt"
	"slices"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/testdata/vectors"
)

// An Interpreter is the meaning of a layer: its functions, derived or simplified,
// evaluated in float64.
type Interpreter struct {
	layer  *ir.Layer
	leaves map[*ir.Leaf][]float64 // parameters, states and knobs
	step   float64
}

// NewInterpreter sets knobs by name; the others have their defaults.
func NewInterpreter(l *ir.Layer, knobs map[string]float64) (*Interpreter, error) {
	n := &Interpreter{layer: l, leaves: map[*ir.Leaf][]float64{}, step: 1}
	known := map[string]bool{}
	for _, k := range l.Knobs {
		known[k.Name] = true
	}
	for name := range knobs {
		if !known[name] {
			return nil, fmt.Errorf("%s has no knob %s", l.Name, name)
		}
	}
	for _, f := range functions(l) {
		for _, v := range f.Values {
			if v.Op != ir.Load || v.Leaf.Kind != ir.KnobLeaf {
				continue
			}
			n.leaves[v.Leaf] = []float64{v.Leaf.Init}
			if x, ok := knobs[v.Leaf.Name]; ok {
				n.leaves[v.Leaf] = []float64{x}
			}
		}
	}
	return n, nil
}

// functions are all that read knobs.
func functions(l *ir.Layer) []*ir.Func {
	var out []*ir.Func
	for _, m := range l.Modes {
		out = append(out, m.Forward, m.Backward)
		for _, r := range m.Requires {
			out = append(out, r.Func)
		}
		for _, up := range m.Updates {
			out = append(out, up.Func)
		}
	}
	for _, p := range slices.Concat(l.Params, l.States) {
		if p.From != nil {
			out = append(out, p.From)
		}
	}
	return out
}

// Set gives parameters and states their values.
func (n *Interpreter) Set(params, states map[string][]float64) {
	n.give(n.layer.Params, params)
	n.give(n.layer.States, states)
}

func (n *Interpreter) give(ls []*ir.Leaf, from map[string][]float64) {
	for _, l := range ls {
		if v, ok := from[l.Name]; ok {
			n.leaves[l] = v
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
	if err := interp.Check(n.layer, mode, n.env(c, mode)); err != nil {
		return nil, err
	}
	got, order := map[string][]float64{}, map[string]ir.Axes{}
	if err := run(exposed(mode.Forward), n.env(c, mode), got, order); err != nil {
		return nil, err
	}
	if len(c.Cotangents) > 0 {
		if err := run(mode.Backward, n.env(c, mode), got, order); err != nil {
			return nil, err
		}
	}
	if c.Train {
		if err := n.update(mode, c, got); err != nil {
			return nil, err
		}
	}
	for name, axes := range order {
		got[name] = n.asInput(got[name], axes, c.Sizes)
	}
	for _, l := range n.layer.States {
		got[l.Name] = n.leaves[l]
	}
	got["commits"] = []float64{n.step - 1}
	return got, nil
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

// env are the sizes and tensors of a call.
func (n *Interpreter) env(c Call, m *ir.Mode) interp.Env {
	e := interp.Env{Sizes: c.Sizes, Leaves: map[*ir.Leaf][]float64{}, Step: n.step}
	for l, v := range n.leaves {
		e.Leaves[l] = v
	}
	for _, l := range n.layer.Inputs {
		e.Leaves[l] = c.In[l.Name]
	}
	for i, l := range n.layer.Outputs {
		if dy, ok := c.Cotangents[l.Name]; ok {
			e.Leaves[m.Cotangents[i]] = dy
		}
	}
	if c.Keep != nil {
		e.Leaves[n.layer.Masks[0]] = numbers(c.Keep)
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

// run evaluates a function and names its results. Of those that have no memory
// order of their own it keeps the axes.
func run(f *ir.Func, e interp.Env, got map[string][]float64, order map[string]ir.Axes) error {
	outs, err := interp.Run(f, e)
	for i, x := range outs {
		o := f.Outs[i]
		name := o.Name
		switch o.Kind {
		case ir.GradOut:
			name = "d" + o.Leaf.Name
		case ir.StatOut:
			order[name] = o.Value.Axes
		}
		got[name] = x
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
