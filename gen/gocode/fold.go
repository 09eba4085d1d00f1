package gocode

import (
	"errors"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/affine"
	"github.com/normgen/normgen/gen/ir"
)

// fold writes the method Fold of a norm that only scales and shifts in
// evaluation. Others have no such method.
func (e *emitter) fold() {
	l := e.unit.Layer
	f, err := affine.Of(l, l.Modes[1].Forward, set(e.unit.Cols))
	var no *affine.Reason
	switch {
	case errors.As(err, &no):
	case err != nil:
		e.fail("%v", err)
	default:
		e.foldMethod(e.foldFunction(f))
	}
}

// foldFunction writes the function that computes scale and shift in float64,
// like an update, and returns its name and the shape of the two.
func (e *emitter) foldFunction(f *ir.Func) (string, ir.Axes) {
	shape := f.Outs[0].Value.Axes | f.Outs[1].Value.Axes
	for i, o := range f.Outs {
		f.Outs[i].Value = f.Widen(o.Value, shape)
	}
	p, err := e.unit.Steps(f)
	if err != nil {
		e.fail("%v", err)
		return "", shape
	}
	s := e.arrayFunc(p, []result{{"scales", affine.Scale}, {"shifts", affine.Shift}})
	name := e.prefix + "Fold"
	return s.e.function(name+" computes the scale and the shift.", name,
		[]jen.Code{jen.Id("u").Add(pointer("Updater")), jen.List(jen.Id("scales"), jen.Id("shifts")).Index().Id("T")}, nil, append(s.head, s.code...)), shape
}

func (e *emitter) foldMethod(function string, shape ir.Axes) {
	e.decl("method", e.generic()+".Fold")
	e.file.Line()
	e.file.Comment(comment("Fold sets scale and shift, one number for each " + e.shapeText(shape) + ", so that scale*x + shift is what Infer computes, up to rounding, " +
		"for the parameters and the state as they are. See runtime.FoldIntoNext and runtime.FoldIntoPrevious."))
	e.file.Func().Params(jen.Id("l").Op("*").Id(e.generic()).Types(jen.Id("T"))).Id("Fold").
		Params(jen.List(jen.Id("scale"), jen.Id("shift")).Index().Id("T")).
		Block(jen.Id("l").Dot("RunFold").Call(jen.Id(function).Types(jen.Id("T")), jen.Lit(e.shape(shape)), jen.Id("scale"), jen.Id("shift")))
}

// shapeText says what an array has an element for.
func (e *emitter) shapeText(a ir.Axes) string {
	switch {
	case a == e.cols():
		return "column"
	case a == 0:
		return "layer"
	}
	return "element of " + e.axisNames(a)
}
