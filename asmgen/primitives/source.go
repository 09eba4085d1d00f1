package main

import (
	"fmt"
	"go/format"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"

	"github.com/normgen/normgen/asmgen"
)

// source returns the assembly and its Go declarations.
func source() (code, stubs []byte, err error) {
	file, err := compile(asmgen.Sets)
	if err != nil {
		return nil, nil, err
	}
	c := printer.Config{Name: "asmgen/primitives", Pkg: "runtime"}
	if code, err = printer.NewGoAsm(c).Print(file); err != nil {
		return nil, nil, err
	}
	if stubs, err = printer.NewStubs(c).Print(file); err != nil {
		return nil, nil, err
	}
	stubs, err = format.Source(stubs)
	return code, stubs, err
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
