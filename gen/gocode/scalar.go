package gocode

import (
	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// scalars declares row and group values.
func (s *sweepEmitter) scalars(vals []*ir.Value) {
	s.means = map[string]string{}
	for _, v := range vals {
		s.scalar(v)
	}
}

func (s *sweepEmitter) scalar(v *ir.Value) {
	s.uniforms(v)
	if v.Op.Reduces() {
		s.smallScalar(v)
		return
	}
	if s.e.inlined(v) && !s.readsColumns(v) {
		return
	}
	s.add(s.e.equation(v)...)
	forget := s.columnScalars(v)
	code := s.compute(v)
	forget()
	if s.op(v) == plan.Wide && s.width(v) == plan.Narrow {
		code = round(code)
	}
	name := s.bind(v, valueName(v, "r"))
	s.add(jen.Id(name).Op(":=").Add(code))
	s.saveGroup(v)
}

// readsColumns reports whether a scalar reads arrays of columns, at the place of
// the loop at hand.
func (s *sweepEmitter) readsColumns(v *ir.Value) bool {
	for _, a := range v.Args {
		if r := s.e.k.Rank(plan.Strip(a)); r == plan.Col || r == plan.Seg {
			return true
		}
	}
	return false
}

// columnScalars names the operands of v that are elements of arrays of columns
// or the segment, until the function that it returns is called.
func (s *sweepEmitter) columnScalars(v *ir.Value) (forget func()) {
	var named []*ir.Value
	for _, a := range v.Args {
		a = plan.Strip(a)
		if r := s.e.k.Rank(a); r != plan.Col && r != plan.Seg || s.names[a] != nil {
			continue
		}
		code := s.asElement(a, s.columnArray(a).Index(s.index(s.e.unit.Small(a.Axes), s.counters...)))
		if s.width(a) == plan.Wide {
			code = jen.Float64().Call(code)
		}
		s.names[a] = code
		named = append(named, a)
	}
	return func() {
		for _, a := range named {
			delete(s.names, a)
		}
	}
}

// smallScalar reduces the groups of an array to a coarser group, or the row.
func (s *sweepEmitter) smallScalar(v *ir.Value) {
	x := plan.Strip(v.Args[0])
	k := counter{"m", s.e.unit.Order(v.Over)}
	slot, _ := s.e.k.SweepArray(x)
	at := append([]counter{k}, s.counters...)
	s.add(s.e.equation(v)...)
	code := s.reduceSmall(v, k, func() *jen.Statement { return jen.Float64().Call(s.groupAt(slot, x, at)) })
	if s.width(v) == plan.Narrow {
		code = round(code)
	}
	s.named(v, valueName(v, "sum"), code)
	s.saveGroup(v)
}

// reduceRow finishes the row reductions of a phase.
func (s *sweepEmitter) reduceRow(ph *plan.Phase, temps map[*ir.Value]string) {
	for _, v := range ph.RowSums {
		s.add(s.e.equation(v)...)
		name := s.fresh(valueName(v, "sum"))
		if v.Op == ir.MaxOf {
			s.names[v] = jen.Id(name)
			s.add(jen.Id(name).Op(":=").Add(s.primitive("RowMax")).Call(jen.Id(temps[v.Args[0]])))
			s.saveGroup(v)
			continue
		}
		if s.returned(ph, v) {
			s.define(v, name, jen.Id(s.sumOf[plan.Strip(v.Args[0])]))
			continue
		}
		s.define(v, name, s.primitive("RowSum").Call(jen.Id(temps[v.Args[0]])))
	}
	for _, m := range ph.RowMoments {
		s.rowMoments(m, temps[m.Of])
	}
}

// primitive names a function of package runtime that has a form in assembly.
func (s *sweepEmitter) primitive(name string) *jen.Statement {
	if s.e.vec != nil {
		name += s.e.vec.Suffix
	}
	return jen.Qual(runtimePath, name)
}

// define declares v; a value kept in a row array is rounded when it is made.
func (s *sweepEmitter) define(v *ir.Value, name string, wide *jen.Statement) {
	s.names[v] = jen.Id(name)
	if s.width(v) == plan.Narrow {
		wide = round(wide)
	}
	s.add(jen.Id(name).Op(":=").Add(wide))
	s.saveGroup(v)
}

// enterSmall adds row or group values to the sums over rows, and keeps those
// that moments are taken of.
func (s *sweepEmitter) enterSmall(ph *plan.Phase) {
	for _, v := range ph.SmallSums {
		r := s.red[v]
		acc := s.array("Small", r.index, valueName(v, "sum")+"Acc")
		add := jen.Id(acc).Index(s.index(s.e.k.Group(r.of), s.counters...)).Op("+=").Add(s.wide(r.of))
		s.add(s.e.equation(v)...)
		if r.mask != nil {
			add = jen.If(s.value(r.mask)).Block(add)
		}
		s.add(add)
	}
	for _, m := range ph.SmallMoments {
		r := s.red[m.Values[0]]
		s.add(jen.Id("b").Dot("Values").Index(jen.Lit(r.panel)).Dot("Row").Call(jen.Id("i")).
			Index(s.index(s.e.k.Group(m.Of), s.counters...)).Op("=").Add(s.wide(m.Of)))
	}
}
