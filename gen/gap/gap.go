// Package gap measures how far declared gradients are from the derived ones:
// along a run, since what a method declares depends on the state it has reached.
package gap

import (
	"fmt"
	"slices"

	"github.com/normgen/normgen/gen/grad"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
)

// Options say how long a run is and what it draws.
type Options struct {
	Steps int
	Seed  uint64
}

// A Report is what was measured of one norm.
type Report struct {
	Norm  string `json:"norm"`
	Steps int    `json:"steps"`
	Seed  uint64 `json:"seed"`
	Sizes []Size `json:"sizes"`
	Rows  []Row  `json:"rows"` // none if the norm declares no gradient
}

// A Size is that of an axis.
type Size struct {
	Axis string `json:"axis"`
	Size int    `json:"size"`
}

// A Row compares one gradient at one step.
type Row struct {
	Mode        string `json:"mode"`
	Approximate bool   `json:"approximate"`
	Inputs      string `json:"inputs"` // the family
	Gradient    string `json:"gradient"`
	Step        int    `json:"step"`
	Gap
}

// Measure compares the gradients that l declares with the derived ones at the
// first, the middle and the last step of a run on each family of inputs.
func Measure(l *ir.Layer, o Options) (*Report, error) {
	r := &Report{Norm: l.Name, Steps: o.Steps, Seed: o.Seed, Rows: []Row{}}
	sizes, err := sizesOf(l)
	if err != nil {
		return nil, err
	}
	for i, a := range l.Axes {
		r.Sizes = append(r.Sizes, Size{a.Name, sizes[i]})
	}
	wrt := slices.Concat(l.Inputs, l.Params)
	for _, m := range l.Modes {
		derived, err := grad.Derive(m.Forward, m.Cotangents, wrt)
		if err != nil {
			return nil, err
		}
		c := comparison{layer: l, mode: m, derived: derived, wrt: wrt, declared: declared(m.Backward, derived), Options: o, sizes: sizes}
		for _, f := range train.Families {
			rows, err := c.run(f)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: inputs %s: %w", l.Name, m.Name, f.Name, err)
			}
			r.Rows = append(r.Rows, rows...)
		}
	}
	return r, nil
}

// declared lists the gradients that backward computes in another way than the
// derived function does.
func declared(backward, derived *ir.Func) []int {
	h := ir.NewHasher()
	var out []int
	for i, o := range derived.Outs {
		if h.Number(backward.Outs[i].Value) != h.Number(o.Value) {
			out = append(out, i)
		}
	}
	return out
}

// maxElements bounds the elements over all axes.
const maxElements = 1 << 14

// sizesOf gives rows enough words to repeat some, and columns enough to be
// hard; less of them where there are many axes.
func sizesOf(l *ir.Layer) ([]int, error) {
	for free := 8; free > 0; free-- {
		if n := withSizes(l, free); !train.Exceed(n, maxElements) {
			return n, nil
		}
	}
	return nil, fmt.Errorf("%s: the axes of fixed size have more than %d elements", l.Name, maxElements)
}

// withSizes gives axes without a size of their own the size free.
func withSizes(l *ir.Layer, free int) []int {
	out := make([]int, len(l.Axes))
	for i, a := range l.Axes {
		out[i] = free
		if a.Size > 0 {
			out[i] = a.Size
		}
		for _, k := range l.Knobs {
			if k.Name == a.Knob && a.Size == 0 {
				out[i] = max(1, int(k.Default))
			}
		}
	}
	for _, x := range l.Inputs {
		if len(x.Dims) == 2 && l.Axes[x.Dims[0]].Size == 0 {
			out[x.Dims[0]] = 8 * free
		}
	}
	return out
}

// A comparison is one mode of a norm and its derived backward.
type comparison struct {
	Options
	layer    *ir.Layer
	mode     *ir.Mode
	derived  *ir.Func
	wrt      []*ir.Leaf // what the gradients are of
	declared []int      // the gradients to compare
	sizes    []int
}

func (c *comparison) run(f train.Family) ([]Row, error) {
	if len(c.declared) == 0 {
		return nil, nil
	}
	l, source := train.New(c.layer), train.NewSource(c.layer, c.sizes, f, c.Seed)
	var rows []Row
	for step := 1; step <= c.Steps; step++ {
		p, err := l.Run(c.mode, source.Next())
		if err != nil {
			return nil, err
		}
		if step == 1 || step == (c.Steps+1)/2 || step == c.Steps {
			at, err := c.measure(p, Row{Mode: c.mode.Name, Approximate: c.mode.Approximate, Inputs: f.Name, Step: step})
			if err != nil {
				return nil, err
			}
			rows = append(rows, at...)
		}
		if err := l.Commit(p); err != nil {
			return nil, fmt.Errorf("step %d: %w", step, err)
		}
	}
	return rows, nil
}

// measure completes a row for every declared gradient.
func (c *comparison) measure(p *train.Pass, row Row) ([]Row, error) {
	want, err := p.Eval(c.derived)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, i := range c.declared {
		leaf := c.wrt[i]
		row.Gradient = "d" + leaf.Name
		row.Gap = between(p.Grads[i], want[i])
		row.At = place(row.worst, leaf.Dims, c.sizes)
		rows = append(rows, row)
	}
	return rows, nil
}

// place is the position along each of dims of element i.
func place(i int, dims, sizes []int) []int {
	at := make([]int, len(dims))
	for k := len(dims) - 1; k >= 0; k-- {
		at[k] = i % sizes[dims[k]]
		i /= sizes[dims[k]]
	}
	return at
}
