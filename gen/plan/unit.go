package plan

import (
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// Funcs are the functions of one variant of a mode: the uniform conditions and
// the masks are already decided in them.
type Funcs struct {
	Masked   bool
	When     []Outcome
	Forward  *ir.Func
	Backward *ir.Func

	match map[*ir.Value]*ir.Value // values of the backward that the forward computes
}

// Build plans a layer. Train and eval hold the variants of each mode; they may
// be the same slice if the layer has no state.
func Build(layer *ir.Layer, train, eval []Funcs) (*Unit, error) {
	sp, err := layout(layer, append(append([]Funcs{}, train...), eval...))
	if err != nil {
		return nil, err
	}
	u := &Unit{Name: layer.Name, Layer: layer, Rows: sp.list(sp.rows), Cols: sp.list(sp.cols)}
	if sp.groups != 0 {
		u.Groups = sp.list(sp.groups)
	}
	u.Grads = ownGrads(layer, append(append([]Funcs{}, train...), eval...))
	train, eval = u.tensors(train), u.tensors(eval)
	if u.Train, err = buildMode(sp, layer.Modes[0], train); err != nil {
		return nil, err
	}
	u.Eval = u.Train
	if !alike(layer.Modes[0], layer.Modes[1]) {
		if u.Eval, err = buildMode(sp, layer.Modes[1], eval); err != nil {
			return nil, err
		}
	}
	u.Infer, err = buildInfer(sp, eval, &u.InferSlots)
	return u, err
}

// alike reports whether two modes compute the same: then one plan serves both.
func alike(a, b *ir.Mode) bool {
	return len(a.Updates) == len(b.Updates) && ir.Same(a.Forward, b.Forward) && ir.Same(a.Backward, b.Backward)
}

// Columns returns the column axes of a layer: the last declared axis of its
// first input, with its factors if it is a product.
func Columns(layer *ir.Layer) ir.Axes {
	dims := layer.Inputs[0].Dims
	cols := min(1, len(dims))
	for _, p := range layer.Products {
		if endsWith(dims, p.Factors) {
			cols = len(p.Factors)
		}
	}
	var a ir.Axes
	for _, d := range dims[len(dims)-cols:] {
		a |= 1 << d
	}
	return a
}

// layout splits the axes of the first input into rows and columns, and finds
// the groups that reductions inside a row keep.
func layout(layer *ir.Layer, variants []Funcs) (space, error) {
	sp := space{layer: layer, cols: Columns(layer)}
	sp.rows = layer.Inputs[0].Axes() &^ sp.cols
	if sp.rows == 0 {
		return sp, layer.Refuse(layer.Inputs[0].Line, "input %s has one axis, the columns: it needs another for the rows", layer.Inputs[0].Name)
	}
	for _, v := range variants {
		for _, f := range []*ir.Func{v.Forward, v.Backward} {
			if err := sp.findGroups(f); err != nil {
				return sp, err
			}
		}
	}
	return sp, sp.checkLeaves()
}

// checkLeaves refuses tensors that are not whole, and parameters and states that
// are not one value per column.
func (s *space) checkLeaves() error {
	l := s.layer
	for _, set := range []struct {
		leaves []*ir.Leaf
		want   ir.Axes
		rule   string
	}{
		{l.Inputs, s.rows | s.cols, "an input varies over all axes"},
		{l.Outputs, s.rows | s.cols, "an output varies over all axes"},
		{l.Params, s.cols, "a parameter has one value for each column"},
		{l.States, s.cols, "a state has one value for each column"},
		{l.Masks, s.rows, "a mask has one value for each row"},
	} {
		for _, x := range set.leaves {
			if x.Axes() != set.want {
				return l.Refuse(x.Line, "%s varies over %s: in this plan %s, %s",
					x.Name, s.names(x.Axes()), set.rule, s.names(set.want))
			}
			if x.Kind != ir.MaskLeaf && !slices.Equal(x.Dims, s.list(set.want)) {
				return l.Refuse(x.Line, "%s lies in another order than %s", x.Name, l.Inputs[0].Name)
			}
		}
	}
	return nil
}

func endsWith(dims, tail []int) bool {
	if len(tail) > len(dims) {
		return false
	}
	for i, d := range tail {
		if dims[len(dims)-len(tail)+i] != d {
			return false
		}
	}
	return true
}

// findGroups records the part of the columns that row reductions keep.
func (s *space) findGroups(f *ir.Func) error {
	for _, v := range f.Values {
		g := v.Axes & s.cols
		if !isReduction(v) || v.Axes&s.rows == 0 || g == 0 || g == s.cols {
			continue
		}
		if !s.leads(g) {
			return s.layer.Refuse(v.Line, "%s keeps %s, which is not the outer part of the columns",
				describe(v), s.names(g))
		}
		if s.groups != 0 && s.groups != g {
			return s.layer.Refuse(v.Line, "%s keeps %s, another reduction %s",
				describe(v), s.names(g), s.names(s.groups))
		}
		s.groups = g
	}
	return nil
}

// leads reports whether g is the outer part of the columns, so that a group is
// a run of neighbours.
func (s *space) leads(g ir.Axes) bool {
	for _, d := range s.list(s.cols) {
		if g == 0 {
			return true
		}
		if !g.Has(1 << d) {
			return false
		}
		g &^= 1 << d
	}
	return g == 0
}

// list returns the axes of a in memory order of the first input.
func (s *space) list(a ir.Axes) []int {
	var out []int
	for _, d := range s.layer.Inputs[0].Dims {
		if a.Has(1 << d) {
			out = append(out, d)
		}
	}
	return out
}

func buildMode(sp space, m *ir.Mode, variants []Funcs) (*Mode, error) {
	out := &Mode{Name: m.Name, Mode: m}
	for _, fs := range variants {
		v, err := buildVariant(sp, m.Name, fs)
		if err != nil {
			return nil, err
		}
		out.Variants = append(out.Variants, v)
	}
	return out, nil
}

// buildVariant plans the backward's reads first, then the forward that saves
// them, then the backward itself.
func buildVariant(sp space, mode string, fs Funcs) (*Variant, error) {
	v := &Variant{Masked: fs.Masked, When: fs.When}
	saved := savedValues(&sp, fs)
	var saves []*ir.Value
	for _, p := range saved {
		saves = append(saves, p.forward)
	}
	slots := &Slots{}
	var err error
	if v.Forward, err = buildKernel(sp, "forward", fs.Forward, nil, saves, slots); err != nil {
		return nil, err
	}
	given := map[*ir.Value]Slot{}
	for _, p := range saved {
		given[p.backward], _ = v.Forward.Saved(p.forward)
	}
	v.Backward, err = buildKernel(sp, "backward", fs.Backward, given, nil, slots)
	v.Slots = *slots
	return v, err
}

// A savedValue is a value below full rank that both functions compute.
type savedValue struct{ forward, backward *ir.Value }

// savedValues cuts the backward at the highest values that the forward knows:
// what costs one number per row or column is saved, what costs a tensor is
// computed again.
func savedValues(sp *space, fs Funcs) []savedValue {
	var out []savedValue
	seen := map[*ir.Value]bool{}
	var visit func(v *ir.Value)
	visit = func(v *ir.Value) {
		if seen[v] {
			return
		}
		seen[v] = true
		if f := fs.match[v]; f != nil && sp.worthSaving(v) {
			out = append(out, savedValue{f, v})
			return
		}
		for _, a := range v.Args {
			visit(a)
		}
	}
	for _, o := range fs.Backward.Outs {
		visit(o.Value)
	}
	return out
}

// worthSaving reports whether v is computed from data or state and is smaller
// than a tensor.
func (s *space) worthSaving(v *ir.Value) bool {
	r, err := s.rankOf(v.Axes)
	return err == nil && r != Uniform && r != Full && !isLeaf(v) && v.Op != ir.Widen && !ir.Ops[v.Op].Cond && !constant(v)
}

// constant reports whether v depends on nothing but numbers.
func constant(v *ir.Value) bool {
	if v.Op == ir.Load {
		return v.Leaf.Kind == ir.KnobLeaf
	}
	for _, a := range v.Args {
		if !constant(a) {
			return false
		}
	}
	return true
}

// buildInfer plans the eval forward for outputs alone.
func buildInfer(sp space, eval []Funcs, slots *Slots) (*Kernel, error) {
	for _, fs := range eval {
		if !fs.Masked && len(fs.When) == 0 {
			f := *fs.Forward
			f.Outs = nil
			for _, o := range fs.Forward.Outs {
				if o.Kind == ir.TensorOut {
					f.Outs = append(f.Outs, o)
				}
			}
			return buildKernel(sp, "infer", &f, nil, nil, slots)
		}
	}
	return nil, sp.layer.Refuse(0, "evaluation depends on the step or on a knob that only the layer knows")
}
