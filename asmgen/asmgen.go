// Package asmgen writes loops over elements as AVX2 and AVX-512 assembly.
//
// The sweeps themselves, the loops over rows and what is computed once a row,
// stay Go: package gocode writes them once more for each set of instructions,
// with calls of these functions in place of its own loops. The bits are those of
// plan.Eval: no products are fused with additions, roots and quotients are those
// of IEEE 754, and row sums use the lanes of the reduction tree.
//
// One emitter writes for every set of instructions; what differs is a row of
// [Sets] and the two ways to mask ([masker]).
package asmgen

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"

	"github.com/normgen/normgen/gen/plan"
)

// A Set is a set of instructions.
type Set struct {
	Name    string // in specs and for the runtime: avx2
	Suffix  string // of functions: AVX2
	Lanes   int    // float32 elements of a register
	vectors int    // registers of the file
	masked  func(e *emitter) masker
}

// Sets lists the sets from the smallest to the largest.
var Sets = []*Set{
	{Name: "avx2", Suffix: "AVX2", Lanes: 8, vectors: 16, masked: newBlender},
	{Name: "avx512", Suffix: "AVX512", Lanes: 16, vectors: 32, masked: newOpmasks},
}

// A File collects the loops of one norm for one set of instructions.
type File struct {
	set     *Set
	spec    string
	loops   []written
	reserve map[string]int // registers to keep from scalars, by key
}

// A written loop: its function and what it computes.
type written struct {
	name, key string
	loop      *plan.Loop
	reserve   int
}

// NewFile starts the file of a norm of the spec of that name.
func (s *Set) NewFile(spec string) *File { return &File{set: s, spec: spec, reserve: map[string]int{}} }

// Check returns an error if a loop has no vector form: an operation without one,
// or more parameters and values than there are registers for. How many scalars
// find a register is tried out where the estimate does not settle it; the others
// are read where they are used.
func (f *File) Check(l *plan.Loop) error {
	if v := unsupported(l); v != nil {
		return fmt.Errorf("line %d: %s has no vector form", v.Line, v.Op)
	}
	k := key(l)
	if _, known := f.reserve[k]; known || f.set.fits(l) {
		return nil
	}
	var err error
	for _, reserve := range []int{0, 2, 4, 8, f.set.vectors} {
		if _, err = f.set.write("try", []written{{"try", "", l, reserve}}, constants{}); err == nil {
			f.reserve[k] = reserve
			return nil
		}
	}
	return err
}

// fits reports whether a loop surely has enough registers: of the general ones
// some hold counts and ends, of the vectors some are needed in between.
func (s *Set) fits(l *plan.Loop) bool {
	const counts, between = 5, 8
	pointers, scalars := 0, 0
	for _, p := range l.Params {
		switch {
		case p.Pointer():
			pointers++
		case p.Kind == plan.ScalarParam:
			scalars++
		}
	}
	e := &emitter{set: s, loop: l}
	return pointers+counts <= 14 && e.accumulators()+e.pressure()+scalars+between <= s.vectors
}

// Loop adds a loop under a name and returns the name of the function to call:
// that of an earlier loop if it computes the same.
func (f *File) Loop(name string, l *plan.Loop) (string, error) {
	k := key(l)
	for _, w := range f.loops {
		if w.key == k {
			return w.name, nil
		}
	}
	name += f.set.Suffix
	f.loops = append(f.loops, written{name, k, l, f.reserve[k]})
	return name, nil
}

// Write returns the assembly as a file of that name.
func (f *File) Write(name string) (plan.File, error) {
	consts := constants{}
	data, err := f.set.write(f.spec, f.loops, consts)
	out := plan.File{Name: name, Data: data}
	for _, w := range f.loops {
		out.Decls = append(out.Decls, plan.Decl{Kind: "text", Name: w.name})
	}
	for _, c := range slices.Sorted(maps.Keys(consts)) {
		out.Decls = append(out.Decls, plan.Decl{Kind: "data", Name: c})
	}
	return out, err
}

// write assembles functions in one context.
func (s *Set) write(spec string, loops []written, consts constants) ([]byte, error) {
	c := build.NewContext()
	c.ConstraintExpr("amd64")
	c.ConstraintExpr("!purego")
	for _, w := range loops {
		e := &emitter{Context: c, set: s, loop: w.loop, consts: consts, reserve: w.reserve}
		e.function(w.name)
	}
	consts.define(c)
	file, err := c.Result()
	if err != nil {
		return nil, err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return nil, fmt.Errorf("%s: %w", loops[len(loops)-1].name, err)
	}
	out, err := printer.NewGoAsm(printer.Config{Name: "normgen", Argv: nil}).Print(file)
	if err != nil {
		return nil, err
	}
	// The allocator knows no registers that an instruction lacks.
	if errs := s.Lint(out); len(errs) > 0 {
		return nil, fmt.Errorf("%s: %w", loops[len(loops)-1].name, errs[0])
	}
	return withHeader(spec, out), nil
}

// withHeader replaces avo's first line, which names a command, by ours.
func withHeader(spec string, asm []byte) []byte {
	_, rest, _ := bytes.Cut(asm, []byte("\n"))
	head := "// Code generated by normgen from " + strings.Join(strings.Fields(spec), " ") + "; DO NOT EDIT.\n"
	return append([]byte(head), rest...)
}
