// Package train trains a layer in float64 by interpretation: forward, backward
// and commit, with the meaning that the language fixes. It is what a spec
// says, and what generated code and other specs are compared with.
package train

import (
	"slices"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// A Layer is a norm between two steps.
type Layer struct {
	*ir.Layer
	Knobs  map[string]float64
	Values map[*ir.Leaf][]float64 // parameters and states; initial where missing
	Step   float64                // commits + 1

	knobs map[*ir.Leaf]bool // the leaves that functions read knobs by
}

// New returns a layer before its first step, with the default of every knob.
func New(l *ir.Layer) *Layer {
	t := &Layer{Layer: l, Knobs: map[string]float64{}, Values: map[*ir.Leaf][]float64{}, Step: 1,
		knobs: map[*ir.Leaf]bool{}}
	for _, k := range l.Knobs {
		t.Knobs[k.Name] = k.Default
	}
	for _, m := range l.Modes {
		for _, f := range functions(m) {
			t.findKnobs(f)
		}
	}
	for _, leaf := range slices.Concat(l.Params, l.States) {
		if leaf.From != nil {
			t.findKnobs(leaf.From)
		}
	}
	return t
}

func functions(m *ir.Mode) []*ir.Func {
	fs := []*ir.Func{m.Forward, m.Backward}
	for _, u := range m.Updates {
		fs = append(fs, u.Func)
	}
	for _, r := range m.Requires {
		fs = append(fs, r.Func)
	}
	return fs
}

func (l *Layer) findKnobs(f *ir.Func) {
	for _, v := range f.Values {
		if v.Op == ir.Load && v.Leaf.Kind == ir.KnobLeaf {
			l.knobs[v.Leaf] = true
		}
	}
}

// Fork returns a copy that trains on its own.
func (l *Layer) Fork() *Layer {
	c := *l
	c.Values = map[*ir.Leaf][]float64{}
	for leaf, v := range l.Values {
		c.Values[leaf] = v
	}
	return &c
}

// Value returns a parameter or state for axes of the given sizes.
func (l *Layer) Value(leaf *ir.Leaf, sizes []int) []float64 {
	if v, ok := l.Values[leaf]; ok {
		return v
	}
	f := &ir.Func{Name: leaf.Name}
	f.Out(ir.StatOut, leaf.Name, f.Load(leaf), leaf)
	outs, err := interp.Run(f, l.env(sizes))
	if err != nil {
		panic(err) // lowering evaluates nothing but sizes and knobs first
	}
	return outs[0]
}

// A Batch is what one step is given: tensors in the order in which the layer
// declares them, each in the order of its axes in memory.
type Batch struct {
	Sizes      []int // of the layer's axes
	Inputs     [][]float64
	Masks      [][]float64 // 0 or 1; a mask that is nil holds everywhere
	Cotangents [][]float64 // one for each output; without any there is no backward
}

// A Pass is a forward and a backward, not yet committed.
type Pass struct {
	Outputs [][]float64
	Grads   [][]float64          // of inputs, then of parameters
	Stats   map[string][]float64 // by name

	mode *ir.Mode
	env  interp.Env
}

// Run passes a batch forward and backward in mode m, unless m requires what the
// batch does not have. No state changes.
func (l *Layer) Run(m *ir.Mode, b Batch) (*Pass, error) {
	p := &Pass{Stats: map[string][]float64{}, mode: m, env: l.env(b.Sizes)}
	p.give(l.Inputs, b.Inputs)
	p.give(l.Masks, b.Masks)
	if err := interp.Check(l.Layer, m, p.env); err != nil {
		return nil, err
	}
	if err := p.forward(); err != nil || len(b.Cotangents) == 0 {
		return p, err
	}
	p.give(m.Cotangents, b.Cotangents)
	return p, p.backward()
}

// env holds what the layer itself has.
func (l *Layer) env(sizes []int) interp.Env {
	e := interp.Env{Sizes: sizes, Leaves: map[*ir.Leaf][]float64{}, Step: l.Step}
	for leaf, v := range l.Values {
		e.Leaves[leaf] = v
	}
	for leaf := range l.knobs {
		e.Leaves[leaf] = []float64{l.Knobs[leaf.Name]}
	}
	return e
}

func (p *Pass) give(leaves []*ir.Leaf, values [][]float64) {
	for i, v := range values {
		if v != nil {
			p.env.Leaves[leaves[i]] = v
		}
	}
}

func (p *Pass) forward() error {
	outs, err := interp.Run(p.mode.Forward, p.env)
	for i, x := range outs {
		if o := p.mode.Forward.Outs[i]; o.Kind == ir.TensorOut {
			p.Outputs = append(p.Outputs, x)
			p.env.Leaves[o.Leaf] = x // a backward may read it
		} else {
			p.Stats[o.Name] = x
		}
	}
	return err
}

func (p *Pass) backward() error {
	outs, err := interp.Run(p.mode.Backward, p.env)
	for i, x := range outs {
		if o := p.mode.Backward.Outs[i]; o.Kind == ir.GradOut {
			p.Grads = append(p.Grads, x)
		} else {
			p.Stats[o.Name] = x
		}
	}
	return err
}

// Eval evaluates another function on what the pass was given, at the state
// before the step.
func (p *Pass) Eval(f *ir.Func) ([][]float64, error) { return interp.Run(f, p.env) }
