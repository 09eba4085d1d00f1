package gocode

import (
	"fmt"
	"maps"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A sweepEmitter writes the function of one sweep: a loop over the rows of a
// block whose body is the sweep's phases.
type sweepEmitter struct {
	*scope
	sw    *plan.Sweep
	red   map[*ir.Value]reduction // reductions over rows
	name  string
	loops int // element functions written
	temps int // scratch rows used

	rows    []jen.Code           // declarations of the row
	inRow   map[string]bool      // row slices declared
	rounded map[*ir.Value]string // scalars that have a local in the storage type
	lane    int                  // row at hand of those computed together
	hoisted map[*ir.Value]string // column values read once for all rows at hand
	counter bool                 // j is declared
	groups  ir.Axes              // of the span at hand; none: it is one phase
	level   *level               // the group or run at hand; nil: the row
	sumOf   map[*ir.Value]string // results of assembly loops, by the value summed
	long    bool                 // rows are longer than a call of assembly takes
	lines   []string             // of tensors that loops may write past the caches
}

// sweep writes the function of a sweep and returns its name.
func (e *kernelEmitter) sweep(stage int, st *plan.Stage, v *plan.Variant) string {
	s := &sweepEmitter{scope: e.scope("b"), sw: st.Sweep, red: map[*ir.Value]reduction{}, name: e.sweepName(stage), inRow: map[string]bool{},
		rounded: map[*ir.Value]string{}, sumOf: map[*ir.Value]string{}}
	s.rowLength = true
	for _, r := range e.reductions(st) {
		s.red[r.key] = r
	}
	for _, w := range []string{"b", "i", "j", "n", "part", "end", "k", "q", "m", "from", "to", "first", "some"} {
		s.used[w] = true
	}
	s.reserveRows()
	var body, quick []jen.Code
	if e.vec != nil {
		quick = s.rowLoop()
		s.long = quick != nil // or a few elements, in a norm of them
	}
	if loops := append(quick, s.rowLoops()...); len(loops) > 0 {
		if e.vec != nil || slices.ContainsFunc(s.sw.Phases, perElement) {
			body = []jen.Code{jen.Id("n").Op(":=").Id("b").Dot("Width").Call()}
		}
		body = append(append(body, s.head...), loops...)
	}
	body = append(body, s.momentCalls()...)
	if e.vec != nil {
		return e.vectorFunction(s.doc(stage, v), s.name, "b", "Block", body)
	}
	return e.function(s.doc(stage, v), s.name, []jen.Code{jen.Id("b").Add(pointer("Block"))}, nil, body)
}

// perElement reports whether the code of a phase goes over elements: moments of a tensor's
// columns are the engine's.
func perElement(ph *plan.Phase) bool {
	computed := func(v *ir.Value) bool { return v.Op != ir.Load }
	return slices.ContainsFunc(ph.Body, computed) || len(ph.Stores)+len(ph.RowSums)+len(ph.RowMoments)+len(ph.ColSums) > 0
}

// reserveRows keeps the names of row slices from other values.
func (s *sweepEmitter) reserveRows() {
	reserve := func(name string) {
		s.used[name] = true
		for lane := 1; lane < rowsTogether; lane++ {
			s.used[laneName(name, lane)] = true
		}
	}
	for _, l := range s.sw.Reads {
		reserve(s.e.tensorName(l, false))
	}
	for _, l := range s.sw.Writes {
		reserve(s.e.tensorName(l, true))
	}
}

func laneName(name string, lane int) string { return fmt.Sprintf("%s%d", name, lane+1) }

// rowLoops writes the loop over the rows, or two if several rows can be computed
// at once.
func (s *sweepEmitter) rowLoops() []jen.Code {
	var quick *jen.Statement
	switch independent := s.independent(); {
	case independent && s.e.vec != nil:
		if code := s.walk(s.sw.Phases[0]); code != nil {
			return code
		}
	case independent:
		quick = s.together(s.sw.Phases[0])
		s.rows, s.code, s.inRow = nil, nil, map[string]bool{}
		s.loops = 0 // the same element functions again
	}
	for _, p := range s.spans() {
		s.span(p)
	}
	s.saveRows()
	body := append(s.rows, s.code...)
	switch {
	case len(body) == 0:
		return nil
	case quick != nil:
		return []jen.Code{jen.Id("i").Op(":=").Lit(0), quick,
			jen.For(jen.Empty(), jen.Id("i").Op("<").Id("b").Dot("N"), jen.Id("i").Op("++")).Block(body...)}
	}
	if s.e.vec != nil {
		body = append([]jen.Code{between(longerThan("CallColumns"))}, body...)
	}
	return s.betweenLines(jen.For(jen.Id("i").Op(":=").Range().Id("b").Dot("N")).Block(body...))
}

// doc says what a sweep costs in tensor passes.
func (s *sweepEmitter) doc(stage int, v *plan.Variant) string {
	list := func(verb string, ls []*ir.Leaf) string {
		out := ""
		for i, l := range ls {
			if i > 0 {
				out += ", "
			} else {
				out += " " + verb + " "
			}
			out += s.e.tensorName(l, verb == "writes")
		}
		return out
	}
	return fmt.Sprintf("%s is sweep %d of %d%s:%s%s.", s.name, stage+1, len(s.e.k.Stages), s.e.when(v),
		list("reads", s.sw.Reads), list("writes", s.sw.Writes))
}

// tensorName is the local of a tensor; the gradient of an input is d and its name.
func (e *emitter) tensorName(l *ir.Leaf, written bool) string {
	if written && l.Kind == ir.InputLeaf {
		return local("d" + l.Name)
	}
	return local(l.Name)
}

// row declares the slice of a tensor's row, once, and returns its name.
func (s *sweepEmitter) row(l *ir.Leaf, written bool) string {
	name := s.e.tensorName(l, written)
	at := jen.Id("i")
	if s.lane > 0 {
		name = laneName(name, s.lane)
		at.Op("+").Lit(s.lane)
	}
	if !s.inRow[name] {
		s.inRow[name] = true
		s.rows = append(s.rows, jen.Id(name).Op(":=").Add(s.e.view(l, written)).Dot("Row").Call(at).Index(jen.Op(":").Id("n")))
	}
	return name
}

// view prints the block's view of a tensor. A backward reads the cotangents
// and then the forward's inputs, and writes the gradients of the inputs.
func (e *kernelEmitter) view(l *ir.Leaf, written bool) *jen.Statement {
	layer := e.unit.Layer
	field, index := "In", leafIndex(layer.Inputs, l)
	switch {
	case written && l.Kind == ir.OutputLeaf:
		field, index = "Out", leafIndex(layer.Outputs, l)
	case written:
		field, index = "Out", leafIndex(e.unit.Grads, l)
	case l.Kind == ir.OutputLeaf:
		index = len(layer.Outputs) + len(layer.Inputs) + leafIndex(layer.Outputs, l)
	case l.Kind == ir.CotangentLeaf:
		index = e.cotangentIndex(l)
	case e.isBackward():
		index += len(layer.Outputs)
	}
	return jen.Id("b").Dot(field).Index(jen.Lit(index))
}

// phase writes one loop over the row.
func (s *sweepEmitter) phase(ph *plan.Phase) {
	s.rowOperands(ph)
	if ph.Level == 0 {
		s.scalars(ph.Head) // which masks of sums may be among
		temps, sinks := s.sinks(ph)
		s.group(ph, temps, sinks)
		return
	}
	temps, sinks := s.sinks(ph)
	group := func() {
		s.groupOperands(ph, ph.Level)
		s.scalars(ph.Head)
		s.group(ph, temps, sinks)
	}
	outer := s.coarser(ph)
	runs := func() bool { return s.runs(ph, outer, temps, sinks) }
	if outer == 0 && runs() {
		return
	}
	if outer == 0 {
		s.nested(counter{"k", s.e.unit.Order(ph.Level)}, s.e.cols()&^ph.Level, group)
	} else {
		s.nested(counter{"k", s.e.unit.Order(outer)}, s.e.cols()&^outer, func() {
			s.groupOperands(ph, outer)
			if runs() {
				return
			}
			s.nested(counter{"q", s.e.unit.Order(ph.Level &^ outer)}, s.e.cols()&^ph.Level, group)
		})
	}
	s.forgetGroups(nil)
}

// coarser returns the columns that the coarser groups of a phase have in common whose
// values it reads, if these are read once for all of its own groups in one: that spares a
// division for each.
func (s *sweepEmitter) coarser(ph *plan.Phase) (groups ir.Axes) {
	for _, v := range phaseReads(ph) {
		if a := s.e.k.Group(v); s.e.k.Rank(v) == plan.Group && a != ph.Level {
			groups |= a
		}
	}
	outer, all := s.e.unit.Order(groups), s.e.unit.Order(ph.Level)
	if ph.Run != ph.Level || groups == ph.Level || !slices.Equal(outer, all[:min(len(outer), len(all))]) || !groups.Has(s.groups) {
		return 0
	}
	return groups
}

// group writes what a phase does for one group, or for the row, after its head.
func (s *sweepEmitter) group(ph *plan.Phase, temps map[*ir.Value]string, sinks []sink) {
	for _, name := range slices.Sorted(maps.Values(temps)) {
		s.slice(name)
	}
	s.elements(ph, sinks)
	s.reduceRow(ph, temps)
	s.scalars(ph.Tail)
	s.enterSmall(ph)
}

// elements writes the loop over the elements of a group, run by run if its runs
// are shorter.
func (s *sweepEmitter) elements(ph *plan.Phase, sinks []sink) {
	if len(sinks) == 0 {
		return
	}
	loop := func() { s.emitLoop(s.element(ph, sinks), sinks) }
	if s.e.vec != nil {
		loop = func() { s.vectorLoop(ph, sinks) }
	}
	if ph.Run == ph.Level {
		loop()
		return
	}
	known := maps.Clone(s.names)
	s.nested(counter{"q", s.e.unit.Order(ph.Run &^ ph.Level)}, s.e.cols()&^ph.Run, func() {
		s.groupOperands(ph, ph.Run)
		loop()
	})
	s.forgetGroups(known)
}

// rowOperands declares the row values that the phase reads from arrays.
func (s *sweepEmitter) rowOperands(ph *plan.Phase) {
	for _, v := range phaseReads(ph) {
		if s.e.k.Rank(v) == plan.Row && s.names[v] == nil {
			if code := s.savedRow(v); code != nil {
				name := s.bind(v, valueName(v, "row"))
				s.rows = append(s.rows, jen.Id(name).Op(":=").Add(code))
			}
		}
	}
}

// savedRow prints a row value that lives in an array, or nil if the sweep
// computes it.
func (s *sweepEmitter) savedRow(v *ir.Value) *jen.Statement {
	if isMask(v) {
		return s.maskArray(v).Index(jen.Id("i"))
	}
	slot, ok := s.e.k.SweepArray(v)
	if !ok || s.computes(v) {
		return nil
	}
	return s.asElement(v, jen.Id(s.slotArray(slot, valueName(v, "row")+"Row")).Index(jen.Id("i")))
}

// computes reports whether this sweep computes row or group value v.
func (s *sweepEmitter) computes(v *ir.Value) bool {
	for _, ph := range s.sw.Phases {
		if inPhase(ph, v) {
			return true
		}
	}
	return false
}

// inPhase reports whether the phase itself computes row or group value v.
func inPhase(ph *plan.Phase, v *ir.Value) bool { return slices.Contains(computed(ph), v) }

// computed lists the row and group values that a phase computes.
func computed(ph *plan.Phase) []*ir.Value {
	out := slices.Concat(ph.Head, ph.RowSums, ph.Tail)
	for _, m := range ph.RowMoments {
		out = append(out, m.Values...)
	}
	return out
}

// phaseReads lists what the code of a phase reads, stripped. Masks of moments are
// not among it: the engine applies them.
func phaseReads(ph *plan.Phase) []*ir.Value {
	return append(operands(ph), smallReads(ph)...)
}

// smallReads lists the operands and masks of reductions over rows.
func smallReads(ph *plan.Phase) []*ir.Value {
	var out []*ir.Value
	for _, v := range ph.SmallSums {
		for _, a := range v.Args {
			out = append(out, plan.Strip(a))
		}
	}
	for _, ms := range [][]plan.Moments{ph.SmallMoments, ph.ColMoments} {
		for _, m := range ms {
			out = append(out, plan.Strip(m.Of))
		}
	}
	return out
}

// operands lists what the values and masks of a phase read, stripped. Reductions of
// arrays are not among the readers: they go over these themselves.
func operands(ph *plan.Phase) []*ir.Value {
	var out []*ir.Value
	read := func(v *ir.Value) {
		for _, a := range v.Args {
			out = append(out, plan.Strip(a))
		}
	}
	for _, list := range [][]*ir.Value{ph.Head, ph.Body, ph.Tail} {
		for _, v := range list {
			if !v.Op.Reduces() {
				read(v)
			}
		}
	}
	for _, v := range ph.ColSums {
		read(v)
	}
	for _, st := range ph.Stores {
		out = append(out, plan.Strip(st.Value))
	}
	return out
}

// saveRows stores the row values that outlive the row.
func (s *sweepEmitter) saveRows() {
	for _, v := range s.sw.Saves {
		if slot := s.e.k.Slot[v]; slot.Kind == plan.RowSlot {
			name := s.slotArray(slot, valueName(v, "row")+"Row")
			s.add(jen.Id(name).Index(jen.Id("i")).Op("=").Add(s.narrow(v)))
		}
	}
}
