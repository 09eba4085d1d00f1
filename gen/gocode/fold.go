package gocode

import (
	"errors"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/affine"
	"github.com/normgen/normgen/gen/ir"
)

// fold writes the method Fold of a norm that only scales and shifts in
// evaluation, each column by itself. Others have no such method.
func (e *emitter) fold() {
	l := e.unit.Layer
	f, err := affine.Of(l, l.Modes[1].Forward, set(e.unit.Cols))
	var no *affine.Reason
	switch {
	case errors.As(err, &no) || err == nil && slices.ContainsFunc(f.Values, together):
	case err != nil:
		e.fail("%v", err)
	default:
		e.foldMethod(e.foldFunction(f))
	}
}

// together reports whether v needs all columns at once.
func together(v *ir.Value) bool { return v.Op.Reduces() || v.Op == ir.Count && len(v.Args) > 0 }

// foldFunction writes the function that computes scale and shift, column by
// column in float64 like an update, and returns its name.
func (e *emitter) foldFunction(f *ir.Func) string {
	ke := &kernelEmitter{emitter: e}
	x := e.updateExpression()
	x.used["scales"], x.used["shifts"] = true, true
	var head, body []jen.Code
	for _, v := range f.Values {
		h, b := ke.updateValue(x, v)
		head, body = append(head, h...), append(body, b...)
	}
	for i, to := range []string{"scales", "shifts"} {
		v := f.Outs[i].Value
		if x.names[v] == nil {
			body = append(body, jen.Comment(comment(f.Outs[i].Name+" = "+e.unit.Layer.Equation(v))))
		}
		body = append(body, jen.Id(to).Index(jen.Id("j")).Op("=").Add(round(x.value(v))))
	}
	head = append(head, jen.For(jen.Id("j").Op(":=").Range().Id("scales")).Block(body...))
	name := e.prefix + "Fold"
	return ke.function(name+" computes the scale and the shift of each column.", name,
		[]jen.Code{jen.Id("u").Add(pointer("Updater")), jen.List(jen.Id("scales"), jen.Id("shifts")).Index().Id("T")}, nil, head)
}

func (e *emitter) foldMethod(function string) {
	e.decl("method", e.generic()+".Fold")
	e.file.Line()
	e.file.Comment(comment("Fold sets scale and shift, one number for each column, so that scale*x + shift is what Infer computes, up to rounding, " +
		"for the parameters and the state as they are. See runtime.FoldIntoNext and runtime.FoldIntoPrevious."))
	e.file.Func().Params(jen.Id("l").Op("*").Id(e.generic()).Types(jen.Id("T"))).Id("Fold").
		Params(jen.List(jen.Id("scale"), jen.Id("shift")).Index().Id("T")).
		Block(jen.Id("l").Dot("RunFold").Call(jen.Id(function).Types(jen.Id("T")), jen.Id("scale"), jen.Id("shift")))
}
