package gocode

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// An Assembler writes loops over elements for one set of instructions.
type Assembler struct {
	Target  string // as in specs: avx2
	Suffix  string // of functions, and the set's name in package runtime: AVX2
	NewFile func(spec string) LoopFile
}

// A LoopFile is the assembly of one norm.
type LoopFile interface {
	// Check returns an error if the set has no form for the loop.
	Check(l *plan.Loop) error
	// Loop adds a loop and returns the function to call: that of an earlier loop
	// if it computes the same.
	Loop(name string, l *plan.Loop) (string, error)
	// CheckRows and Rows do the same for loops over rows.
	CheckRows(l *plan.RowLoop) error
	Rows(name string, l *plan.RowLoop) string
	// Write returns the file under a name: none if there are no loops, of sweeps that
	// only call package runtime.
	Write(name string) ([]plan.File, error)
}

// A vectorSet is the part of an emitter that writes sweeps for one set.
type vectorSet struct {
	Assembler
	file   LoopFile
	stubs  map[string]bool // functions declared
	trying bool            // to find out whether all loops have a form
	failed bool
}

// assemble writes the sweeps of a unit for every set that it asks for, and the
// table of them. The sweeps are those of the Go file, but their loops over
// elements are calls. One whose loops have no vector form is left to Go.
func (e *emitter) assemble() {
	v := *e
	v.file, v.decls, v.bodies, v.alias, v.goAlias = newFile(e.pkg, e.specName), nil, map[string]string{}, map[string]string{}, e.alias
	v.file.HeaderComment("//go:build amd64 && !purego")
	v.file.Const().Id("_").Op("=").Id(e.generation)
	v.decl("const", "_")
	var files []plan.File
	var rows []jen.Code
	for _, a := range e.assemblers {
		v.vec = &vectorSet{Assembler: a, file: a.NewFile(e.specName), stubs: map[string]bool{}}
		sweeps := v.vectorSweeps()
		if v.err != nil || len(sweeps) == 0 {
			continue
		}
		columns, begins := v.vectorSteps()
		written, err := v.vec.file.Write(strings.ToLower(e.unit.Name) + "_norm_" + a.Target + "_amd64.s")
		if err != nil {
			v.fail("%v", err)
		}
		files = append(files, written...)
		row := []jen.Code{jen.Id("ISA").Op(":").Qual(runtimePath, a.Suffix), functionTable("Sweeps", "Block", sweeps)}
		if len(columns) > 0 {
			row = append(row, functionTable("Columns", "Frame", columns))
		}
		if len(begins) > 0 {
			row = append(row, functionTable("Begins", "Block", begins))
		}
		rows = append(rows, jen.Values(row...))
	}
	e.err, e.shapes, e.need, e.values = v.err, v.shapes, v.need, v.values
	if len(rows) == 0 || e.err != nil {
		return
	}
	v.decl("var", e.assemblyName())
	v.file.Line()
	v.file.Comment(comment(e.assemblyName() + " lists the sweeps of " + e.unit.Name + " for each set of instructions, by the name of the Go one."))
	v.file.Var().Id(e.assemblyName()).Op("=").Index().Qual(runtimePath, "Assembly").Add(table(rows...))
	f, err := render(strings.ToLower(e.unit.Name)+"_norm_amd64.go", v.file, v.decls)
	if err != nil {
		e.fail("%v", err)
	}
	e.assembly = append(files, f)
}

// functionTable lists functions of blocks or frames by name.
func functionTable(name, of string, functions []jen.Code) *jen.Statement {
	return jen.Id(name).Op(":").Map(jen.String()).Func().Params(jen.Op("*").Qual(runtimePath, of).Types(jen.Float32())).Add(table(functions...))
}

func (e *emitter) assemblyName() string { return e.prefix + "Assembly" }

// vectorSweeps writes the sweeps of all kernels, each once, and lists them.
func (e *emitter) vectorSweeps() []jen.Code {
	var out []jen.Code
	seen := map[string]bool{}
	e.eachKernel(func(k *plan.Kernel, name string, v *plan.Variant) {
		ke := newKernelEmitter(e, k, name)
		for s, st := range k.Stages {
			goName := e.goAlias[ke.sweepName(s)]
			if len(st.Sweep.Phases) == 0 || seen[goName] {
				continue
			}
			seen[goName] = true
			if fn := ke.vectorSweep(s, st, v); fn != "" {
				out = append(out, jen.Lit(goName).Op(":").Id(fn))
			}
		}
	})
	return out
}

// vectorSweep writes a sweep and returns its name, or "" if it stays Go.
func (e *kernelEmitter) vectorSweep(stage int, st *plan.Stage, v *plan.Variant) string {
	e.vec.trying, e.vec.failed = true, false
	e.sweep(stage, st, v)
	e.vec.trying = false
	if e.vec.failed {
		return ""
	}
	return e.sweep(stage, st, v)
}

// vectorFunction adds a function of float32 blocks or frames.
func (e *emitter) vectorFunction(doc, name, arg, of string, body []jen.Code) string {
	name += e.vec.Suffix
	if e.vec.trying {
		return name
	}
	e.decl("func", name)
	e.file.Line()
	e.file.Comment(comment(doc))
	e.file.Func().Id(name).Params(jen.Id(arg).Op("*").Qual(runtimePath, of).Types(jen.Float32())).
		Block(append([]jen.Code{jen.Type().Id("T").Op("=").Float32()}, body...)...)
	return name
}

// stub declares an assembly function, once.
func (e *emitter) stub(name string, l *plan.Loop) {
	if e.vec.stubs[name] {
		return
	}
	e.vec.stubs[name] = true
	e.decl("func", name)
	params, results := []jen.Code{jen.Id("n").Int()}, []jen.Code{}
	switch {
	case l.Walks():
		params = []jen.Code{jen.List(jen.Id("rows"), jen.Id("n")).Int()}
	case l.Runs:
		params = []jen.Code{jen.List(jen.Id("runs"), jen.Id("n")).Int()}
	}
	for _, p := range l.Params {
		switch {
		case p.Kind == plan.RunParam:
			params = append(params, jen.Id(p.Name).Op("*").Float32())
		case p.Kind == plan.SumParam && l.Runs:
			params = append(params, jen.Id(p.Name).Op("*").Float64())
		case p.Kind == plan.SumParam:
			params = append(params, jen.Id(p.Start()).Float64())
			results = append(results, jen.Id(p.Name).Float64())
		case p.Pointer():
			params = append(params, jen.Id(p.Name).Op("*").Add(elementType(p)))
		default:
			params = append(params, jen.Id(p.Name).Add(elementType(p)))
		}
		if p.Matrix {
			params = append(params, jen.Id(p.Name+"Stride").Int())
		}
	}
	if l.Walks() {
		params = append(params, jen.Id("near").Bool())
	}
	if l.Walks() && l.Stores() {
		params = append(params, jen.Id("stream").Bool())
	}
	if l.Past {
		params = append(params, jen.Id("line").Op("*").Float32(), jen.Id("held").Int())
		results = append(results, jen.Id("kept").Int())
	}
	f := jen.Func().Id(name).Params(params...)
	if len(results) > 0 {
		f.Params(results...)
	}
	e.file.Line()
	e.file.Comment(comment(name + " is a loop of " + e.unit.Name + " in assembly."))
	e.file.Comment("//")
	e.file.Comment("//go:noescape")
	e.file.Add(f)
}

// vectorLoop calls the assembly of a phase's loop over elements. Row sums come
// back as results.
func (s *sweepEmitter) vectorLoop(ph *plan.Phase, sinks []sink) {
	l, args := s.vectorParams(ph, [][]sink{sinks})
	l.Past = past(ph, sinks)
	s.callLoop(ph, l, args)
}

// callLoop adds calls for pieces of the row; sums are declared under the names of the
// results, and each call goes on with those before it.
func (s *sweepEmitter) callLoop(ph *plan.Phase, l *plan.Loop, args arguments) {
	set := s.e.vec
	if err := set.file.Check(l); err != nil || set.trying {
		set.failed = set.failed || err != nil
		return
	}
	name := s.loopFunction(l)
	var results []jen.Code
	if l.Past {
		past, held := s.line(ph)
		args.add(past, held)
		results = append(results, held)
	}
	for _, p := range l.Params {
		if p.Kind == plan.SumParam {
			sum := jen.Id(s.sumOf[p.Value])
			s.add(sum.Clone().Op(":=").Qual(runtimePath, "NoSum").Call())
			results = append(results, sum)
		}
	}
	p := piecewise{s.runLength(), "CallElements", nil, args, func(args []jen.Code) *jen.Statement {
		return assigned(results, jen.Id(name).Call(args...))
	}}
	s.add(p.cut(s.long))
}

// assigned gives the results of a call, if it has any, to variables.
func assigned(results []jen.Code, call *jen.Statement) *jen.Statement {
	if len(results) == 0 {
		return call
	}
	return jen.List(results...).Op("=").Add(call)
}

// loopFunction adds a loop to the assembly, and names the function.
func (s *sweepEmitter) loopFunction(l *plan.Loop) string {
	s.loops++
	name, err := s.e.vec.file.Loop(fmt.Sprintf("%sLoop%d", s.name, s.loops), l)
	if err != nil {
		s.fail("%v", err)
	}
	s.e.stub(name, l)
	return name
}

// runLength is the local that holds the number of elements of the run at hand.
func (s *sweepEmitter) runLength() string {
	if s.level != nil {
		return s.length(s.level.part)
	}
	return "n"
}

// vectorParams lists the parameters of the loop of a phase over one or more rows,
// each with its sinks, and the arguments.
func (s *sweepEmitter) vectorParams(ph *plan.Phase, rows [][]sink) (*plan.Loop, arguments) {
	p := s.params(&plan.Loop{Kernel: s.e.k, Left: ph.Left, Rows: len(rows)})
	body, external := s.vectorBody(ph, rows[0])
	p.loop.Body = body
	for r, sinks := range rows {
		for _, k := range sinks {
			switch {
			case k.sum != nil:
			case k.add && r > 0: // the accumulator is that of the first row
			case k.add:
				p.pointer(plan.AddParam, k.dst, plan.Strip(k.root), r)
			default:
				p.pointer(plan.StoreParam, k.dst, plan.Strip(k.root), r)
			}
		}
	}
	for r := range rows {
		s.lane = r
		for _, v := range external {
			if r == 0 || s.e.k.Rank(v) == plan.Full {
				p.operand(v, r)
			}
		}
	}
	s.lane = 0
	for _, k := range rows[0] {
		if k.sum != nil {
			p.sum(plan.Strip(k.root))
		}
	}
	return p.loop, p.args
}

// vectorBody lists what the elements compute, and what they need from outside.
func (s *sweepEmitter) vectorBody(ph *plan.Phase, sinks []sink) (body, external []*ir.Value) {
	f := newElementScope(s.e)
	var roots []*ir.Value
	for _, k := range sinks {
		roots = append(roots, k.root)
	}
	f.count(ph, roots)
	for _, v := range ph.Body {
		if f.inside[v] {
			body = append(body, v)
		}
	}
	for _, r := range roots {
		if r = plan.Strip(r); !f.inside[r] && !f.external[r] && r.Op != ir.Const {
			f.external[r] = true
			f.order = append(f.order, r)
		}
	}
	return body, f.order
}

// params collects parameters and arguments of a loop.
type params struct {
	s    *sweepEmitter
	loop *plan.Loop
	args arguments
	used map[string]bool
}

// params begins the parameters of a loop over rows or runs, whose function has some of its own.
func (s *sweepEmitter) params(l *plan.Loop) params {
	return params{s: s, loop: l, used: map[string]bool{"n": true, "g": true, "runs": true, "line": true, "held": true, "kept": true}}
}

func (p *params) name(want string) string { return unusedName(p.used, want) }

// unusedName is a parameter's name like want.
func unusedName(used map[string]bool, want string) string {
	name := local(want)
	for i := 2; used[name]; i++ {
		name = fmt.Sprintf("%s%d", local(want), i)
	}
	used[name] = true
	return name
}

func elementType(p plan.Param) *jen.Statement {
	if p.Wide {
		return jen.Float64()
	}
	return jen.Float32()
}

// pointer adds a slice.
func (p *params) pointer(kind plan.ParamKind, slice string, v *ir.Value, row int) {
	p.s.slice(slice)
	p.loop.Params = append(p.loop.Params, plan.Param{Kind: kind, Name: p.name(slice), Value: v, Row: row})
	p.args.pointer(func() *jen.Statement { return jen.Id(slice) })
}

// sum adds a row sum, which goes on with what the caller has of it.
func (p *params) sum(v *ir.Value) {
	q := plan.Param{Kind: plan.SumParam, Name: p.name("sum"), Value: v}
	p.used[q.Start()] = true
	p.loop.Params = append(p.loop.Params, q)
	p.args.add(jen.Id(p.s.sumOf[v]))
}

// operand adds what the elements read: a slice, or a number that all share.
func (p *params) operand(v *ir.Value, row int) {
	s := p.s
	switch s.e.k.Rank(v) {
	case plan.Full:
		p.pointer(plan.VectorParam, s.row(v.Leaf, false), v, row)
		return
	case plan.Col, plan.Seg:
		if name, vector := s.columnSliceOf(v); vector {
			p.pointer(plan.VectorParam, name, v, row)
			return
		}
	}
	arg := s.argument(v, jen.Lit(0))
	if s.width(v) == plan.Bool {
		arg = jen.Qual(runtimePath, "Select").Types(jen.Id("T")).Call(arg, jen.Lit(1), jen.Lit(0))
	}
	p.loop.Params = append(p.loop.Params, plan.Param{Kind: plan.ScalarParam, Name: p.name(valueName(v, "c")), Value: v, Row: row})
	p.args.add(arg)
}
