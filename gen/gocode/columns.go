package gocode

import (
	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// columns writes a column step: one loop over the columns that computes vals
// and, in the last step, stores the results.
func (e *kernelEmitter) columns(name string, vals []*ir.Value, last bool, v *plan.Variant) {
	s := e.scope("f")
	s.used["j"], s.used["f"] = true, true
	for _, v := range vals {
		s.columnValue(v)
	}
	if last {
		s.results()
	}
	body := append(s.head, jen.For(jen.Id("j").Op(":=").Range().Id("f").Dot("Cols")).Block(s.code...))
	e.function(name+" computes column values"+e.when(v)+".", name,
		[]jen.Code{jen.Id("f").Add(pointer("Frame"))}, nil, body)
}

// columnValue declares v for column j and stores it where sweeps and later
// steps read it.
func (s *scope) columnValue(v *ir.Value) {
	if s.e.inlined(v) {
		s.prepare(v)
		s.pending[v] = true
		return
	}
	code := s.columnSource(v)
	s.add(s.e.equation(v)...)
	name := s.bind(v, valueName(v, "c"))
	s.add(jen.Id(name).Op(":=").Add(code))
	if slot, ok := s.e.k.Slot[v]; ok {
		dst := s.array("Col", slot.Index, name+"Col")
		s.add(jen.Id(dst).Index(jen.Id("j")).Op("=").Add(s.narrow(v)))
	}
	if slot, ok := s.e.k.Wide[v]; ok {
		dst := s.array("Wide", slot.Index, name+"Wide")
		s.add(jen.Id(dst).Index(jen.Id("j")).Op("=").Id(name))
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

// columnSource prints how a column step gets v.
func (s *scope) columnSource(v *ir.Value) *jen.Statement {
	if slot, ok := s.e.k.Sums[v]; ok {
		return s.sum(v, slot)
	}
	if slot, ok := s.e.k.Given[v]; ok {
		return s.given(v, slot)
	}
	s.prepare(v)
	return s.compute(v)
}

// prepare makes the operands of v readable.
func (s *scope) prepare(v *ir.Value) {
	if _, given := s.e.k.Given[v]; given {
		s.columnOperand(v)
		return
	}
	s.uniforms(v)
	for _, a := range v.Args {
		s.columnOperand(a)
	}
}

// columnOperand names an operand that this step did not compute.
func (s *scope) columnOperand(a *ir.Value) {
	a = plan.Strip(a)
	if s.names[a] != nil || s.e.k.Rank(a) != plan.Col || s.pending[a] {
		return
	}
	s.names[a] = s.columnRead(a)
}

// columnRead prints a column value that lives in an array.
func (s *scope) columnRead(a *ir.Value) *jen.Statement {
	k := s.e.k
	at := func(field string, i int) *jen.Statement {
		return jen.Id(s.array(field, i, valueName(a, "col"))).Index(jen.Id("j"))
	}
	if a.Op == ir.Load {
		return at(s.e.vector(a.Leaf))
	}
	if slot, ok := k.Wide[a]; ok {
		return at("Wide", slot.Index)
	}
	if slot, ok := k.Sums[a]; ok {
		return s.sum(a, slot)
	}
	if slot, ok := k.Slot[a]; ok {
		return at("Col", slot.Index)
	}
	if slot, ok := k.Given[a]; ok {
		return s.given(a, slot)
	}
	s.fail("line %d: column value v%d is nowhere", a.Line, a.ID)
	return jen.Null()
}

// vector returns where a parameter or state of one value per column lives.
func (e *emitter) vector(l *ir.Leaf) (field string, index int) {
	if l.Kind == ir.StateLeaf {
		return "State", leafIndex(e.unit.Layer.States, l)
	}
	return "Param", leafIndex(e.unit.Layer.Params, l)
}

func (s *scope) given(v *ir.Value, slot plan.Slot) *jen.Statement {
	switch slot.Kind {
	case plan.WideSlot:
		return jen.Id(s.array("Wide", slot.Index, valueName(v, "saved"))).Index(jen.Id("j"))
	case plan.ColSlot:
		return jen.Id(s.array("Col", slot.Index, valueName(v, "saved"))).Index(jen.Id("j"))
	}
	return s.sum(v, slot)
}

// sum prints a finished column reduction of column j.
func (s *scope) sum(v *ir.Value, slot plan.Slot) *jen.Statement {
	at := func(field, name string) *jen.Statement {
		return jen.Id(s.array(field, slot.Index, name)).Index(jen.Id("j"))
	}
	switch v.Op {
	case ir.MomentMean:
		return at("Mean", "means")
	case ir.MomentSS:
		return at("SS", "squares")
	case ir.MomentHi:
		return round(at("Mean", "means"))
	case ir.MomentLo:
		return round(at("Mean", "means").Op("-").Float64().Call(round(at("Mean", "means"))))
	}
	return at("Sum", valueName(v, "sum"))
}

// results stores the column outputs.
func (s *scope) results() {
	for _, o := range s.e.k.Outs {
		if o.Slot.Kind != plan.WideSlot {
			continue
		}
		v := plan.Strip(o.Value)
		s.uniform(v)
		s.columnOperand(v)
		code := s.value(v)
		if s.width(v) == plan.Narrow {
			code = jen.Float64().Call(code)
		}
		dst := s.array("Wide", o.Slot.Index, o.Name+"Out")
		s.add(jen.Id(dst).Index(jen.Id("j")).Op("=").Add(code))
	}
}
