package gocode

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A size is an argument of a constructor: the number of elements of an axis of
// the columns, or of one that is split.
type size struct {
	name    string // of the axis
	arg     string
	factors []int // atomic axes, outermost first; one if it is not split
}

// sizes lists the axes of the columns whose size the caller gives.
func (e *emitter) sizes() []size {
	var out []size
	for cols := e.unit.Cols; len(cols) > 0; {
		s := size{e.unit.Layer.Axes[cols[0]].Name, "", cols[:1]}
		for _, p := range e.unit.Layer.Products {
			if len(p.Factors) <= len(cols) && slices.Equal(p.Factors, cols[:len(p.Factors)]) {
				s = size{p.Name, "", p.Factors}
			}
		}
		cols = cols[len(s.factors):]
		out = append(out, s)
	}
	taken := map[string]bool{}
	for i := range out {
		out[i].arg = argument(out[i].name, taken)
		if len(out) == 1 {
			out[i].arg = "cols"
		}
	}
	return out
}

// argument is the axis's name in lower case, if nothing else is called that.
func argument(axis string, taken map[string]bool) string {
	name := strings.ToLower(axis)
	if arg := local(name); arg != name || taken[arg] {
		name += "Size"
	}
	for base, i := name, 2; taken[name]; i++ {
		name = fmt.Sprintf("%s%d", base, i)
	}
	taken[name] = true
	return name
}

// given lists the sizes that are arguments: those that neither the spec nor a
// knob fixes in all factors.
func (e *emitter) given() []size {
	return slices.DeleteFunc(e.sizes(), func(s size) bool {
		return len(s.factors) == 1 && !e.open(s.factors[0])
	})
}

// open reports whether an axis has a size that only the caller knows.
func (e *emitter) open(axis int) bool {
	a := e.unit.Layer.Axes[axis]
	return a.Size == 0 && a.Knob == ""
}

// allAxes lists the axes of known size: the columns, then those of states alone.
func (e *emitter) allAxes() []int {
	out := slices.Clone(e.unit.Cols)
	for _, l := range e.unit.Layer.States {
		for _, d := range l.Dims {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// constructors writes one constructor for each storage type, and the generic one
// that they call.
func (e *emitter) constructors() {
	for _, p := range e.precisions() {
		name := "New" + e.unit.Name + p.suffix
		e.decl("func", name)
		e.file.Line()
		e.file.Comment(comment(fmt.Sprintf("%s makes a layer of %s. It returns an error if a size or a knob does not fit the spec.", name, e.sizeText())))
		e.file.Func().Id(name).Params(e.makerParams()...).Params(jen.Op("*").Id(e.unit.Name+p.suffix), jen.Error()).
			Block(jen.Return(jen.Id(e.makerName()).Types(jen.Id(p.typ)).Call(append(ids(e.args()), jen.Id("o"))...)))
	}
	e.maker()
}

// sizeText says what the arguments are.
func (e *emitter) sizeText() string {
	var parts []string
	for _, s := range e.given() {
		text := s.name
		if len(s.factors) > 1 {
			var factors []string
			for _, f := range s.factors {
				factors = append(factors, e.unit.Layer.Axes[f].Name)
			}
			text += " = " + strings.Join(factors, "*")
		}
		parts = append(parts, text)
	}
	text := strings.Join(parts, " by ") + " columns"
	if len(parts) == 0 {
		text = "the spec's columns"
	}
	if e.unit.Layer.Axes[e.unit.Rows[0]] == ir.UnitRow {
		text += ", which are a whole tensor: views have one row"
	}
	return text
}

func (e *emitter) args() []string {
	var out []string
	for _, s := range e.given() {
		out = append(out, s.arg)
	}
	return out
}

func (e *emitter) makerParams() []jen.Code {
	var out []jen.Code
	if args := e.args(); len(args) > 0 {
		out = append(out, jen.List(ids(args)...).Int())
	}
	return append(out, jen.Id("o").Id(e.unit.Name+"Options"))
}

func (e *emitter) makerName() string { return "make" + e.unit.Name }

// maker writes the generic constructor.
func (e *emitter) maker() {
	e.decl("func", e.makerName())
	var knobs []jen.Code
	for _, k := range e.unit.Layer.Knobs {
		knobs = append(knobs, e.knobValue(k))
	}
	failed := jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err()))
	check := func(call *jen.Statement) jen.Code {
		return jen.If(jen.Err().Op(":=").Add(call), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err()))
	}
	var body []jen.Code
	for _, s := range e.given() {
		body = append(body, check(jen.Qual(runtimePath, "CheckSize").Call(append([]jen.Code{jen.Lit(e.unit.Name), jen.Lit(s.name), jen.Id(s.arg)}, e.allowed(s)...)...)))
	}
	body = append(body, jen.Id("knob").Op(":=").Index().Float64().Values(knobs...),
		check(jen.Qual(runtimePath, "CheckKnobs").Call(jen.Lit(e.unit.Name), jen.Id("knob").Op("..."))))
	var all []jen.Code
	for _, s := range e.sizes() {
		if len(s.factors) == 1 {
			all = append(all, e.axisSize(s.factors[0], s.arg))
			continue
		}
		args := []jen.Code{jen.Lit(e.unit.Name), jen.Lit(s.name), jen.Id(s.arg)}
		for _, f := range s.factors {
			args = append(args, e.axisSize(f, "0"))
		}
		parts := s.arg + "Parts"
		body = append(body, jen.List(jen.Id(parts), jen.Err()).Op(":=").Qual(runtimePath, "Split").Call(args...), failed)
		for i := range s.factors {
			all = append(all, jen.Id(parts).Index(jen.Lit(i)))
		}
	}
	for _, axis := range e.allAxes()[len(e.unit.Cols):] {
		all = append(all, e.axisSize(axis, "0"))
	}
	generic := jen.Id(e.generic()).Types(jen.Id("T"))
	body = append(body, jen.Id("l").Op(":=").New(generic),
		check(jen.Id("l").Dot("Make").Call(jen.Id(e.prefix+"Spec").Types(jen.Id("T")).Call(), jen.Index().Int().Values(all...), jen.Id("knob"))),
		jen.Return(jen.Id("l"), jen.Nil()))
	e.file.Line()
	e.file.Func().Id(e.makerName()).Types(jen.Id("T").Qual(runtimePath, "Float")).Params(e.makerParams()...).
		Params(jen.Op("*").Add(generic), jen.Error()).Block(body...)
}

// allowed lists the sizes of an axis if the spec asked for some alone: those of
// its gen item, or what its factors fix.
func (e *emitter) allowed(s size) []jen.Code {
	n := 1
	for _, f := range s.factors {
		n *= e.unit.Layer.Axes[f].Size
	}
	var sizes []int
	if n > 0 {
		sizes = []int{n}
	} else if len(e.given()) == 1 && !e.unit.Any {
		sizes = e.unit.Shapes
	}
	var out []jen.Code
	for _, n := range sizes {
		out = append(out, jen.Lit(n))
	}
	return out
}

// axisSize prints the size of an axis: from the spec, a knob, or else what the
// caller gave.
func (e *emitter) axisSize(axis int, otherwise string) jen.Code {
	switch a := e.unit.Layer.Axes[axis]; {
	case a.Size > 0:
		return jen.Lit(a.Size)
	case a.Knob != "":
		return jen.Int().Call(jen.Id("knob").Index(jen.Lit(e.knobIndex(a.Knob))))
	}
	return jen.Id(otherwise)
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

// shapeList prints a shape as indices of the spec's axes.
func (e *emitter) shapeList(a ir.Axes) *jen.Statement {
	var out []jen.Code
	axes := e.allAxes()
	for _, d := range e.unit.Order(a) {
		out = append(out, jen.Lit(indexOf(axes, d)))
	}
	return jen.Values(out...)
}

// arrayFields lists the shapes of the work area's arrays.
func (e *emitter) arrayFields() []field {
	var out []field
	if n := len(e.arrays[plan.RowSlot]); n > 0 {
		out = append(out, field{"Row", jen.Lit(n)})
	}
	for _, k := range []struct {
		kind plan.SlotKind
		name string
	}{{plan.GroupSlot, "Group"}, {plan.ColSlot, "Col"}, {plan.WideSlot, "Wide"}, {plan.SumSlot, "Sum"}, {plan.MomentSlot, "Moment"},
		{plan.SegColSlot, "SegCol"}, {plan.SegWideSlot, "SegWide"}, {plan.SegSumSlot, "SegSum"}, {plan.SegMomentSlot, "SegMoment"}} {
		out = append(out, e.shapeField(k.name, e.arrays[k.kind])...)
	}
	return append(out, e.shapeField("Temp", e.temps)...)
}

func (e *emitter) shapeField(name string, shapes []ir.Axes) []field {
	if len(shapes) == 0 {
		return nil
	}
	var out []jen.Code
	for _, s := range shapes {
		out = append(out, jen.Lit(e.shape(s)))
	}
	return []field{{name, jen.Index().Int().Values(out...)}}
}
