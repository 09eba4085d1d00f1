package plan

import (
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// ownGrads lists the inputs whose gradients differ: where two inputs are added,
// their gradients are one value in every function, and one tensor holds it.
func ownGrads(l *ir.Layer, variants []Funcs) []*ir.Leaf {
	var own []*ir.Leaf
	for _, x := range l.Inputs {
		if !slices.ContainsFunc(own, func(y *ir.Leaf) bool { return sameGrads(x, y, variants) }) {
			own = append(own, x)
		}
	}
	return own
}

func sameGrads(x, y *ir.Leaf, variants []Funcs) bool {
	if x.Axes() != y.Axes() {
		return false
	}
	for _, v := range variants {
		h := ir.NewHasher()
		if h.Number(gradient(v.Backward, x)) != h.Number(gradient(v.Backward, y)) {
			return false
		}
	}
	return true
}

// gradient is the output of f that is the gradient of x.
func gradient(f *ir.Func, x *ir.Leaf) *ir.Value {
	i := slices.IndexFunc(f.Outs, func(o ir.Out) bool { return o.Kind == ir.GradOut && o.Leaf == x })
	return f.Outs[i].Value
}

// EqualGrads lists the inputs that share x's gradient tensor, x first.
func (u *Unit) EqualGrads(x *ir.Leaf) []*ir.Leaf {
	out := []*ir.Leaf{x}
	for _, y := range u.Layer.Inputs {
		if !slices.Contains(u.Grads, y) && sameGrads(x, y, u.funcs) {
			out = append(out, y)
		}
	}
	return out
}

// tensors decides which tensors the backwards write and read: one for equal
// gradients, and an output of the forward where that saves reading inputs.
func (u *Unit) tensors(variants []Funcs) []Funcs {
	out := slices.Clone(variants)
	for i, v := range out {
		f := *v.Backward
		f.Outs = slices.DeleteFunc(slices.Clone(f.Outs), func(o ir.Out) bool {
			return o.Kind == ir.GradOut && slices.Contains(u.Layer.Inputs, o.Leaf) && !slices.Contains(u.Grads, o.Leaf)
		})
		out[i].Backward = &f
		out[i].readOutputs()
	}
	u.funcs = append(u.funcs, variants...)
	return out
}

// readOutputs makes the backward read a value that the forward left in an output
// from there, if it then reads fewer tensors. What else the two have in common
// stays known.
func (fs *Funcs) readOutputs() {
	fs.match = ir.Match(fs.Forward, fs.Backward)
	for _, o := range fs.Forward.Outs {
		i := slices.IndexFunc(fs.Backward.Values, func(v *ir.Value) bool { return fs.match[v] == o.Value })
		if o.Kind != ir.TensorOut || o.Value.Op == ir.Load || i < 0 {
			continue
		}
		g, copied := fs.Backward.Copy()
		v := copied[fs.Backward.Values[i]]
		*v = ir.Value{ID: v.ID, Op: ir.Load, Leaf: o.Leaf, Axes: v.Axes, Name: o.Leaf.Name, Line: v.Line}
		if tensorsRead(g) >= tensorsRead(fs.Backward) {
			continue
		}
		match := map[*ir.Value]*ir.Value{}
		for old, f := range fs.match {
			match[copied[old]] = f
		}
		delete(match, v)
		fs.Backward, fs.match = g, match
	}
}

// tensorsRead counts the tensors that f's outputs depend on.
func tensorsRead(f *ir.Func) int {
	seen, leaves := map[*ir.Value]bool{}, map[*ir.Leaf]bool{}
	var visit func(v *ir.Value)
	visit = func(v *ir.Value) {
		if seen[v] {
			return
		}
		seen[v] = true
		if v.Op == ir.Load && (v.Leaf.Kind == ir.InputLeaf || v.Leaf.Kind == ir.OutputLeaf || v.Leaf.Kind == ir.CotangentLeaf) {
			leaves[v.Leaf] = true
		}
		for _, a := range v.Args {
			visit(a)
		}
	}
	for _, o := range f.Outs {
		visit(o.Value)
	}
	return len(leaves)
}

// KeepsOutputs reports whether some backward reads an output of the forward.
func (u *Unit) KeepsOutputs() bool {
	for _, m := range []*Mode{u.Train, u.Eval} {
		for _, v := range m.Variants {
			for _, st := range v.Backward.Stages {
				if slices.ContainsFunc(st.Sweep.Reads, func(l *ir.Leaf) bool { return l.Kind == ir.OutputLeaf }) {
					return true
				}
			}
		}
	}
	return false
}
