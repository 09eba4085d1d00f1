package gocode

import (
	"maps"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// columns writes a step over the columns: a loop for each shape.
func (e *kernelEmitter) columns(name string, steps []*plan.Step, v *plan.Variant) string {
	s := e.scope("f")
	s.function = name
	for _, st := range steps {
		s.step(st)
	}
	return e.stepFunction(s, name+" computes column values"+e.when(v)+".", "Frame")
}

// stepFunction adds the function of a scope of steps. One for a set of instructions
// that has no loop of its own is left to Go, and its name is empty.
func (e *kernelEmitter) stepFunction(s *scope, doc, frame string) string {
	body := append(s.head, s.code...)
	switch {
	case e.vec == nil:
		return e.function(doc, s.function, []jen.Code{jen.Id(s.frame).Add(pointer(frame))}, nil, body)
	case s.calls == 0:
		return ""
	}
	return e.vectorFunction(doc, s.function, s.frame, frame, body)
}

// step writes one loop.
func (s *scope) step(st *plan.Step) {
	if s.vectorStep(st) {
		return
	}
	s.inStep(st.Shape, func() {
		for _, d := range s.e.k.Defs(st) {
			s.stepValue(d)
		}
		for _, o := range st.Outs {
			s.result(o)
		}
	})
}

// inStep writes what body adds as a loop over the elements of shape; an array of
// one needs none. What varies has a name inside it only.
func (s *scope) inStep(shape ir.Axes, body func()) {
	outer := s.code
	s.code, s.means, s.pending = nil, map[string]string{}, map[*ir.Value]bool{}
	s.counters = []counter{{"j", s.e.unit.Order(shape)}}
	if shape == 0 {
		s.counters = nil
	}
	body()
	inner := s.code
	s.code = outer
	if shape != 0 && len(inner) > 0 {
		inner = []jen.Code{jen.For(jen.Id("j").Op(":=").Range().Add(s.extent(shape))).Block(inner...)}
	}
	s.add(inner...)
	maps.DeleteFunc(s.names, func(v *ir.Value, _ *jen.Statement) bool { return s.e.k.Rank(v) != plan.Uniform })
}

// extent prints how often a loop over a shape runs.
func (s *scope) extent(shape ir.Axes) *jen.Statement {
	if shape == s.e.cols() {
		return s.e.extent(s.frame, shape)
	}
	return jen.Id(s.length(shape))
}

// stepValue declares a value and stores it where sweeps and later steps read it.
func (s *scope) stepValue(d plan.Def) {
	v := d.Value
	switch inlined := s.e.inlined(v) && printers[v.Op] != nil && v.Op != ir.Index; {
	case inlined && d.Finished():
		return // read where it is used
	case inlined:
		s.prepare(v)
		s.pending[v] = true
		return
	}
	s.add(s.e.equation(v)...)
	name := s.named(v, valueName(v, "c"), s.stepSource(d))
	for _, slot := range d.To {
		code := s.value(v)
		if !slot.Wide() {
			code = s.narrow(v)
		}
		s.add(s.element(slot, name+suffixes[slot.Kind], s.counters).Op("=").Add(code))
	}
}

// narrow prints v rounded to the storage type; a condition is 1 or 0.
func (s *scope) narrow(v *ir.Value) *jen.Statement {
	switch s.width(v) {
	case plan.Wide:
		return round(s.value(v))
	case plan.Bool:
		return jen.Qual(runtimePath, "Select").Types(jen.Id("T")).Call(s.value(v), jen.Lit(1), jen.Lit(0))
	}
	return s.value(v)
}

// wide prints v in float64.
func (s *scope) wide(v *ir.Value) *jen.Statement {
	if s.width(plan.Strip(v)) == plan.Narrow {
		return jen.Float64().Call(s.value(v))
	}
	return s.value(v)
}

// stepSource prints how a step gets a value.
func (s *scope) stepSource(d plan.Def) *jen.Statement {
	v := d.Value
	switch {
	case d.Finished():
		return s.saved(v, d.From, s.counters)
	case v.Op == ir.Index:
		return jen.Float64().Call(s.index(v.Over, s.counters...))
	case v.Op == ir.Count:
		return s.e.count(s.frame, v)
	case v.Op.Reduces():
		return s.small(v)
	}
	s.prepare(v)
	return s.compute(v)
}

// prepare makes the operands of v readable.
func (s *scope) prepare(v *ir.Value) {
	s.uniforms(v)
	for _, a := range v.Args {
		s.operandOf(a)
	}
}

// operandOf names an operand that this loop did not compute. A mask that a step reads
// is that of a segment.
func (s *scope) operandOf(a *ir.Value) {
	a = plan.Strip(a)
	if isMask(a) {
		s.names[a] = s.maskArray(a).Index(jen.Lit(0))
		return
	}
	if r := s.e.k.Rank(a); s.names[a] != nil || r != plan.Col && r != plan.Seg || s.pending[a] {
		return
	}
	code := s.stored(a, s.counters)
	if s.width(a) == plan.Bool {
		code = jen.Parens(code) // it is a comparison
	}
	s.names[a] = code
}

// named declares v as code, unless code is a name already, and returns its name.
func (s *scope) named(v *ir.Value, want string, code *jen.Statement) string {
	if len(*code) == 1 && v.Op.Reduces() {
		s.names[v] = code
		return code.GoString()
	}
	name := s.bind(v, want)
	s.add(jen.Id(name).Op(":=").Add(code))
	return name
}

// result copies an output to its array.
func (s *scope) result(o plan.Output) {
	s.uniform(o.Value)
	s.operandOf(o.Value)
	code := s.wide(o.Value)
	s.add(s.element(o.Slot, o.Name+"Out", s.counters).Op("=").Add(code))
}
