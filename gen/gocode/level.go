package gocode

import (
	"maps"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A level is the body of a loop over groups or runs: the slices that it uses are
// cut to the part at hand, and then it reads like any other.
type level struct {
	part   ir.Axes // axes inside a part
	cuts   []string
	sliced map[string]bool
	local  map[*ir.Value]string // values of columns and segments declared in it
}

// nested writes what body adds as a loop of counter c over parts that hold the
// axes of part.
func (s *sweepEmitter) nested(c counter, part ir.Axes, body func()) {
	outer, code := s.level, s.code
	s.level = &level{part: part, sliced: map[string]bool{}, local: map[*ir.Value]string{}}
	s.code, s.counters = nil, append(s.counters, c)
	known := maps.Clone(s.rounded)
	body()
	s.forgetRounded(known)
	inner, l := s.code, s.level
	s.level, s.code, s.counters = outer, code, s.counters[:len(s.counters)-1]
	var cuts []jen.Code
	if len(l.cuts) > 0 {
		if s.e.vec != nil {
			cuts = append(cuts, between(longerThan("CallElements")))
		}
		k := jen.Id(c.name)
		cuts = append(cuts, jen.List(jen.Id("from"), jen.Id("to")).Op(":=").List(jen.Add(k).Op("*").Id(s.length(l.part)), jen.Parens(jen.Add(k).Op("+").Lit(1)).Op("*").Id(s.length(l.part))))
	}
	for _, name := range l.cuts {
		s.slice(name)
		cuts = append(cuts, jen.Id(name).Op(":=").Id(name).Index(jen.Id("from").Op(":").Id("to")))
	}
	s.add(s.each(c, append(cuts, inner...)))
}

// slice notes that the level at hand uses a row slice.
func (s *sweepEmitter) slice(name string) string {
	if l := s.level; l != nil && !l.sliced[name] {
		l.sliced[name] = true
		l.cuts = append(l.cuts, name)
	}
	return name
}

// groupOperands declares the group values of a level that the phase reads from
// arrays. Those of coarser groups are read where they are first needed.
func (s *sweepEmitter) groupOperands(ph *plan.Phase, at ir.Axes) {
	for _, v := range phaseReads(ph) {
		if s.e.k.Rank(v) != plan.Group || s.names[v] != nil || inPhase(ph, v) && s.e.k.Group(v) == ph.Level || !at.Has(s.e.k.Group(v)) {
			continue
		}
		slot, _ := s.e.k.SweepArray(v)
		name := s.bind(v, valueName(v, "group"))
		s.add(jen.Id(name).Op(":=").Add(s.asElement(v, s.groupAt(slot, v, s.counters))))
	}
}

// groupAt prints an element of a group array of the row at hand.
func (s *sweepEmitter) groupAt(slot plan.Slot, v *ir.Value, at []counter) *jen.Statement {
	name := s.slotArray(slot, valueName(v, "group")+"Group")
	return jen.Id(name).Index(jen.Id("i").Op("*").Id(s.length(slot.Shape)).Op("+").Add(s.index(slot.Shape, at...)))
}

// forgetGroups drops the names of group values whose scope has ended: all but those
// that were known before it.
func (s *sweepEmitter) forgetGroups(known map[*ir.Value]*jen.Statement) {
	maps.DeleteFunc(s.names, func(v *ir.Value, _ *jen.Statement) bool { return s.e.k.Rank(v) == plan.Group && known[v] == nil })
}

// forgetRounded drops the locals of a level that has ended: all but those that were known
// before it, and those before the rows.
func (s *sweepEmitter) forgetRounded(known map[*ir.Value]string) {
	maps.DeleteFunc(s.rounded, func(v *ir.Value, _ string) bool { return s.e.k.Rank(v) != plan.Uniform && known[v] == "" })
}

// saveGroup keeps a group value at once: the next group overwrites the local.
func (s *sweepEmitter) saveGroup(v *ir.Value) {
	if slot, ok := s.e.k.Slot[v]; ok && slot.Kind == plan.GroupSlot {
		s.add(s.groupAt(slot, v, s.counters).Op("=").Add(s.narrow(v)))
	}
}

// columnOperand prints a value of columns or the segment for element j: an
// element of a slice if it varies inside a run, else a local.
func (s *sweepEmitter) columnOperand(v *ir.Value, j jen.Code) *jen.Statement {
	name, vector := s.columnSliceOf(v)
	if vector {
		return s.asElement(v, jen.Id(s.slice(name)).Index(j))
	}
	return jen.Id(name)
}

// columnSliceOf declares a value of columns or the segment for the run at hand:
// as a slice if it varies inside the run, else as a number.
func (s *sweepEmitter) columnSliceOf(v *ir.Value) (name string, vector bool) {
	a := s.e.unit.Small(v.Axes)
	if a == s.e.cols() {
		return s.columnSlice(v), true
	}
	if s.level == nil {
		return s.headScalar(v), false
	}
	var run ir.Axes
	for _, c := range s.counters {
		run |= set(c.axes)
	}
	vector = a&^run != 0
	if name, ok := s.level.local[v]; ok {
		return name, vector
	}
	name = s.fresh(valueName(v, "c") + "At")
	s.level.local[v] = name
	at := s.index(a&run, s.counters...)
	if !vector {
		s.add(jen.Id(name).Op(":=").Add(s.asElement(v, s.columnArray(v).Index(at))))
		return name, false
	}
	size := s.length(s.level.part)
	s.add(jen.Id(name).Op(":=").Add(s.columnArray(v)).Index(enclosed(at).Op("*").Id(size).Op(":")).Index(jen.Op(":").Id(size)))
	s.level.sliced[name] = true // as long as the run already
	return name, true
}

// headScalar declares an array of one before the rows.
func (s *sweepEmitter) headScalar(v *ir.Value) string {
	array := s.columnArray(v)
	key := "scalar " + array.GoString()
	if name, ok := s.read[key]; ok {
		return name
	}
	name := s.fresh(valueName(v, "c") + "At")
	s.read[key] = name
	s.head = append(s.head, jen.Id(name).Op(":=").Add(s.asElement(v, array.Index(jen.Lit(0)))))
	return name
}

// columnSlice names the array of a value of all columns.
func (s *sweepEmitter) columnSlice(v *ir.Value) string { return s.columnArray(v).GoString() }

// columnArray prints the array of a value of columns or the segment, in the
// storage type. One of all columns is as long as a row.
func (s *sweepEmitter) columnArray(v *ir.Value) *jen.Statement {
	s.whole = s.e.unit.Small(v.Axes) == s.e.cols()
	defer func() { s.whole = false }()
	if v.Op == ir.Load {
		return s.leaf(v.Leaf)
	}
	slot, _ := s.e.k.SweepArray(v)
	return jen.Id(s.slotArray(slot, valueName(v, "col")))
}
