// Package interp gives any function its meaning in float64, by dense
// evaluation: one array per value, no fusion, no reassociation. It is the
// oracle that derivation, passes and generated code are compared with, so
// sums are compensated and moments are centred in two passes.
package interp

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
)

// An Env is what a function is evaluated on.
type Env struct {
	Sizes  []int                  // of each axis, in the layer's order
	Leaves map[*ir.Leaf][]float64 // in the order of the leaf's Dims
	Step   float64

	// Apply computes the elementwise operations; nil gives them their meaning.
	Apply func(op ir.Op, args []float64) float64
}

// Run evaluates f and returns its outputs in order: each in the order of its
// leaf's Dims, or of ascending axes if it has no leaf. A mask that is not in
// e.Leaves holds everywhere; any other missing leaf has its initial value.
func Run(f *ir.Func, e Env) ([][]float64, error) {
	m := machine{env: e, val: make([][]float64, len(f.Values))}
	for _, v := range f.Values {
		x, err := m.eval(v)
		if err != nil {
			return nil, fmt.Errorf("interp: %s: v%d: %w", f.Name, v.ID, err)
		}
		m.val[v.ID] = x
	}
	return m.outs(f, m.val), nil
}

// A machine holds the value of every ir.Value so far, by ID, over ascending axes.
type machine struct {
	env Env
	val [][]float64
}

func (m *machine) outs(f *ir.Func, val [][]float64) [][]float64 {
	var out [][]float64
	for _, o := range f.Outs {
		x := val[o.Value.ID]
		if o.Leaf != nil {
			x = toDims(x, o.Leaf.Dims, m.env.Sizes)
		}
		out = append(out, x)
	}
	return out
}

// rules evaluates the operations that are not elementwise.
var rules = [ir.NumOps]func(m *machine, v *ir.Value) ([]float64, error){
	ir.Const:      func(m *machine, v *ir.Value) ([]float64, error) { return []float64{v.F}, nil },
	ir.Step:       func(m *machine, v *ir.Value) ([]float64, error) { return []float64{m.env.Step}, nil },
	ir.Size:       func(m *machine, v *ir.Value) ([]float64, error) { return []float64{float64(m.size(v.Over))}, nil },
	ir.Count:      (*machine).count,
	ir.Index:      (*machine).index,
	ir.Sum:        (*machine).sum,
	ir.Mean:       (*machine).mean,
	ir.MaxOf:      (*machine).maxOf,
	ir.Widen:      (*machine).widen,
	ir.MomentMean: (*machine).mean,
	ir.MomentHi:   (*machine).mean,
	ir.MomentLo:   (*machine).zero,
	ir.MomentSS:   (*machine).moment,
}

func (m *machine) eval(v *ir.Value) ([]float64, error) {
	if fn := ir.Ops[v.Op].Eval; fn != nil {
		if m.env.Apply != nil {
			fn = func(args []float64) float64 { return m.env.Apply(v.Op, args) }
		}
		return m.elementwise(v, fn), nil
	}
	if v.Op == ir.Load { // not in rules: a first value is a function too
		return m.load(v)
	}
	if rules[v.Op] == nil {
		return nil, fmt.Errorf("%s has no meaning", v.Op)
	}
	return rules[v.Op](m, v)
}

func (m *machine) elementwise(v *ir.Value, fn func([]float64) float64) []float64 {
	out := make([]float64, m.size(v.Axes))
	args := make([]float64, len(v.Args))
	for i := range out {
		for k, a := range v.Args {
			args[k] = m.val[a.ID][i]
		}
		out[i] = fn(args)
	}
	return out
}

func (m *machine) load(v *ir.Value) ([]float64, error) {
	n := m.size(v.Axes)
	x, ok := m.env.Leaves[v.Leaf]
	if !ok && v.Leaf.Kind == ir.MaskLeaf {
		return fill(n, 1), nil
	}
	if !ok {
		initial, err := m.initial(v.Leaf)
		return fill(n, initial), err
	}
	if len(x) != n {
		return nil, fmt.Errorf("leaf %s has %d elements, want %d", v.Leaf.Name, len(x), n)
	}
	return fromDims(x, v.Leaf.Dims, m.env.Sizes), nil
}

// initial is the first value of a leaf.
func (m *machine) initial(l *ir.Leaf) (float64, error) {
	if l.From == nil {
		return l.Init, nil
	}
	outs, err := Run(l.From, m.env)
	if err != nil {
		return 0, err
	}
	return outs[0][0], nil
}

func (m *machine) count(v *ir.Value) ([]float64, error) {
	mask := v.Mask()
	if mask == nil {
		return []float64{float64(max(1, m.size(v.Over)))}, nil
	}
	out := make([]float64, m.size(v.Axes))
	each := float64(m.size(v.Over &^ mask.Axes))
	to := strides(mask.Axes, v.Axes, m.env.Sizes)
	for i, x := range m.val[mask.ID] {
		if x != 0 {
			out[to.at(i)] += each
		}
	}
	for i := range out {
		out[i] = max(1, out[i])
	}
	return out, nil
}

func (m *machine) index(v *ir.Value) ([]float64, error) {
	out := make([]float64, m.size(v.Over))
	for i := range out {
		out[i] = float64(i)
	}
	return out, nil
}

func (m *machine) widen(v *ir.Value) ([]float64, error) {
	a := v.Args[0]
	return m.spread(m.val[a.ID], a.Axes, v.Axes), nil
}

// spread repeats x over the axes of to.
func (m *machine) spread(x []float64, from, to ir.Axes) []float64 {
	out := make([]float64, m.size(to))
	s := strides(to, from, m.env.Sizes)
	for i := range out {
		out[i] = x[s.at(i)]
	}
	return out
}

func (m *machine) zero(v *ir.Value) ([]float64, error) { return make([]float64, m.size(v.Axes)), nil }

func (m *machine) size(a ir.Axes) int {
	n := 1
	for i, s := range m.env.Sizes {
		if a.Has(1 << i) {
			n *= s
		}
	}
	return n
}

func fill(n int, x float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = x
	}
	return out
}
