package gocode

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
)

// layer writes the type, its options, constructors and methods.
func (e *emitter) layer() {
	e.types()
	e.options()
	e.constructors()
	e.methods()
}

// A precision is a storage type the unit was asked for.
type precision struct{ suffix, typ string }

func (e *emitter) precisions() []precision {
	var out []precision
	if e.unit.F32 {
		out = append(out, precision{"", "float32"})
	}
	if e.unit.F64 {
		out = append(out, precision{"64", "float64"})
	}
	return out
}

func (e *emitter) generic() string { return e.unit.Name + "Of" }

func (e *emitter) types() {
	name := e.unit.Name
	e.decl("type", e.generic())
	e.file.Comment(comment(fmt.Sprintf("%s is the norm %s of %s over storage type T.", e.generic(), name, e.unit.Layer.File)))
	e.file.Type().Id(e.generic()).Types(jen.Id("T").Qual(runtimePath, "Float")).Struct(
		jen.Qual(runtimePath, "LayerOf").Types(jen.Id("T")))
	for _, p := range e.precisions() {
		e.decl("type", name+p.suffix)
		e.file.Line()
		e.file.Comment(comment(fmt.Sprintf("%s%s is %s over %s.%s", name, p.suffix, name, p.typ, e.arithmetic(p))))
		e.file.Type().Id(name + p.suffix).Op("=").Id(e.generic()).Types(jen.Id(p.typ))
	}
}

// arithmetic says what fast arithmetic promises; there is assembly for float32 alone.
func (e *emitter) arithmetic(p precision) string {
	if !e.unit.Fast || p.typ != "float32" {
		return ""
	}
	return " Its arithmetic is fast: assembly may round a product and the addition behind it once, not twice. That keeps every bound of the error" +
		" that counts the roundings of exact arithmetic. AVX2 and AVX-512 have the same bits, for any number of workers; Go has those of exact arithmetic."
}

// knobs lists the knobs that are options.
func (e *emitter) knobs() []ir.Knob {
	var out []ir.Knob
	for _, k := range e.unit.Layer.Knobs {
		if !k.Fixed {
			out = append(out, k)
		}
	}
	return out
}

func (e *emitter) options() {
	name := e.unit.Name + "Options"
	e.decl("type", name)
	var fields []jen.Code
	for _, k := range e.knobs() {
		typ := jen.Float64()
		if e.isSize(k) {
			typ = jen.Int()
		}
		fields = append(fields, jen.Id(exported(k.Name)).Add(typ).Comment(fmt.Sprintf("default %g", k.Default)))
	}
	e.file.Line()
	e.file.Comment(comment(name + " are the knobs of " + e.unit.Name + ". A field left 0 takes its default; runtime.Zero stands for 0."))
	e.file.Type().Id(name).Struct(fields...)
}

// isSize reports whether a knob is the size of an axis.
func (e *emitter) isSize(k ir.Knob) bool {
	for _, a := range e.unit.Layer.Axes {
		if a.Knob == k.Name {
			return true
		}
	}
	return false
}

// methods writes the typed methods: they name the tensors and masks, and leave
// the rest to the engine.
func (e *emitter) methods() {
	l := e.unit.Layer
	outs, ins := names(l.Outputs, ""), names(l.Inputs, "")
	masks := names(l.Masks, "")
	if len(masks) == 0 {
		masks = []string{"_"}
	}
	e.method("StartForward", "begins a forward pass of w, for a shard: Sweep and runtime.Join go on.",
		outs, ins, masks, nil, e.setForward(outs, ins), jen.Return(jen.Id("w").Dot("StartForward").Call()))
	e.method("Forward", "computes the outputs from the inputs. "+e.maskText()+e.mustStay()+e.shapeNeed(),
		outs, ins, masks, nil, e.setForward(outs, ins), jen.Return(jen.Id("w").Dot("RunForward").Call()))
	grads, cots := names(e.unit.Grads, "d"), names(l.Outputs, "d")
	mode := []jen.Code{jen.Id("mode").Qual(runtimePath, "GradMode")}
	setBackward := []jen.Code{own(), hand("Cotangents", cots), hand("Gradients", grads)}
	e.method("StartBackward", "begins the backward of the last forward of w, for a shard.",
		grads, cots, nil, mode, setBackward, jen.Return(jen.Id("w").Dot("StartBackward").Call(jen.Id("mode"))))
	e.method("Backward", "computes the gradients of the inputs, and of the parameters into Grads."+e.equalGrads(),
		grads, cots, nil, mode, setBackward, jen.Return(jen.Id("w").Dot("RunBackward").Call(jen.Id("mode"))))
	if e.unit.Segments > 0 {
		e.method("InferWith", "computes the outputs as in evaluation."+e.shapeNeed(), outs, ins, nil, nil, []jen.Code{own(), hand("In", ins), hand("Out", outs)}, jen.Return(jen.Id("w").Dot("RunInfer").Call()))
		return
	}
	e.infer(outs, ins)
}

// maskText says what masks do, if there are any.
func (e *emitter) maskText() string {
	if len(e.unit.Layer.Masks) == 0 {
		return ""
	}
	return "A mask keeps the rows where it is true; nil keeps all. "
}

// shapeNeed says what the work must know beforehand.
func (e *emitter) shapeNeed() string {
	sizes := strings.Join(e.axes(e.unit.Rows), ", ")
	switch {
	case e.unit.Segments > 0:
		return " The rows are those of " + sizes + ": w.Shape takes the sizes first."
	case e.needsShape():
		return " With a mask, w.Shape takes the sizes of " + sizes + " first."
	}
	return ""
}

func (e *emitter) axes(list []int) []string {
	var out []string
	for _, d := range list {
		out = append(out, e.unit.Layer.Axes[d].Name)
	}
	return out
}

// mustStay says what the backward reads again.
func (e *emitter) mustStay() string {
	if e.unit.KeepsOutputs() {
		return "The inputs and outputs must stay as they are until Backward."
	}
	return "The inputs must stay as they are until Backward."
}

// equalGrads says which inputs share a gradient.
func (e *emitter) equalGrads() string {
	text := ""
	for _, x := range e.unit.Grads {
		if same := e.unit.EqualGrads(x); len(same) > 1 {
			text += " " + names(same[:1], "d")[0] + " is the gradient of " + strings.Join(names(same, ""), " and of ") + "."
		}
	}
	return text
}

func names(ls []*ir.Leaf, prefix string) []string {
	var out []string
	for _, l := range ls {
		out = append(out, local(prefix+l.Name))
	}
	return out
}

// own checks that the work is one of the layer's.
func own() jen.Code { return jen.Id("w").Dot("Of").Call(jen.Op("&").Id("l").Dot("LayerOf")) }

// hand gives tensors to the work.
func hand(method string, tensors []string) jen.Code {
	var out []jen.Code
	for _, t := range tensors {
		out = append(out, jen.Op("&").Id(t))
	}
	return jen.Id("w").Dot(method).Call(out...)
}

func (e *emitter) setForward(outs, ins []string) []jen.Code {
	body := []jen.Code{own(), hand("In", ins), hand("Out", outs)}
	for i, m := range e.unit.Layer.Masks {
		body = append(body, jen.Id("w").Dot("Keep").Call(jen.Lit(i), jen.Id(local(m.Name))))
	}
	return body
}

func ids(names []string) []jen.Code {
	var out []jen.Code
	for _, n := range names {
		out = append(out, jen.Id(n))
	}
	return out
}

func (e *emitter) method(name, doc string, outs, ins, masks []string, more, body []jen.Code, last jen.Code) {
	e.decl("method", e.generic()+"."+name)
	params := []jen.Code{jen.Id("w").Op("*").Qual(runtimePath, "WorkOf").Types(jen.Id("T"))}
	params = append(params, jen.List(ids(append(append([]string{}, outs...), ins...))...).Qual(runtimePath, "ViewOf").Types(jen.Id("T")))
	if len(masks) > 0 {
		params = append(params, jen.List(ids(masks)...).Index().Bool())
	}
	e.file.Line()
	e.file.Comment(comment(name + " " + doc))
	e.file.Func().Params(jen.Id("l").Op("*").Id(e.generic()).Types(jen.Id("T"))).Id(name).
		Params(append(params, more...)...).Error().Block(append(body, last)...)
}

// infer writes Infer, which borrows a work area from the layer.
func (e *emitter) infer(outs, ins []string) {
	e.decl("method", e.generic()+".Infer")
	e.file.Line()
	e.file.Comment(comment("Infer computes the outputs as in evaluation. An output may be an input. Calls may run side by side."))
	view := jen.Qual(runtimePath, "ViewOf").Types(jen.Id("T"))
	e.file.Func().Params(jen.Id("l").Op("*").Id(e.generic()).Types(jen.Id("T"))).Id("Infer").
		Params(jen.List(ids(append(append([]string{}, outs...), ins...))...).Add(view)).Error().Block(
		jen.Id("w").Op(":=").Id("l").Dot("Borrow").Call(jen.Id(ins[0]).Dot("Rows")),
		jen.Defer().Id("l").Dot("Return").Call(jen.Id("w")),
		hand("In", ins),
		hand("Out", outs),
		jen.Return(jen.Id("w").Dot("RunInfer").Call()))
}
