package gocode

import (
	"fmt"

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

// step writes one loop. Its values are known by name inside it only.
func (s *scope) step(st *plan.Step) {
	if s.vectorStep(st) {
		return
	}
	used := s.e.usedIn(st)
	s.inStep(st.Shape, func() {
		for _, v := range st.Values {
			if used[v] {
				s.stepValue(v)
			}
		}
		for _, o := range st.Outs {
			s.result(o)
		}
	})
	s.forgetStep()
}

// usedIn marks the values of a step that it stores or reads itself: a finished
// reduction that only others read needs no copy.
func (e *kernelEmitter) usedIn(st *plan.Step) map[*ir.Value]bool {
	used := map[*ir.Value]bool{}
	for _, o := range st.Outs {
		used[plan.Strip(o.Value)] = true
	}
	for i := len(st.Values) - 1; i >= 0; i-- {
		v := st.Values[i]
		_, slot := e.k.Slot[v]
		_, wide := e.k.Wide[v]
		_, sum := e.k.Sums[v]
		_, given := e.k.Given[v]
		used[v] = used[v] || slot || wide
		if used[v] && !sum && !given && !v.Op.Reduces() {
			for _, a := range v.Args {
				used[plan.Strip(a)] = true
			}
		}
	}
	return used
}

// inStep writes what body adds as a loop over the elements of shape; an array of
// one needs none.
func (s *scope) inStep(shape ir.Axes, body func()) {
	outer := s.code
	s.code, s.means = nil, map[string]string{}
	s.counters = []counter{{"j", s.e.unit.Order(shape)}}
	if shape == 0 {
		s.counters = nil
	}
	body()
	inner := s.code
	s.code = outer
	if shape == 0 || len(inner) == 0 {
		s.add(inner...)
		return
	}
	s.add(jen.For(jen.Id("j").Op(":=").Range().Add(s.extent(shape))).Block(inner...))
}

// extent prints how often a loop over a shape runs.
func (s *scope) extent(shape ir.Axes) *jen.Statement {
	if shape == s.e.cols() {
		return s.e.extent(s.frame, shape)
	}
	return jen.Id(s.length(shape))
}

// forgetStep drops the names of values that a loop computed or read.
func (s *scope) forgetStep() {
	for v := range s.names {
		if s.e.k.Rank(v) != plan.Uniform {
			delete(s.names, v)
		}
	}
	s.pending = map[*ir.Value]bool{}
}

// stepValue declares v and stores it where sweeps and later steps read it.
func (s *scope) stepValue(v *ir.Value) {
	if s.e.inlined(v) && printers[v.Op] != nil && v.Op != ir.Index {
		s.prepare(v)
		s.pending[v] = true
		return
	}
	s.add(s.e.equation(v)...)
	name := s.named(v, valueName(v, "c"), s.stepSource(v))
	if slot, ok := s.e.k.Slot[v]; ok {
		s.add(s.element(slot, name).Op("=").Add(s.narrow(v)))
	}
	if slot, ok := s.e.k.Wide[v]; ok {
		s.add(s.element(slot, name).Op("=").Id(name))
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

// stepSource prints how a step gets v.
func (s *scope) stepSource(v *ir.Value) *jen.Statement {
	k := s.e.k
	if slot, ok := k.Sums[v]; ok {
		return s.finished(v, slot)
	}
	if slot, ok := k.Given[v]; ok {
		return s.asElement(v, s.finished(v, slot))
	}
	switch {
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
	if _, given := s.e.k.Given[v]; given {
		s.operandOf(v)
		return
	}
	s.uniforms(v)
	for _, a := range v.Args {
		s.operandOf(a)
	}
}

// operandOf names an operand that this loop did not compute.
func (s *scope) operandOf(a *ir.Value) {
	a = plan.Strip(a)
	if r := s.e.k.Rank(a); s.names[a] != nil || r != plan.Col && r != plan.Seg || s.pending[a] {
		return
	}
	code := s.stored(a, s.counters)
	if s.width(a) == plan.Bool {
		code = jen.Parens(code) // it is a comparison
	}
	s.names[a] = code
}

// stored prints a value of columns or a segment that lives in an array.
func (s *scope) stored(a *ir.Value, at []counter) *jen.Statement {
	k := s.e.k
	if a.Op == ir.Load {
		return s.leaf(a.Leaf).Index(s.index(s.e.unit.Small(a.Axes), at...))
	}
	for _, m := range []map[*ir.Value]plan.Slot{k.Wide, k.Sums, k.Given, k.Slot} {
		if slot, ok := m[a]; ok {
			return s.asElement(a, s.finishedAt(a, slot, at))
		}
	}
	s.fail("line %d: value v%d is nowhere", a.Line, a.ID)
	return jen.Null()
}

// asElement reads a condition from the 1 or 0 that stands for it.
func (s *scope) asElement(v *ir.Value, code *jen.Statement) *jen.Statement {
	if s.width(v) == plan.Bool && !(v.Op == ir.Load && v.Leaf.Kind == ir.MaskLeaf) {
		return code.Op("!=").Lit(0)
	}
	return code
}

// element prints the element of a slot's array that the step is at.
func (s *scope) element(slot plan.Slot, want string) *jen.Statement {
	return s.elementAt(slot, want, s.counters)
}

func (s *scope) elementAt(slot plan.Slot, want string, at []counter) *jen.Statement {
	field := slotFields[slot.Kind]
	return jen.Id(s.array(field, s.e.arrays.Index(slot), want+suffixes[slot.Kind])).Index(s.index(slot.Shape, at...))
}

var slotFields = [plan.NumSlots]string{plan.RowSlot: "Row", plan.GroupSlot: "Group", plan.ColSlot: "Col", plan.WideSlot: "Wide", plan.SumSlot: "Sum", plan.MomentSlot: "Mean",
	plan.SegColSlot: "Segment.Col", plan.SegWideSlot: "Segment.Wide", plan.SegSumSlot: "Segment.Sum", plan.SegMomentSlot: "Segment.Mean"}

var suffixes = [plan.NumSlots]string{plan.RowSlot: "Row", plan.GroupSlot: "Group", plan.ColSlot: "Col", plan.WideSlot: "Wide",
	plan.SegColSlot: "Seg", plan.SegWideSlot: "Wide"}

// finished prints an element of an array, of moments the one that v is.
func (s *scope) finished(v *ir.Value, slot plan.Slot) *jen.Statement {
	return s.finishedAt(v, slot, s.counters)
}

func (s *scope) finishedAt(v *ir.Value, slot plan.Slot, at []counter) *jen.Statement {
	if slot.Kind != plan.MomentSlot && slot.Kind != plan.SegMomentSlot {
		return s.elementAt(slot, valueName(v, "saved"), at)
	}
	mean := func() *jen.Statement { return s.elementAt(slot, "means", at) }
	switch v.Op {
	case ir.MomentSS:
		field := "SS"
		if slot.Kind == plan.SegMomentSlot {
			field = "Segment.SS"
		}
		return jen.Id(s.array(field, s.e.arrays.Index(slot), "squares")).Index(s.index(slot.Shape, at...))
	case ir.MomentHi:
		return round(mean())
	case ir.MomentLo:
		return round(mean().Op("-").Float64().Call(round(mean())))
	}
	return mean()
}

// leaf prints the array of a parameter, a state, or the segment's row of an
// input.
func (s *scope) leaf(l *ir.Leaf) *jen.Statement {
	if l.Kind == ir.ParamLeaf || l.Kind == ir.StateLeaf {
		field, i := s.e.vector(l)
		return jen.Id(s.array(field, i, l.Name))
	}
	return jen.Id(s.declare("view "+l.Name, s.e.tensorName(l, false), s.e.view(l, false).Dot("Row").Call(jen.Lit(0))))
}

// vector returns where a parameter or state lives.
func (e *emitter) vector(l *ir.Leaf) (field string, index int) {
	if l.Kind == ir.StateLeaf {
		return "State", leafIndex(e.unit.Layer.States, l)
	}
	return "Param", leafIndex(e.unit.Layer.Params, l)
}

// small writes the loop that reduces an array along some of its axes, and prints
// its result.
func (s *scope) small(v *ir.Value) *jen.Statement {
	x := plan.Strip(v.Args[0])
	k := counter{"k", s.e.unit.Order(v.Over)}
	at := append([]counter{k}, s.counters...)
	s.uniform(x)
	element := func() *jen.Statement {
		code := s.names[x]
		if s.e.k.Rank(x) != plan.Uniform {
			code = s.stored(x, at)
		}
		if s.width(x) == plan.Narrow {
			code = jen.Float64().Call(code)
		}
		return code.Clone()
	}
	return s.reduceSmall(v, k, element)
}

// reduceSmall writes the loops of a reduction over counter k, and prints its
// result. Moments of one operand share their mean.
func (s *scope) reduceSmall(v *ir.Value, k counter, element func() *jen.Statement) *jen.Statement {
	loop := func(c ...jen.Code) jen.Code {
		return jen.For(jen.Id(k.name).Op(":=").Range().Id(s.length(v.Over))).Block(c...)
	}
	total := func(want string, of *jen.Statement) string {
		name := s.fresh(want)
		s.add(jen.Id(name).Op(":=").Lit(0.0), loop(jen.Id(name).Op("+=").Add(of)))
		return name
	}
	switch v.Op {
	case ir.MaxOf:
		top := s.fresh("top")
		s.add(jen.Id(top).Op(":=").Qual("math", "Inf").Call(jen.Lit(-1)),
			loop(jen.Id(top).Op("=").Qual(runtimePath, "Larger").Call(jen.Id(top), element())))
		if s.width(v) == plan.Narrow {
			return round(jen.Id(top))
		}
		return jen.Id(top)
	case ir.Sum:
		return jen.Id(total(valueName(v, "sum"), element()))
	case ir.Mean:
		return jen.Id(total("total", element())).Op("/").Float64().Call(jen.Id(s.length(v.Over)))
	}
	key := fmt.Sprintf("mean of v%d over %s", plan.Strip(v.Args[0]).ID, s.e.axisNames(v.Over))
	mean, ok := s.means[key]
	if !ok {
		n := jen.Float64().Call(jen.Id(s.length(v.Over)))
		sum := total("total", element())
		mean = s.fresh("mean")
		s.add(jen.Id(mean).Op(":=").Id(sum).Op("/").Add(n))
		rest := total("rest", element().Op("-").Id(mean))
		s.add(jen.Id(mean).Op("+=").Id(rest).Op("/").Add(n.Clone()))
		s.means[key] = mean
	}
	switch v.Op {
	case ir.MomentHi:
		return round(jen.Id(mean))
	case ir.MomentLo:
		return round(jen.Id(mean).Op("-").Float64().Call(round(jen.Id(mean))))
	case ir.MomentSS:
		d := jen.Parens(element().Op("-").Id(mean))
		return jen.Id(total("squares", jen.Float64().Call(jen.Add(d).Op("*").Add(d.Clone()))))
	}
	return jen.Id(mean)
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
	v := plan.Strip(o.Value)
	s.uniform(v)
	s.operandOf(v)
	code := s.value(v)
	if s.width(v) == plan.Narrow {
		code = jen.Float64().Call(code)
	}
	name := s.array(slotFields[o.Slot.Kind], s.e.arrays.Index(o.Slot), o.Name+"Out")
	s.add(jen.Id(name).Index(s.index(o.Slot.Shape, s.counters...)).Op("=").Add(code))
}

// addSegment adds a value of the segment to the sums over segments, or hands it
// to their moments.
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
		code := s.value(r.of)
		if s.width(plan.Strip(r.of)) == plan.Narrow {
			code = jen.Float64().Call(code)
		}
		s.add(jen.Id(dst).Index(s.index(shape, s.counters...)).Op(op).Add(code))
	})
	s.forgetStep()
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
	s.forgetStep()
}
