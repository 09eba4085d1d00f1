package plan

import (
	"cmp"
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// Slots counts the arrays of a work area by kind and shape. The kernels of a
// variant share one count, so that the backward finds what the forward saved.
type Slots map[Slot]int // by kind and shape; Index is 0

func (a Slots) next(kind SlotKind, shape ir.Axes) Slot {
	k := Slot{Kind: kind, Shape: shape}
	a[k]++
	return Slot{kind, shape, a[k] - 1}
}

// Wide reports whether the array is float64.
func (s Slot) Wide() bool {
	switch s.Kind {
	case RowSlot, GroupSlot, ColSlot, SegColSlot:
		return false
	}
	return true
}

// Moments reports whether the array has means, and one of sums of squares beside it.
func (s Slot) Moments() bool { return s.Kind == MomentSlot || s.Kind == SegMomentSlot }

// Part says what v is of an element of the array.
func (s Slot) Part(v *ir.Value) Part {
	switch {
	case s.Moments() && v.Op == ir.MomentHi:
		return High
	case s.Moments() && v.Op == ir.MomentLo:
		return Low
	}
	return Whole
}

// Arrays are the arrays of all variants of a unit: of each kind the shapes, in
// the order in which the work area holds them.
type Arrays [NumSlots][]ir.Axes

// Arrays merges the counts of all kernels.
func (u *Unit) Arrays() Arrays {
	most := Slots{}
	for _, v := range u.variants() {
		for k, n := range v.Slots {
			most[k] = max(most[k], n)
		}
	}
	var keys []Slot
	for k := range most {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b Slot) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), -cmp.Compare(a.Shape, b.Shape))
	})
	var out Arrays
	for _, k := range keys {
		for range most[k] {
			out[k.Kind] = append(out[k.Kind], k.Shape)
		}
	}
	return out
}

// Index is the place of a slot among the arrays of its kind.
func (a Arrays) Index(s Slot) int {
	return slices.Index(a[s.Kind], s.Shape) + s.Index
}

// variants lists all variants of the unit.
func (u *Unit) variants() []*Variant {
	out := slices.Clone(u.Train.Variants)
	if u.Eval != u.Train {
		out = append(out, u.Eval.Variants...)
	}
	return append(out, u.Infer...)
}

var rowKinds = map[Rank]SlotKind{Row: RowSlot, Group: GroupSlot}

// rowSlots allots arrays to the row and group values that outlive their loop.
func (b *builder) rowSlots(slots *Slots) {
	keep := map[*ir.Value]bool{}
	for _, v := range b.saves {
		keep[v] = true
	}
	for _, o := range b.k.Func.Outs {
		keep[Strip(o.Value)] = true
	}
	b.eachUse(func(v *ir.Value, sweep, phase int) {
		late := b.stage[v] < sweep
		other := b.k.rank[v.ID] == Group && b.place[v] != phase
		b.readBack[v] = b.readBack[v] || late || other
	})
	for _, v := range b.values() {
		if kind, ok := rowKinds[b.k.rank[v.ID]]; ok && (keep[v] || b.readBack[v]) && b.computed(v) {
			b.k.Slot[v] = slots.next(kind, v.Axes&b.cols)
			sw := b.k.Stages[b.stage[v]].Sweep
			sw.Saves = append(sw.Saves, v)
		}
	}
}

// eachUse calls f for every use of a row or group value in a loop or scalar.
func (b *builder) eachUse(f func(v *ir.Value, sweep, phase int)) {
	for s, st := range b.k.Stages {
		for p, ph := range st.Sweep.Phases {
			for _, v := range ph.reads() {
				if _, ok := rowKinds[b.k.rank[v.ID]]; ok && b.computed(v) {
					f(v, s, p)
				}
			}
		}
	}
}

// reads lists what a phase's scalars, elements and reductions read, stripped.
func (ph *Phase) reads() []*ir.Value {
	out := ph.operands()
	for _, list := range [][]*ir.Value{ph.Head, ph.Tail, ph.SmallSums, ph.ColSums} {
		for _, v := range list {
			for _, a := range v.Args {
				out = append(out, Strip(a))
			}
		}
	}
	for _, ms := range [][]Moments{ph.ColMoments, ph.SmallMoments} {
		for _, m := range ms {
			out = append(out, Strip(m.Of))
			if m.Mask != nil {
				out = append(out, Strip(m.Mask))
			}
		}
	}
	return out
}

// outputs lists the results below full rank with their arrays; those of columns
// and segments that have none are copied to one by the step that copies hands over.
func (b *builder) outputs(slots *Slots, copies func(o Output)) {
	for _, o := range b.k.Func.Outs {
		out := Output{Out: o}
		switch v := Strip(o.Value); b.k.rank[o.Value.ID] {
		case Full:
			continue
		case Row, Group:
			out.Slot, _ = b.k.SweepArray(v) // which a backward may have from the forward
		case Seg:
			if o.Kind != ir.StatOut {
				continue // stored to a tensor
			}
			out.Slot = slots.next(SegWideSlot, o.Value.Axes&^b.rows)
			copies(out)
		default:
			var there bool
			if out.Slot, there = b.array(o.Value); !there {
				out.Slot = slots.next(WideSlot, o.Value.Axes)
				copies(out)
			}
		}
		b.k.Outs = append(b.k.Outs, out)
	}
}
