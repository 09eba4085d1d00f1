package gocode

import (
	"fmt"
	"maps"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// vectorSteps writes the steps that have loops in assembly, each once, and lists those
// over columns and those over the values of segments, by the names of the Go ones.
func (e *emitter) vectorSteps() (columns, begins []jen.Code) {
	seen := map[string]bool{}
	add := func(list *[]jen.Code, name string, write func() string) {
		goName := e.goAlias[name]
		if seen[goName] {
			return
		}
		seen[goName] = true
		if fn := write(); fn != "" {
			*list = append(*list, jen.Lit(goName).Op(":").Id(fn))
		}
	}
	e.eachKernel(func(k *plan.Kernel, name string, v *plan.Variant) {
		ke := newKernelEmitter(e, k, name)
		for s, st := range k.Stages {
			if len(st.Columns) > 0 {
				add(&columns, ke.columnsName(s), func() string { return ke.columns(ke.columnsName(s), st.Columns, v) })
			}
			if hasBegin(st) {
				add(&begins, ke.beginName(s), func() string { return ke.begin(ke.beginName(s), st, v) })
			}
		}
		if last := len(k.Stages); len(k.Finish) > 0 {
			add(&columns, ke.columnsName(last), func() string { return ke.columns(ke.columnsName(last), k.Finish, v) })
		}
	})
	return columns, begins
}

// vectorStep writes a step as the call of a loop in assembly. It reports false, and
// leaves no trace, if there is none: if the step reads arrays elsewhere than where it
// is, reduces, decides, or takes a function that has no vector form.
func (s *scope) vectorStep(st *plan.Step) bool {
	if s.e.vec == nil || st.Shape == 0 {
		return false
	}
	head, read, names := s.head, maps.Clone(s.read), maps.Clone(s.names)
	p := stepParams{s: s, shape: st.Shape, known: map[*ir.Value]bool{}, numbers: map[scalarKey]bool{}, used: map[string]bool{"n": true, "g": true},
		loop: &plan.Loop{Kernel: s.e.k, Rows: 1, Step: true}}
	if !p.step(st) || len(p.loop.Params) == 0 || s.e.vec.file.Check(p.loop) != nil {
		s.head, s.read, s.names = head, read, names
		return false
	}
	s.calls++
	name, err := s.e.vec.file.Loop(fmt.Sprintf("%sLoop%d", s.function, s.calls), p.loop)
	if err != nil {
		s.e.fail("%v", err)
	}
	s.e.stub(name, p.loop)
	call := piecewise{s.count(st.Shape), "CallColumns", nil, p.args, func(args []jen.Code) *jen.Statement { return jen.Id(name).Call(args...) }}
	s.add(call.cut(false))
	return true
}

// count names the number of elements of a shape.
func (s *scope) count(shape ir.Axes) string {
	if shape == s.e.cols() {
		return s.declare("count", "size", s.e.extent(s.frame, shape))
	}
	return s.length(shape)
}

// stepParams collects what a loop over arrays reads and writes.
type stepParams struct {
	s       *scope
	shape   ir.Axes
	loop    *plan.Loop
	args    arguments
	known   map[*ir.Value]bool // values that the loop has
	numbers map[scalarKey]bool
	used    map[string]bool
}

// A scalarKey is a number in the width that it is used in.
type scalarKey struct {
	v    *ir.Value
	wide bool
}

func (p *stepParams) step(st *plan.Step) bool {
	for _, d := range p.s.e.k.Defs(st) {
		if !p.value(d) {
			return false
		}
	}
	for _, o := range st.Outs {
		v := plan.Strip(o.Value)
		if p.s.e.k.Rank(v) == plan.Uniform || !p.operand(v, true) {
			return false
		}
		p.store(v, o.Slot, o.Name+"Out")
	}
	return true
}

// value adds a value of the step.
func (p *stepParams) value(d plan.Def) bool {
	get := p.compute
	if d.Finished() {
		get = p.stored
	}
	if !get(d.Value) {
		return false
	}
	for _, slot := range d.To {
		p.store(d.Value, slot, valueName(d.Value, "c")+suffixes[slot.Kind])
	}
	return true
}

func (p *stepParams) compute(v *ir.Value) bool {
	k := p.s.e.k
	switch {
	case v.Op.Reduces(), v.Op == ir.Index, v.Op == ir.Count, k.Width(v) == plan.Bool, k.OpWidth(v) != k.Width(v), p.s.e.unit.Small(v.Axes) != p.shape:
		return false
	}
	for _, a := range v.Args {
		if !p.operand(plan.Strip(a), !k.Rounds(v)) {
			return false
		}
	}
	p.loop.Body = append(p.loop.Body, v)
	p.known[v] = true
	return true
}

// operand makes a readable.
func (p *stepParams) operand(a *ir.Value, wide bool) bool {
	switch {
	case p.known[a] || a.Op == ir.Const:
		return true
	case p.s.e.k.Width(a) == plan.Bool:
		return false
	case p.s.e.k.Rank(a) == plan.Uniform:
		p.number(a, wide)
		return true
	case a.Op == ir.Load && p.s.e.unit.Small(a.Axes) == p.shape:
		p.known[a] = true
		p.array(plan.Param{Kind: plan.VectorParam, Value: a}, p.s.leaf(a.Leaf).GoString())
		return true
	}
	return p.stored(a)
}

func (p *stepParams) number(a *ir.Value, wide bool) {
	if p.numbers[scalarKey{a, wide}] {
		return
	}
	p.numbers[scalarKey{a, wide}] = true
	p.s.uniform(a)
	code := p.s.value(a)
	if !wide {
		code = round(code)
	}
	p.loop.Params = append(p.loop.Params, plan.Param{Kind: plan.ScalarParam, Name: p.name(valueName(a, uniformName(a))), Value: a, Wide: wide})
	p.args.add(code)
}

// stored adds the array that a value of another step or kernel is in.
func (p *stepParams) stored(v *ir.Value) bool {
	slot, ok := p.s.e.k.StepArray(v)
	if !ok || slot.Shape != p.shape || p.s.e.k.Width(v) == plan.Bool {
		return false
	}
	p.known[v] = true
	p.array(plan.Param{Kind: plan.VectorParam, Value: v, Wide: slot.Wide(), Part: slot.Part(v)}, p.s.savedArray(v, slot))
	return true
}

func (p *stepParams) store(v *ir.Value, slot plan.Slot, want string) {
	p.array(plan.Param{Kind: plan.StoreParam, Value: v, Wide: slot.Wide()}, p.s.slotArray(slot, want))
}

// array adds a parameter that is an array, which must have all elements of the shape.
func (p *stepParams) array(q plan.Param, name string) {
	q.Name = p.name(name)
	p.loop.Params = append(p.loop.Params, q)
	count := p.s.count(p.shape)
	p.args.pointer(func() *jen.Statement { return jen.Id(name).Index(jen.Op(":").Id(count)) })
}

func (p *stepParams) name(want string) string { return unusedName(p.used, want) }
