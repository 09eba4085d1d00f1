// Package affine finds the functions that only scale and shift: the output is
// scale*x + shift, with a scale and a shift that know nothing of the data. Such
// a layer folds into the weights of a linear layer beside it.
//
// Nothing but the operations decides. A function of x is held as
// (x - centre)*scale + offset, and every operation either maps such forms to
// such a form or is the reason why there is none.
package affine

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/pass"
)

// The names of the outputs of what [Of] returns.
const (
	Scale = "scale"
	Shift = "shift"
)

// tidy leaves the order of evaluation. A choice between equals is none, so what
// is equal is found first.
var tidy = append([]pass.Pass{{Name: "cse", Run: pass.CSE}}, pass.Light...)

// A Reason says why a function is not affine.
type Reason struct {
	Line int // of the spec, 0 if no line is to blame
	Text string
}

func (r *Reason) Error() string {
	if r.Line == 0 {
		return r.Text
	}
	return fmt.Sprintf("line %d: %s", r.Line, r.Text)
}

// Of returns the function of parameters, states and knobs whose outputs Scale
// and Shift give f, a function of l, as scale*x + shift. Both vary over cols at
// most: the axes that do not change from batch to batch. The error is a
// [Reason]. f stays as it is.
func Of(l *ir.Layer, f *ir.Func, cols ir.Axes) (*ir.Func, error) {
	g, err := single(l, f)
	if err != nil {
		return nil, err
	}
	s := &search{layer: l, f: g, cols: cols, data: map[*ir.Value]bool{}, forms: map[*ir.Value]form{}, small: map[*ir.Value]*ir.Value{}}
	y := g.Outs[0]
	if err := s.known(y.Name); err != nil {
		return nil, err
	}
	if !s.data[y.Value] {
		return nil, &Reason{y.Value.Line, fmt.Sprintf("%s does not depend on %s", y.Name, l.Inputs[0].Name)}
	}
	fm, err := s.form(y.Value)
	if err != nil {
		return nil, err
	}
	g.Outs = nil
	s.results(fm)
	return g, pass.Run(g, tidy)
}

// single returns a copy of f with nothing but its only output, of one input.
func single(l *ir.Layer, f *ir.Func) (*ir.Func, error) {
	if len(l.Inputs) > 1 {
		return nil, &Reason{l.Inputs[1].Line, fmt.Sprintf("there is a second input, %s", l.Inputs[1].Name)}
	}
	if len(l.Outputs) > 1 {
		return nil, &Reason{l.Outputs[1].Line, fmt.Sprintf("there is a second output, %s", l.Outputs[1].Name)}
	}
	g := f.Clone()
	outs := g.Outs
	g.Outs = nil
	for _, o := range outs {
		if o.Kind == ir.TensorOut {
			g.Outs = append(g.Outs, o)
		}
	}
	return pass.DCE(g), nil
}

// results adds the outputs. The shift refers to the scale by its name, which is
// a word of the language and so the name of nothing else.
func (s *search) results(fm form) {
	scale := s.factor(fm)
	if scale.Name == "" && scale.Op != ir.Const {
		scale.Name = Scale
	}
	s.f.Out(ir.StatOut, Scale, scale, nil)
	s.f.Out(ir.StatOut, Shift, s.rest(fm), nil)
}
