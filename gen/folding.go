package gen

import (
	"errors"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/affine"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A Folding says how a generated norm folds into a linear layer in evaluation:
// the equations of its scale and its shift, or the reason why there are none.
type Folding struct {
	Norm      string
	Equations []Equation
	Reason    *affine.Reason
}

// An Equation defines a name.
type Equation struct{ Name, Text string }

// Fold returns the foldings of the norms called name, one for each gen item.
func Fold(p *dsl.Program, name string) ([]Folding, error) {
	units, err := Lower(p)
	if err != nil {
		return nil, err
	}
	var out []Folding
	for _, u := range units {
		if u.Gen.Norm.Name != name {
			continue
		}
		f, err := folding(u.Layer)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// folding looks at the functions as they were lowered: nearest to the spec.
func folding(l *ir.Layer) (Folding, error) {
	out := Folding{Norm: l.Name}
	f, err := ScaleShift(l)
	if errors.As(err, &out.Reason) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	results := map[*ir.Value]bool{}
	for _, o := range f.Outs {
		results[o.Value] = true
	}
	for _, v := range f.Values {
		if v.Name != "" && v.Op != ir.Load && v.Op != ir.Const && !results[v] {
			out.Equations = append(out.Equations, Equation{v.Name, l.Equation(v)})
		}
	}
	for _, o := range f.Outs {
		out.Equations = append(out.Equations, Equation{o.Name, l.Equation(o.Value)})
	}
	return out, nil
}

// ScaleShift returns the scale and the shift of l in evaluation, as functions of
// its parameters, states and knobs; see [affine.Of].
func ScaleShift(l *ir.Layer) (*ir.Func, error) {
	cols := plan.Columns(l)
	for _, x := range append(append([]*ir.Leaf{}, l.Params...), l.States...) {
		cols |= x.Axes()
	}
	return affine.Of(l, l.Modes[1].Forward, cols)
}
