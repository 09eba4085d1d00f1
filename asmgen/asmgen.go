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
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"

	"github.com/normgen/normgen/gen/plan"
)

// A Set is a set of instructions.
type Set struct {
	Name    string   // in specs and for the runtime: avx2
	Suffix  string   // of functions: AVX2
	Lanes   int      // float32 elements of a register
	vectors int      // registers of the file
	needs   []string // extensions that the runtime asks the processor for, as avo names them
	masked  func(e *emitter) masker
}

// Sets lists the sets from the smallest to the largest.
var Sets = []*Set{
	{Name: "avx2", Suffix: "AVX2", Lanes: 8, vectors: 16, needs: avx2, masked: newBlender},
	{Name: "avx512", Suffix: "AVX512", Lanes: 16, vectors: 32, needs: append(slices.Clip(avx2), "AVX512F", "AVX512BW", "AVX512CD", "AVX512DQ", "AVX512VL"), masked: newOpmasks},
}

// avx2 is what package runtime asks for before it chooses AVX2. AVX is part of it, and
// CMOV of amd64.
var avx2 = []string{"AVX", "AVX2", "FMA3", "BMI2", "CMOV"}

// A File collects the loops of one norm for one set of instructions.
type File struct {
	set       *Set
	spec      string
	loops     []written
	schedules map[string]Schedule // by key
}

// A written loop: its function, what it computes, and how.
type written struct {
	name, key string
	loop      *plan.Loop
	schedule  Schedule
}

// NewFile starts the file of a norm of the spec of that name.
func (s *Set) NewFile(spec string) *File {
	return &File{set: s, spec: spec, schedules: map[string]Schedule{}}
}

// Check returns an error if a loop has no vector form: an operation without one,
// or more parameters and values than there are registers for.
func (f *File) Check(l *plan.Loop) error {
	if v := unsupported(l); v != nil {
		return fmt.Errorf("line %d: %s has no vector form", v.Line, v.Op)
	}
	_, err := f.schedule(l)
	return err
}

// schedule chooses how to run a loop. How many scalars find a register is tried out
// where the estimate does not settle it.
func (f *File) schedule(l *plan.Loop) (Schedule, error) {
	k := key(l)
	if c, known := f.schedules[k]; known {
		return c, nil
	}
	var err error
	for _, c := range f.set.schedules(l) {
		if !f.set.fits(l) {
			_, err = f.set.assemble([]written{{"try", "", l, c}}, constants{})
		}
		if err == nil {
			f.schedules[k] = c
			return c, nil
		}
	}
	return Schedule{}, err
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
	c, err := f.schedule(l)
	name += f.set.Suffix
	f.loops = append(f.loops, written{name, k, l, c})
	return name, err
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

// write returns the text of functions.
func (s *Set) write(spec string, loops []written, consts constants) ([]byte, error) {
	file, err := s.assemble(loops, consts)
	if err != nil {
		return nil, err
	}
	out, err := printer.NewGoAsm(printer.Config{Name: "normgen", Argv: nil}).Print(file)
	return withHeader(spec, out, loops[0].loop.Kernel.Fast), err
}

// assemble writes functions in one context, gives them registers, and holds them to
// the rules: the allocator knows no registers that an instruction lacks.
func (s *Set) assemble(loops []written, consts constants) (*ir.File, error) {
	c := build.NewContext()
	c.ConstraintExpr("amd64")
	c.ConstraintExpr("!purego")
	for _, w := range loops {
		e := &emitter{Context: c, set: s, loop: w.loop, consts: consts, schedule: w.schedule}
		e.function(w.name)
	}
	consts.define(c)
	file, err := c.Result()
	if err != nil {
		return nil, err
	}
	last := loops[len(loops)-1].name
	if err := pass.Compile.Execute(file); err != nil {
		return nil, fmt.Errorf("%s: %w", last, err)
	}
	for k, f := range file.Functions() {
		if err := s.inspect(f, loops[k].loop); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	out, err := printer.NewGoAsm(printer.Config{}).Print(file)
	if err != nil {
		return nil, err
	}
	if errs := s.lint(out, loops[0].loop.Kernel.Fast); len(errs) > 0 {
		return nil, fmt.Errorf("%s: %w", last, errs[0])
	}
	return file, nil
}

// fastNote says in a file that its arithmetic is fast.
const fastNote = "// Arithmetic: fast. A product and the addition behind it may be rounded once.\n"

// withHeader replaces avo's first line, which names a command, by ours.
func withHeader(spec string, asm []byte, fast bool) []byte {
	_, rest, _ := bytes.Cut(asm, []byte("\n"))
	head := "// Code generated by normgen from " + strings.Join(strings.Fields(spec), " ") + "; DO NOT EDIT.\n"
	if fast {
		head += fastNote
	}
	return append([]byte(head), rest...)
}
