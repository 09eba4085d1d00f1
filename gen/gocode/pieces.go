package gocode

import (
	"github.com/dave/jennifer/jen"
)

// arguments print those of a call for the elements from j on.
type arguments []func(j jen.Code) []jen.Code

// add adds arguments that are the same for all elements.
func (a *arguments) add(args ...jen.Code) {
	*a = append(*a, func(jen.Code) []jen.Code { return args })
}

// pointer adds the address of an element of a slice, which slice prints anew.
func (a *arguments) pointer(slice func() *jen.Statement) {
	*a = append(*a, func(j jen.Code) []jen.Code { return []jen.Code{jen.Op("&").Add(slice()).Index(j)} })
}

func (a arguments) from(j jen.Code) []jen.Code {
	var out []jen.Code
	for _, print := range a {
		out = append(out, print(j)...)
	}
	return out
}

// A piecewise is a call of assembly for n elements from some on, or the first. It cannot be interrupted, so it is cut
// where there are more of them than the constant of package runtime says.
type piecewise struct {
	n    string
	most string
	from *jen.Statement // nil: the first
	args arguments
	call func(args []jen.Code) *jen.Statement
}

// cut writes calls for all elements. One call needs no loop, whose counter alone would
// take a twentieth of a short pass; long says that there are always several.
func (p *piecewise) cut(long bool) jen.Code {
	n, j, most := jen.Id(p.n), jen.Id("j"), jen.Qual(runtimePath, p.most)
	loop := jen.For(j.Clone().Op(":=").Lit(0), j.Clone().Op("<").Add(n), j.Clone().Op("+=").Add(most)).Block(
		between(j.Clone().Op(">").Lit(0)),
		p.part(jen.Min(n.Clone().Op("-").Add(j), most), p.at(j)))
	if long {
		return loop
	}
	return jen.If(n.Clone().Op("<=").Add(most)).Block(p.part(n, p.at(nil))).Else().Block(loop)
}

// at is where the elements from j on are, or all.
func (p *piecewise) at(j *jen.Statement) *jen.Statement {
	switch {
	case p.from == nil && j == nil:
		return jen.Lit(0)
	case p.from == nil:
		return j
	case j == nil:
		return p.from
	}
	return p.from.Clone().Op("+").Add(j)
}

// between lets Go in between long calls.
func between(long *jen.Statement) jen.Code { return jen.Qual(runtimePath, "Between").Call(long) }

// longerThan reports whether a row has more elements than a constant of package runtime
// says.
func longerThan(most string) *jen.Statement { return jen.Id("n").Op(">").Qual(runtimePath, most) }

// part calls for n elements from j on.
func (p *piecewise) part(n, j jen.Code) jen.Code {
	return p.call(append([]jen.Code{n}, p.args.from(j)...))
}
