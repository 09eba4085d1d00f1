package gocode

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// rowsTogether is how many rows a sweep without row values computes at once:
// column values are read, and column sums written, once for all of them.
const rowsTogether = 4

// independent reports whether the rows of the sweep do not know each other and
// none has a value of its own, nor one that moments are taken of.
func (s *sweepEmitter) independent() bool {
	if len(s.sw.Phases) != 1 {
		return false
	}
	ph := s.sw.Phases[0]
	values := len(ph.Head)+len(ph.Tail)+len(ph.RowSums)+len(ph.RowMoments)+len(ph.SmallSums)+len(ph.SmallMoments) > 0
	if ph.Level|ph.Run != 0 || values || len(ph.ColSums)+len(ph.Stores) == 0 {
		return false
	}
	if slices.ContainsFunc(ph.ColMoments, func(m plan.Moments) bool { return m.Of.Op != ir.Load }) {
		return false
	}
	for _, v := range operands(ph) {
		if r := s.e.k.Rank(v); r == plan.Row || r == plan.Group {
			return false
		}
	}
	return true
}

// together writes the loop over four rows at a time. A column sum still adds
// the rows in order.
func (s *sweepEmitter) together(ph *plan.Phase) *jen.Statement {
	s.hoisted = map[*ir.Value]string{}
	var body, sums []jen.Code
	totals := map[string]string{}
	for s.lane = range rowsTogether {
		s.loops = 0
		_, sinks := s.sinks(ph)
		fn := s.element(ph, sinks)
		if s.lane == 0 {
			body = append(body, s.hoist(fn)...)
		}
		body = append(body, s.lanes(fn, sinks, totals)...)
		if s.lane == 0 {
			for _, k := range sinks {
				if k.add {
					sums = append(sums, jen.Id(k.dst).Index(jen.Id("j")).Op("=").Id(totals[k.dst]))
				}
			}
		}
	}
	s.lane, s.hoisted = 0, nil
	rows := append(append(s.rows, s.code...), jen.For(jen.Id("j").Op(":=").Range().Id("n")).Block(append(body, sums...)...))
	return jen.For(jen.Empty(), jen.Id("i").Op("<").Id("b").Dot("N").Op("-").Lit(rowsTogether-1), jen.Id("i").Op("+=").Lit(rowsTogether)).Block(rows...)
}

// hoist reads the column values of element j once.
func (s *sweepEmitter) hoist(fn elementFunc) []jen.Code {
	var out []jen.Code
	for _, v := range fn.params {
		if r := s.e.k.Rank(v); r != plan.Col && r != plan.Seg || s.e.unit.Small(v.Axes) != s.e.cols() {
			continue
		}
		name := s.fresh(valueName(v, "c") + "At")
		out = append(out, jen.Id(name).Op(":=").Add(s.asElement(v, jen.Id(s.columnSlice(v)).Index(jen.Id("j")))))
		s.hoisted[v] = name
	}
	return out
}

// lanes writes element j of one of the rows.
func (s *sweepEmitter) lanes(fn elementFunc, sinks []sink, totals map[string]string) []jen.Code {
	var body, results []jen.Code
	at := map[*ir.Value]*jen.Statement{}
	for i, r := range fn.roots {
		at[r] = jen.Id(fmt.Sprintf("r%d", i))
		results = append(results, at[r])
	}
	if len(results) > 0 {
		op := "="
		if s.lane == 0 {
			op = ":="
		}
		body = append(body, jen.List(results...).Op(op).Add(fn.call(jen.Id("j"))))
	}
	for _, k := range sinks {
		code, ok := at[k.root]
		if !ok {
			code = s.argument(plan.Strip(k.root), jen.Id("j"))
		}
		switch {
		case !k.add:
			body = append(body, jen.Id(k.dst).Index(jen.Id("j")).Op("=").Add(code))
		case s.lane == 0:
			totals[k.dst] = s.fresh("total")
			body = append(body, jen.Id(totals[k.dst]).Op(":=").Id(k.dst).Index(jen.Id("j")).Op("+").Add(code))
		default:
			body = append(body, jen.Id(totals[k.dst]).Op("+=").Add(code))
		}
	}
	return body
}
