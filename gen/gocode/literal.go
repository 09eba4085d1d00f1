package gocode

import "github.com/dave/jennifer/jen"

// A field is one field of a composite literal; record keeps their order, which
// jennifer's own dictionaries do not.
type field struct {
	name  string
	value jen.Code
}

// record prints fields on one line.
func record(fields ...field) *jen.Statement {
	var out []jen.Code
	for _, f := range fields {
		out = append(out, jen.Id(f.name).Op(":").Add(f.value))
	}
	return jen.Values(out...)
}

// table prints elements one a line.
func table(elements ...jen.Code) *jen.Statement {
	if len(elements) == 0 {
		return jen.Values()
	}
	var out []jen.Code
	for _, e := range elements {
		out = append(out, jen.Line().Add(e))
	}
	return jen.Values(append(out, jen.Line())...)
}

// tall prints fields one a line.
func tall(fields ...field) *jen.Statement {
	var out []jen.Code
	for _, f := range fields {
		out = append(out, jen.Id(f.name).Op(":").Add(f.value))
	}
	return table(out...)
}
