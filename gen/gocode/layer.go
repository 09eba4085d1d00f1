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
	for _, p := range e.precisions() {
		e.constructor(p)
	}
	e.make()
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
		e.file.Comment(comment(fmt.Sprintf("%s%s is %s over %s.", name, p.suffix, name, p.typ)))
		e.file.Type().Id(name + p.suffix).Op("=").Id(e.generic()).Types(jen.Id(p.typ))
	}
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

func (e *emitter) constructor(p precision) {
	name := "New" + e.unit.Name + p.suffix
	e.decl("func", name)
	e.file.Line()
	e.file.Comment(comment(fmt.Sprintf("%s makes a layer of %s columns. It returns an error if the columns or a knob do not fit the spec.", name, e.columnName())))
	e.file.Func().Id(name).Params(jen.Id("cols").Int(), jen.Id("o").Id(e.unit.Name+"Options")).
		Params(jen.Op("*").Id(e.unit.Name+p.suffix), jen.Error()).
		Block(jen.Return(jen.Id(e.makerName()).Types(jen.Id(p.typ)).Call(jen.Id("cols"), jen.Id("o"))))
}

func (e *emitter) columnName() string {
	names := strings.Split(e.axisNames(set(e.unit.Cols)), ", ")
	return strings.Join(names, "*")
}

func (e *emitter) makerName() string { return "make" + e.unit.Name }

// make writes the generic constructor.
func (e *emitter) make() {
	name := e.makerName()
	e.decl("func", name)
	var body []jen.Code
	body = append(body, e.checkShape()...)
	var knobs []jen.Code
	for _, k := range e.unit.Layer.Knobs {
		knobs = append(knobs, e.knobValue(k))
	}
	body = append(body, jen.Id("knob").Op(":=").Index().Float64().Values(knobs...))
	groups := jen.Lit(1)
	body = append(body,
		jen.If(jen.Err().Op(":=").Qual(runtimePath, "CheckKnobs").Call(jen.Lit(e.unit.Name), jen.Id("knob").Op("...")), jen.Err().Op("!=").Nil()).
			Block(jen.Return(jen.Nil(), jen.Err())))
	if len(e.unit.Groups) > 0 {
		body = append(body, e.splitGroups()...)
		groups = jen.Id("groups")
	}
	body = append(body,
		jen.Id("l").Op(":=").New(jen.Id(e.generic()).Types(jen.Id("T"))),
		jen.Id("l").Dot("Make").Call(jen.Id(e.prefix+"Spec").Types(jen.Id("T")).Call(), jen.Id("cols"), groups, jen.Id("knob")),
		jen.Return(jen.Id("l"), jen.Nil()))
	e.file.Line()
	e.file.Func().Id(name).Types(jen.Id("T").Qual(runtimePath, "Float")).
		Params(jen.Id("cols").Int(), jen.Id("o").Id(e.unit.Name+"Options")).
		Params(jen.Op("*").Id(e.generic()).Types(jen.Id("T")), jen.Error()).Block(body...)
}

// checkShape refuses column counts that were not asked for.
func (e *emitter) checkShape() []jen.Code {
	var sizes []jen.Code
	if n := e.fixedSize(e.unit.Cols); n > 0 {
		sizes = append(sizes, jen.Lit(n))
	} else if !e.unit.Any {
		for _, n := range e.unit.Shapes {
			sizes = append(sizes, jen.Lit(n))
		}
	}
	args := append([]jen.Code{jen.Lit(e.unit.Name), jen.Id("cols")}, sizes...)
	return []jen.Code{jen.If(jen.Err().Op(":=").Qual(runtimePath, "CheckCols").Call(args...), jen.Err().Op("!=").Nil()).
		Block(jen.Return(jen.Nil(), jen.Err()))}
}

func (e *emitter) knobValue(k ir.Knob) jen.Code {
	field := jen.Id("o").Dot(exported(k.Name))
	switch {
	case k.Fixed:
		return number(k.Default)
	case e.isSize(k):
		return jen.Qual(runtimePath, "Knob").Call(jen.Float64().Call(field), number(k.Default))
	}
	return jen.Qual(runtimePath, "Knob").Call(field, number(k.Default))
}

// splitGroups finds the number of groups and makes sure that the columns divide.
func (e *emitter) splitGroups() []jen.Code {
	args := []jen.Code{jen.Lit(e.unit.Name), jen.Id("cols"), jen.Lit(e.fixedSize(e.unit.Cols[len(e.unit.Groups):]))}
	for _, g := range e.unit.Groups {
		args = append(args, e.axisSize(g))
	}
	return []jen.Code{jen.List(jen.Id("groups"), jen.Err()).Op(":=").Qual(runtimePath, "SplitGroups").Call(args...),
		jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err()))}
}

// axisSize prints the size of an axis, from the spec or from a knob.
func (e *emitter) axisSize(axis int) jen.Code {
	a := e.unit.Layer.Axes[axis]
	if a.Size > 0 {
		return jen.Lit(a.Size)
	}
	return jen.Int().Call(jen.Id("knob").Index(jen.Lit(e.knobIndex(a.Knob))))
}

// fixedSize is the number of elements along axes if the spec fixes them all,
// else 0.
func (e *emitter) fixedSize(axes []int) int {
	n := 1
	for _, a := range axes {
		n *= e.unit.Layer.Axes[a].Size
	}
	return n
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
	e.method("Forward", "computes the outputs from the inputs. A mask keeps the rows where it is true; nil keeps all. "+e.mustStay(),
		outs, ins, masks, nil, e.setForward(outs, ins), jen.Return(jen.Id("w").Dot("RunForward").Call()))
	grads, cots := names(e.unit.Grads, "d"), names(l.Outputs, "d")
	mode := []jen.Code{jen.Id("mode").Qual(runtimePath, "GradMode")}
	e.method("StartBackward", "begins the backward of the last forward of w, for a shard.",
		grads, cots, nil, mode, e.set(grads, cots), jen.Return(jen.Id("w").Dot("StartBackward").Call(jen.Id("mode"))))
	e.method("Backward", "computes the gradients of the inputs, and of the parameters into Grads."+e.equalGrads(),
		grads, cots, nil, mode, e.set(grads, cots), jen.Return(jen.Id("w").Dot("RunBackward").Call(jen.Id("mode"))))
	e.infer(outs, ins)
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

func (e *emitter) set(outs, ins []string) []jen.Code {
	return []jen.Code{
		jen.Id("w").Dot("Of").Call(jen.Op("&").Id("l").Dot("LayerOf")),
		jen.Id("w").Dot("In").Call(ids(ins)...),
		jen.Id("w").Dot("Out").Call(ids(outs)...)}
}

func (e *emitter) setForward(outs, ins []string) []jen.Code {
	body := e.set(outs, ins)
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
		jen.Id("w").Dot("In").Call(ids(ins)...),
		jen.Id("w").Dot("Out").Call(ids(outs)...),
		jen.Return(jen.Id("w").Dot("RunInfer").Call()))
}
