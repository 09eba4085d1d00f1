package gocode

import (
	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// rowMoments calls for the centred moments of a row and names what comes back.
func (s *sweepEmitter) rowMoments(m plan.Moments, temp string) {
	call := jen.Qual(runtimePath, "RowMoments").Call(jen.Id(temp))
	d := s.distance(m)
	if d != nil && s.inner == nil {
		s.stored[d] = s.scratchRow("dist")
		call = jen.Qual(runtimePath, "RowDistances").Call(jen.Id(s.stored[d]), jen.Id(temp))
	}
	used := map[ir.Op]bool{}
	for _, v := range m.Values {
		s.add(s.e.equation(v)...)
		_, slot := s.e.k.Slot[v]
		used[v.Op] = v.Op != ir.MomentHi || slot || s.stored[d] == "" || s.e.uses[v] > 1
	}
	blank := func(want string, ops ...ir.Op) *jen.Statement {
		for _, op := range ops {
			if used[op] {
				return jen.Id(s.fresh(want))
			}
		}
		return jen.Id("_")
	}
	shift := blank("shift", ir.MomentHi, ir.MomentMean)
	c := blank("centre", ir.MomentLo, ir.MomentMean)
	ss := blank("squares", ir.MomentSS)
	s.emit(jen.List(shift, c, ss).Op(":=").Add(call))
	for _, v := range m.Values {
		s.moment(v, shift, c, ss)
	}
}

// distance finds the distance of the elements from the shift of m, if a later
// loop computes it again: the moments may as well leave it in a row, which
// saves an addition where additions are the limit.
func (s *sweepEmitter) distance(m plan.Moments) *ir.Value {
	for _, ph := range s.sw.Phases {
		for _, v := range ph.Body {
			if v.Op != ir.Sub || v.Args[0] != m.Of {
				continue
			}
			for _, w := range m.Values {
				if w.Op == ir.MomentHi && plan.Strip(v.Args[1]) == w {
					return v
				}
			}
		}
	}
	return nil
}

func (s *sweepEmitter) moment(v *ir.Value, shift, c, ss *jen.Statement) {
	switch v.Op {
	case ir.MomentHi:
		s.names[v] = shift
		s.saveGroup(v)
	case ir.MomentLo:
		name := s.bind(v, valueName(v, "low"))
		s.emit(jen.Id(name).Op(":=").Add(round(c)))
		s.saveGroup(v)
	case ir.MomentMean:
		s.define(v, s.bind(v, valueName(v, "mean")), jen.Float64().Call(shift).Op("+").Add(c))
	case ir.MomentSS:
		if s.width(v) == plan.Wide {
			s.names[v] = ss
			return
		}
		s.define(v, s.bind(v, valueName(v, "squares")), ss)
	}
}
