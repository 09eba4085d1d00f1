package gocode

import (
	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

var slotFields = [plan.NumSlots]string{plan.RowSlot: "Row", plan.GroupSlot: "Group", plan.ColSlot: "Col", plan.WideSlot: "Wide", plan.SumSlot: "Sum", plan.MomentSlot: "Mean",
	plan.SegColSlot: "Segment.Col", plan.SegWideSlot: "Segment.Wide", plan.SegSumSlot: "Segment.Sum", plan.SegMomentSlot: "Segment.Mean"}

var squareFields = map[plan.SlotKind]string{plan.MomentSlot: "SS", plan.SegMomentSlot: "Segment.SS"}

var suffixes = [plan.NumSlots]string{plan.RowSlot: "Row", plan.GroupSlot: "Group", plan.ColSlot: "Col", plan.WideSlot: "Wide",
	plan.SegColSlot: "Seg", plan.SegWideSlot: "Wide"}

// slotArray declares the array of a slot.
func (s *scope) slotArray(slot plan.Slot, want string) string {
	return s.array(slotFields[slot.Kind], s.e.arrays.Index(slot), want)
}

// element prints the element of a slot's array that the counters are at.
func (s *scope) element(slot plan.Slot, want string, at []counter) *jen.Statement {
	return jen.Id(s.slotArray(slot, want)).Index(s.index(slot.Shape, at...))
}

// savedArray declares the array of a slot that v is read from: of moments that of the
// means or of the squares.
func (s *scope) savedArray(v *ir.Value, slot plan.Slot) string {
	switch {
	case !slot.Moments():
		return s.slotArray(slot, valueName(v, "saved")+suffixes[slot.Kind])
	case v.Op == ir.MomentSS:
		return s.array(squareFields[slot.Kind], s.e.arrays.Index(slot), "squares")
	}
	return s.slotArray(slot, "means")
}

// saved prints v, which a slot's array has, at the counters.
func (s *scope) saved(v *ir.Value, slot plan.Slot, at []counter) *jen.Statement {
	element := jen.Id(s.savedArray(v, slot)).Index(s.index(slot.Shape, at...))
	return s.asElement(v, partOf(element, slot.Part(v)))
}

// partOf prints a part of a float64.
func partOf(x *jen.Statement, p plan.Part) *jen.Statement {
	switch p {
	case plan.High:
		return round(x)
	case plan.Low:
		return round(x.Clone().Op("-").Float64().Call(round(x)))
	}
	return x
}

// stored prints a value of columns or a segment that lives in an array.
func (s *scope) stored(a *ir.Value, at []counter) *jen.Statement {
	if a.Op == ir.Load {
		return s.leaf(a.Leaf).Index(s.index(s.e.unit.Small(a.Axes), at...))
	}
	slot, ok := s.e.k.StepArray(a)
	if !ok {
		s.fail("line %d: value v%d is nowhere", a.Line, a.ID)
		return jen.Null()
	}
	return s.saved(a, slot, at)
}

// asElement reads a condition from the 1 or 0 that stands for it.
func (s *scope) asElement(v *ir.Value, code *jen.Statement) *jen.Statement {
	if s.width(v) == plan.Bool && !isMask(v) {
		return code.Op("!=").Lit(0)
	}
	return code
}

// isMask reports whether v is a declared mask.
func isMask(v *ir.Value) bool { return v.Op == ir.Load && v.Leaf.Kind == ir.MaskLeaf }

// maskArray declares the array of a mask, one element for each row of the block.
func (s *scope) maskArray(v *ir.Value) *jen.Statement {
	return jen.Id(s.array("Mask", s.e.maskIndex(v)-1, v.Leaf.Name+"Mask"))
}

// leaf prints the array of a parameter, a state, or the segment's row of an
// input.
func (s *scope) leaf(l *ir.Leaf) *jen.Statement {
	switch l.Kind {
	case ir.ParamLeaf:
		return jen.Id(s.array("Param", leafIndex(s.e.unit.Layer.Params, l), l.Name))
	case ir.StateLeaf:
		return jen.Id(s.array("State", leafIndex(s.e.unit.Layer.States, l), l.Name))
	}
	return jen.Id(s.declare("view "+l.Name, s.e.tensorName(l, false), s.e.view(l, false).Dot("Row").Call(jen.Lit(0))))
}
