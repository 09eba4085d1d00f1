package gocode

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// kernels writes the functions of every kernel of the unit.
func (e *emitter) kernels() { e.eachKernel(e.kernel) }

// eachKernel calls fn for every kernel and its name.
func (e *emitter) eachKernel(fn func(k *plan.Kernel, name string, v *plan.Variant)) {
	e.mode(e.unit.Train, "", fn)
	if e.unit.Eval != e.unit.Train {
		e.mode(e.unit.Eval, "Frozen", fn)
	}
	for _, v := range e.unit.Infer {
		fn(v.Forward, "Infer"+variantName(e.unit.Infer, v), v)
	}
}

func (e *emitter) mode(m *plan.Mode, name string, fn func(k *plan.Kernel, name string, v *plan.Variant)) {
	for _, v := range m.Variants {
		suffix := variantName(m.Variants, v)
		e.cotangents = m.Mode.Cotangents
		fn(v.Forward, name+"Forward"+suffix, v)
		fn(v.Backward, name+"Backward"+suffix, v)
	}
}

// variantName tells variants of a mode apart: Masked, and When or Unless for the
// outcome of each condition.
func variantName(all []*plan.Variant, v *plan.Variant) string {
	s := ""
	if v.Masked {
		s = "Masked"
	}
	for i, o := range v.When {
		if o.Holds {
			s += fmt.Sprintf("When%d", i+1)
		} else {
			s += fmt.Sprintf("Unless%d", i+1)
		}
	}
	return s
}

// A kernelEmitter writes the functions of one kernel.
type kernelEmitter struct {
	*emitter
	k      *plan.Kernel
	name   string // of the kernel: Forward, BackwardMasked, ...
	uses   map[*ir.Value]int
	inLoop map[*ir.Value]bool // operands of elements
}

// newKernelEmitter counts who uses each value: one that is used once, has no
// name and needs no array is printed where it is used.
func newKernelEmitter(e *emitter, k *plan.Kernel, name string) *kernelEmitter {
	ke := &kernelEmitter{e, k, name, map[*ir.Value]int{}, map[*ir.Value]bool{}}
	for _, v := range k.Func.Values {
		for _, a := range v.Args {
			if v.Op != ir.Widen {
				ke.uses[plan.Strip(a)]++
			}
			ke.inLoop[plan.Strip(a)] = ke.inLoop[plan.Strip(a)] || k.Rank(v) == plan.Full
		}
	}
	for _, o := range k.Func.Outs {
		ke.uses[plan.Strip(o.Value)]++
	}
	return ke
}

// inlined reports whether v is printed where it is used.
func (e *kernelEmitter) inlined(v *ir.Value) bool {
	_, slot := e.k.Slot[v]
	_, wide := e.k.Wide[v]
	_, sum := e.k.Sums[v]
	return v.Name == "" && e.uses[v] == 1 && !slot && !wide && !sum && !e.inLoop[v]
}

func (e *emitter) kernel(k *plan.Kernel, name string, v *plan.Variant) {
	ke := newKernelEmitter(e, k, name)
	for s, st := range k.Stages {
		if len(st.Columns) > 0 {
			ke.columns(ke.columnsName(s), st.Columns, v)
		}
		if hasBegin(st) {
			ke.begin(ke.beginName(s), st, v)
		}
		if len(st.Sweep.Phases) > 0 {
			ke.sweep(s, st, v)
		}
	}
	if len(k.Finish) > 0 {
		ke.columns(ke.columnsName(len(k.Stages)), k.Finish, v)
	}
}

// hasBegin reports whether a stage has work to do for a segment before its rows.
func hasBegin(st *plan.Stage) bool {
	return len(st.Begin)+len(st.Sums)+len(st.Moments)+len(st.Stores) > 0
}

func (e *kernelEmitter) columnsName(stage int) string {
	if stage == len(e.k.Stages) {
		return fmt.Sprintf("%s%sFinish", e.prefix, e.name)
	}
	return fmt.Sprintf("%s%sColumns%d", e.prefix, e.name, stage+1)
}

func (e *kernelEmitter) beginName(stage int) string {
	return fmt.Sprintf("%s%sSegment%d", e.prefix, e.name, stage+1)
}

func (e *kernelEmitter) sweepName(stage int) string {
	return fmt.Sprintf("%s%sSweep%d", e.prefix, e.name, stage+1)
}

// function adds a generic top-level function, unless one that does the same is
// there, and returns the name to call it by.
func (e *emitter) function(doc, name string, params, results []jen.Code, body []jen.Code) string {
	rest := func() *jen.Statement {
		return jen.Types(jen.Id("T").Qual(runtimePath, "Float")).Params(params...).Add(resultList(results)).Block(body...)
	}
	key := fmt.Sprintf("%#v", jen.Func().Id("f").Add(rest()))
	if same, ok := e.bodies[key]; ok {
		e.alias[name] = same
		return same
	}
	e.bodies[key], e.alias[name] = name, name
	e.decl("func", name)
	e.file.Line()
	e.file.Comment(comment(doc))
	e.file.Func().Id(name).Add(rest())
	return name
}

func resultList(rs []jen.Code) jen.Code {
	switch len(rs) {
	case 0:
		return jen.Null()
	case 1:
		return rs[0]
	}
	return jen.Params(rs...)
}

func pointer(name string) *jen.Statement {
	return jen.Op("*").Qual(runtimePath, name).Types(jen.Id("T"))
}

// A scope is the body of one generated function: the statements, and how each
// value is read in it.
type scope struct {
	*expression
	e        *kernelEmitter
	frame    string // b or f: where the arrays are
	code     []jen.Code
	head     []jen.Code // declarations before the loops
	read     map[string]string
	counters []counter // of the loops at hand
	whole    bool      // arrays declared now are as long as a row

	rowLength bool // n is the length of a row

	function string // of steps: its name
	calls    int    // of loops in assembly

	means   map[string]string  // of arrays, in the loop at hand
	pending map[*ir.Value]bool // values of this loop that are printed where they are used
}

func (e *kernelEmitter) scope(frame string) *scope {
	s := &scope{expression: newExpression(e.k, e.fail), e: e, frame: frame, read: map[string]string{}, pending: map[*ir.Value]bool{}}
	for _, w := range []string{frame, "j", "k"} {
		s.used[w] = true
	}
	return s
}

func (s *scope) add(c ...jen.Code) { s.code = append(s.code, c...) }

// array declares a local for an array of the frame, once, and returns its name.
func (s *scope) array(field string, index int, want string) string {
	return s.declare(fmt.Sprintf("%s[%d]", field, index), want, jen.Id(s.frame).Dot(field).Index(jen.Lit(index)))
}

// declare declares a local for a slice before the loops, once.
func (s *scope) declare(key, want string, slice *jen.Statement) string {
	if name, ok := s.read[key]; ok {
		return name
	}
	name := s.fresh(want)
	s.read[key] = name
	if s.whole {
		slice = slice.Index(jen.Op(":").Id("n"))
	}
	s.head = append(s.head, jen.Id(name).Op(":=").Add(slice))
	return name
}

// uniform declares v, which is the same for all elements, as a local.
func (s *scope) uniform(v *ir.Value) {
	v = plan.Strip(v)
	if s.names[v] != nil || s.e.k.Rank(v) != plan.Uniform || v.Op == ir.Const {
		return
	}
	if v.Op == ir.Count && len(v.Args) > 0 && s.e.k.Rank(plan.Strip(v.Args[0])) != plan.Row {
		s.countColumns(v)
		return
	}
	for _, a := range v.Args {
		s.uniform(a)
	}
	code := s.uniformSource(v)
	name := s.bind(v, valueName(v, uniformName(v)))
	s.head = append(s.head, jen.Id(name).Op(":=").Add(code))
}

// countColumns counts the columns where a condition on their index holds, in
// all rows of the domain.
func (s *scope) countColumns(v *ir.Value) {
	cond := plan.Strip(v.Args[0])
	s.indexUniforms(cond)
	outer := s.counters
	s.counters = []counter{{"j", s.e.unit.Order(cond.Axes)}}
	test := s.compute(cond)
	s.counters = outer
	name := s.bind(v, "count")
	s.head = append(s.head, s.e.equation(v)...)
	s.head = append(s.head, jen.Id(name).Op(":=").Lit(0.0),
		jen.For(jen.Id("j").Op(":=").Range().Add(s.extent(cond.Axes))).Block(jen.If(test).Block(jen.Id(name).Op("++"))))
	if rest := v.Over &^ cond.Axes; rest != 0 {
		s.head = append(s.head, jen.Id(name).Op("*=").Add(s.e.sizeOf(s.frame, rest)))
	}
	s.head = append(s.head, jen.Id(name).Op("=").Id("max").Call(jen.Lit(1), jen.Id(name)))
}

// indexUniforms declares the uniform values inside a condition on an index.
func (s *scope) indexUniforms(v *ir.Value) {
	for _, a := range v.Args {
		a = plan.Strip(a)
		s.uniform(a)
		if s.e.k.Rank(a) == plan.Col {
			s.indexUniforms(a)
		}
	}
}

func (s *scope) uniformSource(v *ir.Value) *jen.Statement {
	switch v.Op {
	case ir.Load:
		return jen.Id(s.frame).Dot("Knob").Index(jen.Lit(s.e.knobIndex(v.Leaf.Name)))
	case ir.Step:
		return jen.Id(s.frame).Dot("Step")
	case ir.Size:
		return s.e.sizeOf(s.frame, v.Over)
	case ir.Count:
		return s.e.count(s.frame, v)
	}
	return s.compute(v)
}

// uniformName tells reciprocals, mostly of counts, from other numbers.
func uniformName(v *ir.Value) string {
	if v.Op == ir.Div {
		return "inv"
	}
	return "number"
}

// uniforms declares the uniform operands of v.
func (s *scope) uniforms(v *ir.Value) {
	for _, a := range v.Args {
		s.uniform(a)
	}
}

// valueName is what to call v: the spec's name, or what its operation gives.
func valueName(v *ir.Value, otherwise string) string {
	if v.Name != "" {
		return v.Name
	}
	if name := opNames[v.Op]; name != "" {
		return name
	}
	return otherwise
}

var opNames = [ir.NumOps]string{ir.Step: "step", ir.Count: "count", ir.Size: "size", ir.Sum: "sum", ir.Rsqrt: "rstd", ir.Sqrt: "root",
	ir.MomentMean: "mean", ir.MomentHi: "hi", ir.MomentLo: "low", ir.MomentSS: "squares"}

func (e *emitter) knobIndex(name string) int {
	for i, k := range e.unit.Layer.Knobs {
		if k.Name == name {
			return i
		}
	}
	e.fail("no knob %s", name)
	return 0
}

func leafIndex(ls []*ir.Leaf, l *ir.Leaf) int {
	for i, x := range ls {
		if x == l || x.Name == l.Name && x.Kind == l.Kind {
			return i
		}
	}
	return -1
}

// maskIndex is the index of a mask in Frame.Count.
func (e *emitter) maskIndex(m *ir.Value) int {
	if !isMask(m) {
		e.fail("line %d: a domain must be a mask", m.Line)
		return 0
	}
	return 1 + leafIndex(e.unit.Layer.Masks, m.Leaf)
}
