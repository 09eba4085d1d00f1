// Package grad derives the backward of a function: the adjoint of a value is
// the sum over its uses of what the gradient column of [ir.Ops] says.
//
// Conditions, floor, detach, masks, knobs and the step have no gradient, and a
// state is a constant: its value before the step.
package grad

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
)

// A Seed is a value and its adjoint.
type Seed struct{ Value, Adjoint *ir.Value }

// Derive returns the backward of fwd. Its leaves are fwd's and one cotangent
// for each tensor output, in order; it computes the forward values it needs
// anew, with their names, so that it stands alone. Its outputs are the
// gradients of the leaves wrt, zero where fwd does not depend on one.
func Derive(fwd *ir.Func, cotangents, wrt []*ir.Leaf) (*ir.Func, error) {
	b, seeds, err := Open(fwd, cotangents)
	if err != nil {
		return nil, err
	}
	return b, Close(b, seeds, nil, wrt)
}

// Open returns the start of a backward: the values of fwd without its outputs,
// and the cotangent of each tensor output as its adjoint.
func Open(fwd *ir.Func, cotangents []*ir.Leaf) (*ir.Func, []Seed, error) {
	b, copied := fwd.Copy()
	b.Outs = nil
	var seeds []Seed
	for _, o := range fwd.Outs {
		if o.Kind != ir.TensorOut {
			continue
		}
		if len(seeds) == len(cotangents) {
			return nil, nil, fmt.Errorf("grad: output %s has no cotangent", o.Name)
		}
		seeds = append(seeds, Seed{copied[o.Value], b.Load(cotangents[len(seeds)])})
	}
	return b, seeds, nil
}

// Close derives what is not declared and makes the gradients of wrt outputs of
// b. The adjoint of a declared value is the one declared; nothing else flows
// into it, and what lies before it is derived from it.
func Close(b *ir.Func, seeds, declared []Seed, wrt []*ir.Leaf) error {
	var loads []*ir.Value
	for _, l := range wrt {
		loads = append(loads, load(b, l))
	}
	adjoints, err := Adjoints(b, seeds, declared, loads)
	if err != nil {
		return err
	}
	for i, l := range wrt {
		g := adjoints[i]
		if g == nil {
			g = b.Const(0)
		}
		b.Out(ir.GradOut, l.Name, b.Widen(g, l.Axes()), l)
	}
	return nil
}

// load returns the value in b that reads l.
func load(b *ir.Func, l *ir.Leaf) *ir.Value {
	for _, v := range b.Values {
		if v.Op == ir.Load && v.Leaf == l {
			return v
		}
	}
	return b.Load(l)
}

// Adjoints appends to f the adjoints of the values wrt, given those of seeds;
// nil for a value that no seed depends on. See [Close] for declared.
func Adjoints(f *ir.Func, seeds, declared []Seed, wrt []*ir.Value) ([]*ir.Value, error) {
	t := tape{f: f, adjoint: map[*ir.Value]*ir.Value{}, declared: map[*ir.Value]*ir.Value{}}
	for _, s := range seeds {
		t.add(s.Value, s.Adjoint)
	}
	for _, d := range declared {
		t.declared[d.Value] = f.Widen(d.Adjoint, d.Value.Axes)
	}
	active := t.active(wrt)
	for i := len(active) - 1; i >= 0; i-- {
		if err := t.visit(f.Values[i], active); err != nil {
			return nil, err
		}
	}
	out := make([]*ir.Value, len(wrt))
	for i, v := range wrt {
		out[i] = t.of(v)
	}
	return out, nil
}

// A tape accumulates adjoints.
type tape struct {
	f                 *ir.Func
	adjoint, declared map[*ir.Value]*ir.Value
}

// of returns the adjoint of v: the declared one, or the sum over v's uses.
func (t *tape) of(v *ir.Value) *ir.Value {
	if d := t.declared[v]; d != nil {
		return d
	}
	return t.adjoint[v]
}

func (t *tape) add(v, g *ir.Value) {
	if old := t.adjoint[v]; old != nil {
		g = t.f.Add(old, g)
	}
	t.adjoint[v] = g
}

// active tells by ID which values depend on wrt: the only ones worth visiting.
func (t *tape) active(wrt []*ir.Value) []bool {
	on := make([]bool, len(t.f.Values))
	for _, v := range wrt {
		on[v.ID] = true
	}
	for _, v := range t.f.Values {
		for _, a := range v.Args {
			on[v.ID] = on[v.ID] || on[a.ID]
		}
	}
	return on
}

// visit sends v's adjoint on to its operands.
func (t *tape) visit(v *ir.Value, active []bool) error {
	g := t.of(v)
	if g == nil || !active[v.ID] || len(v.Args) == 0 {
		return nil
	}
	rule := ir.Ops[v.Op].Grad
	if rule == nil {
		return fmt.Errorf("grad: v%d: %s has no gradient", v.ID, v.Op)
	}
	line := len(t.f.Values)
	for i, a := range rule(t.f, v, g) {
		if a != nil && active[v.Args[i].ID] {
			t.add(v.Args[i], a)
		}
	}
	for _, w := range t.f.Values[line:] {
		w.Line = v.Line
	}
	return nil
}
