package gocode

import (
	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// rowMoments calls for the centred moments of a row and names what comes back:
// the two parts of the mean, and the sum of squares.
func (s *sweepEmitter) rowMoments(m plan.Moments, temp string) {
	used := map[ir.Op]bool{}
	for _, v := range m.Values {
		s.add(s.e.equation(v)...)
		used[v.Op] = true
	}
	local := func(want string, ops ...ir.Op) *jen.Statement {
		for _, op := range ops {
			if used[op] {
				return jen.Id(s.fresh(want))
			}
		}
		return jen.Id("_")
	}
	hi := local("hi", ir.MomentHi, ir.MomentMean)
	lo := local("low", ir.MomentLo, ir.MomentMean)
	ss := local("squares", ir.MomentSS)
	s.add(jen.List(hi, lo, ss).Op(":=").Add(s.primitive("RowMoments").Call(jen.Id(temp))))
	for _, v := range m.Values {
		s.moment(v, hi, lo, ss)
	}
}

func (s *sweepEmitter) moment(v *ir.Value, hi, lo, ss *jen.Statement) {
	wide := map[ir.Op]*jen.Statement{
		ir.MomentMean: jen.Float64().Call(hi).Op("+").Float64().Call(lo),
		ir.MomentSS:   ss,
	}[v.Op]
	switch {
	case v.Op == ir.MomentHi:
		s.names[v] = hi
	case v.Op == ir.MomentLo:
		s.names[v] = lo
	case v.Op == ir.MomentSS && s.width(v) == plan.Wide:
		s.names[v] = ss
	default:
		s.define(v, s.bind(v, valueName(v, "moment")), wide)
		return
	}
	s.saveGroup(v)
}

// momentCalls calls the engine for the moments over rows, after the rows.
func (s *sweepEmitter) momentCalls() []jen.Code {
	var out []jen.Code
	call := func(ms []plan.Moments) {
		for _, m := range ms {
			r := s.red[m.Values[0]]
			for _, v := range m.Values {
				out = append(out, s.e.equation(v)...)
			}
			switch {
			case r.small:
				out = append(out, jen.Id("b").Dot("ValueMoments").Call(jen.Lit(r.index), jen.Lit(r.panel)))
			case r.panel < 0:
				out = append(out, s.columnMoments(r, s.e.view(m.Of.Leaf, false)))
			default:
				out = append(out, s.columnMoments(r, jen.Id("b").Dot("Panel").Index(jen.Lit(r.panel))))
			}
		}
	}
	for _, ph := range s.sw.Phases {
		call(ph.ColMoments)
		call(ph.SmallMoments)
	}
	return out
}

func (s *sweepEmitter) columnMoments(r reduction, of *jen.Statement) jen.Code {
	if s.e.vec != nil {
		return s.primitive("ColumnMoments").Call(jen.Id("b"), jen.Lit(r.index), of)
	}
	return jen.Id("b").Dot("ColumnMoments").Call(jen.Lit(r.index), of)
}
