package gocode

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A span is a run of phases that go over the groups of a row together, a few at a time:
// all of them find the elements in the nearest cache, and one waits for memory while
// another writes. Each does to its elements and sums what it would do alone.
type span struct {
	phases []*plan.Phase
	groups ir.Axes // columns that a group has in common
}

// spans cuts the phases of the sweep where one needs what those before find in other
// groups.
func (s *sweepEmitter) spans() []span {
	var out []span
	for _, ph := range s.sw.Phases {
		next := span{[]*plan.Phase{ph}, ph.Level}
		if n := len(out); n > 0 {
			if both := out[n-1].join(next); s.closed(both) {
				out[n-1] = both
				continue
			}
		}
		out = append(out, next)
	}
	return out
}

// join is both spans over the larger of their groups.
func (p span) join(next span) span {
	return span{append(slices.Clone(p.phases), next.phases...), p.groups & next.groups}
}

// closed reports whether a group is a run of neighbours, and all that the span computes
// belongs to one.
func (s *sweepEmitter) closed(p span) bool {
	outer := s.e.unit.Order(p.groups)
	if len(outer) == 0 || !slices.Equal(outer, s.e.unit.Order(s.e.cols())[:len(outer)]) {
		return false
	}
	for _, ph := range p.phases {
		for _, v := range computed(ph) {
			if s.e.k.Rank(v) != plan.Group || !s.e.k.Group(v).Has(p.groups) {
				return false
			}
		}
	}
	return true
}

// span writes the loops of a span: over parts of the row, and inside over the groups of
// each phase.
func (s *sweepEmitter) span(p span) {
	if len(p.phases) == 1 {
		s.phase(p.phases[0])
		return
	}
	outer := s.code
	s.code, s.groups = nil, p.groups
	for _, ph := range p.phases {
		s.phase(ph)
	}
	inner := s.code
	s.code, s.groups = outer, 0
	part, end, all := jen.Id("part"), jen.Id("end"), jen.Id(s.length(p.groups))
	s.add(jen.For(part.Clone().Op(":=").Lit(0), part.Clone().Op("<").Add(all), part.Clone().Op("+=").Id(s.groupsTogether(p.groups))).Block(
		append([]jen.Code{end.Op(":=").Min(part.Clone().Op("+").Id(s.groupsTogether(p.groups)), all)}, inner...)...))
}

// groupsTogether names the number of groups in a part of the row.
func (s *sweepEmitter) groupsTogether(groups ir.Axes) string {
	key := "together " + s.e.axisNames(groups)
	if name, ok := s.read[key]; ok {
		return name
	}
	size := s.length(s.e.cols() &^ groups)
	name := s.fresh("together")
	s.read[key] = name
	s.head = append(s.head, jen.Id(name).Op(":=").Qual(runtimePath, "GroupsTogether").Call(jen.Id(size)))
	return name
}

// each writes the loop of a counter: over all there are, or those of the part at hand.
func (s *sweepEmitter) each(c counter, body []jen.Code) jen.Code {
	k := jen.Id(c.name)
	if !s.inPart(c) {
		return jen.For(k.Op(":=").Range().Id(s.length(set(c.axes)))).Block(body...)
	}
	return jen.For(k.Clone().Op(":=").Add(s.ofPart("part", c)), k.Clone().Op("<").Add(s.ofPart("end", c)), k.Clone().Op("++")).Block(body...)
}

// inPart reports whether a counter counts those of the part at hand alone.
func (s *sweepEmitter) inPart(c counter) bool { return s.groups != 0 && set(c.axes).Has(s.groups) }

// ofPart is the number that a counter has where a part of the groups begins or ends.
func (s *sweepEmitter) ofPart(at string, c counter) *jen.Statement {
	x := jen.Id(at)
	if some := set(c.axes) &^ s.groups; some != 0 {
		x = x.Op("*").Id(s.length(some))
	}
	return x
}
