package main

import (
	"errors"
	"fmt"
	"go/format"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"

	"github.com/normgen/normgen/asmgen"
)

// source returns the files by name: the assembly, its Go declarations, and the tables of
// the sets.
func source() (map[string][]byte, error) {
	file, err := compile(asmgen.Sets)
	if err != nil {
		return nil, err
	}
	c := printer.Config{Name: "asmgen/primitives", Pkg: "runtime"}
	code, err := printer.NewGoAsm(c).Print(file)
	if err != nil {
		return nil, err
	}
	stubs, err := printer.NewStubs(c).Print(file)
	if err == nil {
		stubs, err = format.Source(stubs)
	}
	declared, listErr := list(asmgen.Sets)
	named, tableErr := table(asmgen.Sets)
	return map[string][]byte{
		"primitives_amd64.s": code, "primitives_amd64.go": stubs,
		"isa_gen.go": declared, "isa_gen_amd64.go": named,
	}, errors.Join(err, listErr, tableErr)
}

// compile assembles the primitives for each of the sets.
func compile(sets []*asmgen.Set) (*ir.File, error) {
	ctx := build.NewContext()
	ctx.ConstraintExpr("amd64")
	ctx.ConstraintExpr("!purego")
	pause(ctx)
	fence(ctx)
	consts := constants{}
	for _, s := range sets {
		e := &emitter{Context: ctx, Set: s, consts: consts}
		e.rows()
		e.columns()
		e.nodes()
	}
	file, err := ctx.Result()
	if err != nil {
		return nil, fmt.Errorf("building: %w", err)
	}
	for _, f := range file.Functions() { // avo's own errors do not name the function
		one := &ir.File{Constraints: file.Constraints, Sections: []ir.Section{f}}
		if err := finish(one, f.Name); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	pass.IncludeTextFlagHeader(file)
	return file, nil
}

// finish gives a function registers, and holds those of a set to the rules of kernels.
func finish(f *ir.File, name string) error {
	for _, s := range asmgen.Sets {
		if strings.HasSuffix(name, s.Suffix) {
			return s.Compile(f, true) // sums are products with 1, which round nothing
		}
	}
	return pass.Compile.Execute(f)
}
