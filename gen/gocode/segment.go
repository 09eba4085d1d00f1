package gocode

import (
	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/plan"
)

// begin writes the step over the values of a segment.
func (e *kernelEmitter) begin(name string, st *plan.Stage, v *plan.Variant) string {
	s := e.scope("b")
	s.function = name
	for _, step := range st.Begin {
		s.step(step)
	}
	for _, r := range e.reductions(st) {
		if r.scope == overSegments {
			s.addSegment(r)
		}
	}
	for _, store := range st.Stores {
		s.storeSegment(store)
	}
	return e.stepFunction(s, name+" computes the values of a segment"+e.when(v)+".", "Block")
}

// addSegment adds a value of the segment to the sums over segments, or hands it
// to their moments. A segment that the mask of a sum leaves out adds nothing; moments
// know their mask.
func (s *scope) addSegment(r reduction) {
	shape := s.e.unit.Small(r.of.Axes)
	s.add(s.e.equation(r.key)...)
	var dst, op string
	if r.moments {
		dst, op = s.fresh("values"), "="
		s.head = append(s.head, jen.Id(dst).Op(":=").Id("b").Dot("Values").Index(jen.Lit(r.panel)).Dot("Row").Call(jen.Lit(0)))
	} else {
		dst, op = s.array("Small", r.index, valueName(r.key, "sum")+"Acc"), "+="
	}
	s.inStep(shape, func() {
		s.operandOf(r.of)
		add := jen.Id(dst).Index(s.index(shape, s.counters...)).Op(op).Add(s.wide(r.of))
		if r.mask != nil && !r.moments {
			s.operandOf(r.mask)
			add = jen.If(s.value(r.mask)).Block(add)
		}
		s.add(add)
	})
	if r.moments {
		s.add(jen.Id("b").Dot("ValueMoments").Call(jen.Lit(r.index), jen.Lit(r.panel)))
	}
}

// storeSegment writes a value of the segment to its row of a tensor.
func (s *scope) storeSegment(st plan.Store) {
	dst := s.fresh(s.e.tensorName(st.Leaf, true))
	s.head = append(s.head, jen.Id(dst).Op(":=").Add(s.e.view(st.Leaf, true)).Dot("Row").Call(jen.Lit(0)))
	shape := s.e.unit.Small(st.Value.Axes)
	s.inStep(shape, func() {
		v := plan.Strip(st.Value)
		s.uniform(v)
		s.operandOf(v)
		s.add(jen.Id(dst).Index(s.index(shape, s.counters...)).Op("=").Add(s.narrow(v)))
	})
}
