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
	u := &Unit{Name: layer.Name, Layer: layer, Rows: sp.list(sp.rows), Segments: len(sp.list(sp.segs)), Cols: sp.list(sp.cols), sp: sp}
	train, eval = sp.prepare(train), sp.prepare(eval)
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
	if u.Infer, err = buildInfer(sp, eval); err != nil {
		return nil, err
	}
	return u, u.planUpdates(layer.Modes[0].Updates)
}

// prepare splits the reductions of all functions, and spreads what their loops read.
func (s *space) prepare(variants []Funcs) []Funcs {
	out := slices.Clone(variants)
	for i, v := range out {
		out[i].Forward, out[i].Backward = s.prepared(v.Forward), s.prepared(v.Backward)
	}
	return out
}

func (s *space) prepared(f *ir.Func) *ir.Func { return s.spread(s.present(s.split(f))) }

// alike reports whether two modes compute the same: then one plan serves both.
func alike(a, b *ir.Mode) bool {
	return len(a.Updates) == len(b.Updates) && ir.Same(a.Forward, b.Forward) && ir.Same(a.Backward, b.Backward)
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
	v := &Variant{Masked: fs.Masked, When: fs.When, Slots: Slots{}}
	saved := savedValues(&sp, fs)
	var saves []*ir.Value
	for _, p := range saved {
		saves = append(saves, p.forward)
	}
	slots := &v.Slots
	var err error
	if v.Forward, err = buildKernel(sp, "forward", fs.Forward, nil, saves, slots); err != nil {
		return nil, err
	}
	given := map[*ir.Value]Slot{}
	for _, p := range saved {
		given[p.backward], _ = v.Forward.Saved(p.forward)
	}
	v.Backward, err = buildKernel(sp, "backward", fs.Backward, given, nil, slots)
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
	r, err := s.rank(v)
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

// buildInfer plans the eval forward for outputs alone, under each outcome of
// the uniform conditions.
func buildInfer(sp space, eval []Funcs) ([]*Variant, error) {
	var out []*Variant
	for _, fs := range eval {
		if fs.Masked {
			continue
		}
		f := *fs.Forward
		f.Outs = slices.DeleteFunc(slices.Clone(f.Outs), func(o ir.Out) bool { return o.Kind != ir.TensorOut })
		v := &Variant{When: fs.When, Slots: Slots{}}
		var err error
		if v.Forward, err = buildKernel(sp, "infer", &f, nil, nil, &v.Slots); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
