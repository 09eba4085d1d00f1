package gocode

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// makers are the units whose layers are a runtime.Norm of rows of columns: one
// input, one output, at most one mask, and one size that the caller gives.
func makers(units []*plan.Unit) []*emitter {
	var out []*emitter
	for _, u := range units {
		e, l := &emitter{unit: u}, u.Layer
		if len(l.Inputs) == 1 && len(l.Outputs) == 1 && len(l.Masks) <= 1 && u.Segments == 0 &&
			l.Axes[u.Rows[0]] != ir.UnitRow && len(e.given()) == 1 {
			out = append(out, e)
		}
	}
	return out
}

// emitCatalogue writes the function that lists the norms which programs can take
// by name.
func emitCatalogue(pkg, spec, set string, made []*emitter) (plan.File, error) {
	f := newFile(pkg, spec)
	f.Const().Id("_").Op("=").Id(set)
	name := upperFirst(identifier(spec)) + "Catalogue"
	var entries []jen.Code
	for _, e := range made {
		entries = append(entries, e.entry())
	}
	list := jen.Index().Qual(runtimePath, "Maker")
	f.Line()
	f.Comment(comment(name + " lists the norms of " + spec + " that are a runtime.Norm, in its order."))
	f.Func().Id(name).Params().Add(list).Block(jen.Return(list.Clone().Add(table(entries...))))
	return render(strings.ToLower(identifier(spec))+"_catalogue_norm.go", f, []plan.Decl{{Kind: "const", Name: "_"}, {Kind: "func", Name: name}})
}

// entry is one norm of the catalogue.
func (e *emitter) entry() *jen.Statement {
	fs := []field{{"Name", jen.Lit(e.unit.Name)}}
	var knobs []jen.Code
	for _, k := range e.knobs() {
		spec := []field{{"Name", jen.Lit(k.Name)}, {"Default", number(k.Default)}}
		if e.isSize(k) {
			spec = append(spec, field{"Size", jen.True()})
		}
		knobs = append(knobs, record(spec...))
	}
	if len(knobs) > 0 {
		fs = append(fs, field{"Knobs", jen.Index().Qual(runtimePath, "KnobSpec").Values(knobs...)})
	}
	if e.unit.Mixes() {
		fs = append(fs, field{"Mixes", jen.True()})
	}
	for _, p := range e.precisions() {
		fs = append(fs, field{"New" + p.suffix, e.make(p)})
	}
	return tall(fs...)
}

// make is the function that calls the constructor with knobs in order.
func (e *emitter) make(p precision) *jen.Statement {
	arg := "knob"
	var options []jen.Code
	for i, k := range e.knobs() {
		value := jen.Id("knob").Index(jen.Lit(i))
		if e.isSize(k) {
			value = jen.Int().Call(value)
		} else {
			value = jen.Qual(runtimePath, "Option").Call(value)
		}
		options = append(options, jen.Id(exported(k.Name)).Op(":").Add(value))
	}
	if len(options) == 0 {
		arg = "_"
	}
	return jen.Func().Params(jen.Id("cols").Int(), jen.Id(arg).Index().Float64()).
		Params(jen.Qual(runtimePath, "Norm"+p.suffix), jen.Error()).
		Block(jen.Return(jen.Id("New"+e.unit.Name+p.suffix).Call(jen.Id("cols"), jen.Id(e.unit.Name+"Options").Values(options...))))
}
