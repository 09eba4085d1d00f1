// Package asmgen writes loops over elements as AVX2 and AVX-512 assembly.
//
// The sweeps themselves, the loops over rows and what is computed once a row,
// stay Go: package gocode writes them once more for each set of instructions,
// with calls of these functions in place of its own loops. The bits are those of
// plan.Eval: no products are fused with additions, roots and quotients are those
// of IEEE 754, and row sums use the lanes of the reduction tree.
//
// One emitter writes for every set of instructions; what differs is a row of
// [Sets]: how long registers are, and the [encoding] of instructions.
package asmgen

import (
	"bytes"
	"errors"
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
	Name   string   // in specs and for the runtime: avx2
	Suffix string   // of functions: AVX2
	Lanes  int      // float32 elements of a register
	EVEX   bool     // the encoding is that of AVX-512, with twice the registers and with masks; else VEX
	Needs  []string // extensions that the runtime asks the processor for, as avo names them
}

// Vectors is the number of vector registers.
func (s *Set) Vectors() int {
	if s.EVEX {
		return 32
	}
	return 16
}

// rows is how many rows a row loop computes at once, at most: their sums are folded in
// one register, from four lanes of each on.
func (s *Set) rows() int { return s.Lanes / 4 }

// Sets lists the sets from the smallest to the largest.
var Sets = []*Set{
	{Name: "avx2", Suffix: "AVX2", Lanes: 8, Needs: avx2},
	{Name: "avx512", Suffix: "AVX512", Lanes: 16, EVEX: true, Needs: append(slices.Clip(avx2), "AVX512F", "AVX512BW", "AVX512CD", "AVX512DQ", "AVX512VL")},
}

// avx2 is what AVX2 needs. AVX is part of it; CMOV and MMX+, where prefetches are from,
// are parts of amd64.
var avx2 = []string{"AVX", "AVX2", "FMA3", "BMI2", "CMOV", "MMX+"}

// A File collects the loops of one norm for one set of instructions.
type File struct {
	set     *Set
	spec    string
	loops   []*written
	checked map[string]*written        // by key
	rows    map[*plan.RowLoop]*written // checked
}

// A written loop: its function, what it computes, and how.
type written struct {
	name     string
	loop     *plan.Loop
	schedule Schedule
	rows     *plan.RowLoop // instead of loop
	flight   flight        // of rows
	free     int           // registers that rows leave, estimated; fewer than none: some operands are read where they are used

	function *ir.Function // with registers, and the constants that it reads
	consts   constants
}

// NewFile starts the file of a norm of the spec of that name.
func (s *Set) NewFile(spec string) *File {
	return &File{set: s, spec: spec, checked: map[string]*written{}, rows: map[*plan.RowLoop]*written{}}
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

// schedule chooses how to run a loop: how much finds a register is tried out.
func (f *File) schedule(l *plan.Loop) (*written, error) {
	k := key(l)
	if w := f.checked[k]; w != nil {
		return w, nil
	}
	var err error
	for _, c := range f.set.schedules(l) {
		w := &written{name: "try", loop: l, schedule: c}
		if err = f.set.compile(w); err == nil {
			f.checked[k] = w
			return w, nil
		}
	}
	return nil, err
}

// Loop adds a loop under a name and returns the name of the function to call:
// that of an earlier loop if it computes the same.
func (f *File) Loop(name string, l *plan.Loop) (string, error) {
	w, err := f.schedule(l)
	if err != nil {
		return "", err
	}
	if !slices.Contains(f.loops, w) {
		w.name = name + f.set.Suffix
		f.loops = append(f.loops, w)
	}
	return w.name, nil
}

// Write returns the assembly as a file of that name, or none if it has no loops.
func (f *File) Write(name string) ([]plan.File, error) {
	if len(f.loops) == 0 {
		return nil, nil
	}
	consts := constants{}
	data, err := f.set.write(f.spec, f.loops, consts)
	out := plan.File{Name: name, Data: data}
	for _, w := range f.loops {
		out.Decls = append(out.Decls, plan.Decl{Kind: "text", Name: w.name})
	}
	for _, c := range slices.Sorted(maps.Keys(consts)) {
		out.Decls = append(out.Decls, plan.Decl{Kind: "data", Name: c})
	}
	return []plan.File{out}, err
}

// write returns the text of functions.
func (s *Set) write(spec string, loops []*written, consts constants) ([]byte, error) {
	var functions []ir.Section
	for _, w := range loops {
		if err := s.compile(w); err != nil {
			return nil, err
		}
		functions = append(functions, w.function)
		maps.Copy(consts, w.consts)
	}
	c := build.NewContext()
	c.ConstraintExpr("amd64")
	c.ConstraintExpr("!purego")
	consts.define(c)
	file, err := c.Result()
	if err != nil {
		return nil, err
	}
	file.Sections = append(functions, file.Sections...)
	if err := pass.IncludeTextFlagHeader(file); err != nil {
		return nil, err
	}
	out, err := text(file)
	return withHeader(spec, out, loops[0].fast()), err
}

// fast reports whether the arithmetic of w is.
func (w *written) fast() bool {
	if w.rows != nil {
		return w.rows.Kernel.Fast
	}
	return w.loop.Kernel.Fast
}

// writes marks the parameters that w may store through.
func (w *written) writes() map[string]bool {
	may := map[string]bool{}
	if w.rows != nil {
		for _, p := range w.rows.Params {
			may[p.Name] = p.Kind == plan.WriteTensor || p.Kind == plan.AddColumns || p.Kind == plan.SaveRows
		}
		return may
	}
	may["line"], may["kept"] = w.loop.Past, w.loop.Past
	for _, p := range w.loop.Params {
		may[p.Name] = p.Kind == plan.StoreParam || p.Kind == plan.AddParam || p.Kind == plan.SumParam
		may[position(p.Name)], may[position(p.Name+"Stride")] = p.Matrix, p.Matrix
	}
	return may
}

// compile writes the function of w, once, compiles it, and holds it to what it may do.
func (s *Set) compile(w *written) error {
	if w.function != nil {
		w.function.Name = w.name
		return nil
	}
	c, consts := build.NewContext(), constants{}
	e := &emitter{Context: c, set: s, loop: w.loop, consts: consts, schedule: w.schedule}
	if w.rows != nil {
		if err := e.rows(w); err != nil {
			return err
		}
	} else {
		e.function(w.name)
	}
	file, err := c.Result()
	if err != nil {
		return err
	}
	if err := s.Compile(file, w.fast()); err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	if err := s.inspect(file.Functions()[0], w.writes()); err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	w.function, w.consts = file.Functions()[0], consts
	return nil
}

// Compile gives the functions of a file registers, and holds their text to the rules
// of kernels: see [Set.Lint]. In fast arithmetic products may be fused.
func (s *Set) Compile(file *ir.File, fast bool) error {
	if err := s.passes().Execute(file); err != nil {
		return err
	}
	out, err := text(file)
	if err != nil {
		return err
	}
	return errors.Join(s.lint(out, fast)...)
}

func text(file *ir.File) ([]byte, error) {
	return printer.NewGoAsm(printer.Config{Name: "normgen", Argv: nil}).Print(file)
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
