package gocode

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/plan"
)

const normtestPath = "github.com/normgen/normgen/gen/normtest"

// Fuzz is a back end that writes a fuzz target for each unit.
type Fuzz struct {
	Text string // of the spec, without use items: the targets need nothing but their package
}

// Emit writes the targets in one file, a test.
func (z Fuzz) Emit(pkg, spec string, units []*plan.Unit) ([]plan.File, error) {
	f := newFile(pkg, spec)
	f.ImportName(normtestPath, "normtest")
	name := lowerFirst(identifier(spec)) + "FuzzedSpec"
	decls := []plan.Decl{{Kind: "var", Name: name}}
	f.Comment("// " + name + " is what the layers of this package are held to.")
	f.Var().Id(name).Op("=").Qual(normtestPath, "Spec").Values(jen.Dict{jen.Id("File"): jen.Lit(spec), jen.Id("Text"): literalLines(z.Text)})
	for _, u := range units {
		fuzz := "Fuzz" + u.Name
		decls = append(decls, plan.Decl{Kind: "func", Name: fuzz})
		f.Line()
		f.Comment(comment(fuzz + " holds " + u.Name + " to the spec: go test -fuzz " + fuzz + "$"))
		f.Func().Id(fuzz).Params(jen.Id("f").Op("*").Qual("testing", "F")).Block(
			jen.Qual(normtestPath, "Fuzz").Call(jen.Id("f"), jen.Id(name), jen.Lit(u.Name), constructor(u, u.F32, ""), constructor(u, u.F64, "64")))
	}
	file, err := render(strings.ToLower(identifier(spec))+"_fuzz_norm_test.go", f, decls)
	return []plan.File{file}, err
}

func constructor(u *plan.Unit, has bool, suffix string) jen.Code {
	if !has {
		return jen.Nil()
	}
	return jen.Id("New" + u.Name + suffix)
}

// literalLines is text as a sum of string literals, one for each line.
func literalLines(text string) *jen.Statement {
	lines := strings.SplitAfter(strings.TrimRight(text, "\n")+"\n", "\n")
	out := jen.Lit("")
	for _, l := range lines[:len(lines)-1] {
		out.Op("+").Line().Lit(l)
	}
	return out
}
