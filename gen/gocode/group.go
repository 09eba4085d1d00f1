package gocode

import (
	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// grouped writes a phase that runs group by group: the slices it uses are cut
// to the group, and then it reads like any other.
func (s *sweepEmitter) grouped(ph *plan.Phase) {
	var inner []jen.Code
	s.inner, s.cuts, s.sliced = &inner, nil, map[string]bool{}
	s.groupOperands(ph)
	s.scalars(ph.Head)
	s.reduceRow(ph, s.loop(ph))
	s.scalars(ph.Tail)
	s.inner = nil
	body := []jen.Code{jen.List(jen.Id("from"), jen.Id("to")).Op(":=").List(jen.Id("k").Op("*").Id("d"), jen.Parens(jen.Id("k").Op("+").Lit(1)).Op("*").Id("d"))}
	for _, name := range s.cuts {
		body = append(body, jen.Id(name).Op(":=").Id(name).Index(jen.Id("from").Op(":").Id("to")))
	}
	s.add(jen.For(jen.Id("k").Op(":=").Range().Id("b").Dot("Groups")).Block(append(body, inner...)...))
	s.forget(ph)
}

// groupOperands declares the group values that the phase reads from arrays.
func (s *sweepEmitter) groupOperands(ph *plan.Phase) {
	for _, v := range operands(ph) {
		if s.e.k.Rank(v) != plan.Group || s.names[v] != nil || s.inPhase(ph, v) {
			continue
		}
		slot, ok := s.e.k.Given[v]
		if !ok {
			slot = s.e.k.Slot[v]
		}
		name := s.bind(v, valueName(v, "group"))
		s.emit(jen.Id(name).Op(":=").Add(s.asElement(v, s.groupAt(slot, v))))
	}
}

func (s *sweepEmitter) groupAt(slot plan.Slot, v *ir.Value) *jen.Statement {
	return jen.Id(s.array("Group", slot.Index, valueName(v, "group")+"Group")).Index(jen.Id("i").Op("*").Id("b").Dot("Groups").Op("+").Id("k"))
}

// inPhase reports whether the phase itself computes group value v.
func (s *sweepEmitter) inPhase(ph *plan.Phase, v *ir.Value) bool {
	for _, list := range [][]*ir.Value{ph.Head, ph.RowSums, ph.Tail} {
		for _, w := range list {
			if w == v {
				return true
			}
		}
	}
	for _, m := range ph.RowMoments {
		for _, w := range m.Values {
			if w == v {
				return true
			}
		}
	}
	return false
}

// forget drops the names of group values, whose scope has ended.
func (s *sweepEmitter) forget(ph *plan.Phase) {
	for v := range s.names {
		if s.e.k.Rank(v) == plan.Group {
			delete(s.names, v)
		}
	}
	for v := range s.rounded {
		if s.e.k.Rank(v) == plan.Group {
			delete(s.rounded, v)
		}
	}
}

// saveGroup keeps a group value at once: the next group overwrites the local.
func (s *sweepEmitter) saveGroup(v *ir.Value) {
	if slot, ok := s.e.k.Slot[v]; ok && slot.Kind == plan.GroupSlot {
		s.emit(s.groupAt(slot, v).Op("=").Add(s.narrow(v)))
	}
}
