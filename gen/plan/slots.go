package plan

import "github.com/normgen/normgen/gen/ir"

// Slots counts the arrays of a work area. The kernels of a variant share one
// count, so that the backward finds what the forward saved.
type Slots struct {
	Row, Group, Col, Wide, Sum, Moment int
}

func (a *Slots) next(kind SlotKind) Slot {
	n := map[SlotKind]*int{RowSlot: &a.Row, GroupSlot: &a.Group, ColSlot: &a.Col,
		WideSlot: &a.Wide, SumSlot: &a.Sum, MomentSlot: &a.Moment}[kind]
	*n++
	return Slot{kind, *n - 1}
}

// wide reports whether the array is float64.
func (s Slot) wide() bool {
	return s.Kind == WideSlot || s.Kind == SumSlot || s.Kind == MomentSlot
}

// computed reports whether the kernel itself computes v at its rank.
func (b *builder) computed(v *ir.Value) bool {
	return !isLeaf(v) && !b.isGiven(v) && v.Op != ir.Widen
}

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
		other := b.k.rank[v] == Group && b.phase[v]-1 != phase
		b.crosses[v] = b.crosses[v] || late || other
	})
	for _, v := range b.values() {
		if kind, ok := rowKinds[b.k.rank[v]]; ok && (keep[v] || b.crosses[v]) && b.computed(v) {
			b.k.Slot[v] = slots.next(kind)
			sw := b.k.Stages[b.stage[v]].Sweep
			sw.Saves = append(sw.Saves, v)
		}
	}
}

var rowKinds = map[Rank]SlotKind{Row: RowSlot, Group: GroupSlot}

// eachUse calls f for every use of a row or group value in a loop or scalar.
func (b *builder) eachUse(f func(v *ir.Value, sweep, phase int)) {
	visit := func(user *ir.Value, sweep, phase int) {
		for _, a := range user.Args {
			v := Strip(a)
			if _, ok := rowKinds[b.k.rank[v]]; ok && b.computed(v) {
				f(v, sweep, phase)
			}
		}
	}
	for s, st := range b.k.Stages {
		for _, ph := range st.Sweep.Phases {
			p := b.loopIndex(ph)
			for _, list := range [][]*ir.Value{ph.Head, ph.Body, ph.Tail} {
				for _, v := range list {
					visit(v, s, p)
				}
			}
			for _, r := range ph.Stores {
				visit(&ir.Value{Args: []*ir.Value{r.Value}}, s, p)
			}
		}
	}
}

// loopIndex is the phase number of ph: scalars of phase p+1 follow its loop.
func (b *builder) loopIndex(ph *Phase) int {
	for _, v := range ph.RowSums {
		return b.phase[v] - 1
	}
	for _, m := range ph.RowMoments {
		return b.phase[m.Values[0]] - 1
	}
	p := 0
	for _, v := range ph.Body {
		p = max(p, b.phase[v])
	}
	return p
}

// widths gives every value its width. A value that its own kernel reads back
// from a row array was rounded when it was stored, so it is narrow for everyone.
func (b *builder) widths() {
	for _, v := range b.k.Func.Values {
		if !b.needed[v] {
			continue
		}
		b.k.op[v] = b.widthOf(v)
		switch slot, given := b.k.Given[v]; {
		case b.k.op[v] == Bool:
			b.k.width[v] = Bool
		case given && slot.wide():
			b.k.width[v] = Wide
		case given || b.crosses[v]:
			b.k.width[v] = Narrow
		default:
			b.k.width[v] = b.k.op[v]
		}
	}
}

// columns places the column values in the latest step that serves all their
// uses, and allots arrays to those that sweeps or later steps read.
func (b *builder) columns(slots *Slots) {
	for _, v := range b.values() {
		b.allotSums(v, slots)
	}
	use := b.columnUses()
	steps := make([][]*ir.Value, b.stages+1)
	vals := b.values()
	for _, v := range vals {
		if s, ok := use.step[v]; ok {
			steps[s] = append(steps[s], v)
		}
	}
	for s, st := range b.k.Stages {
		st.Columns = steps[s]
	}
	b.k.Finish = steps[b.stages]
	for _, v := range vals {
		if use.sweep[v] {
			b.k.Slot[v] = slots.next(ColSlot)
		}
		if use.later[v] && !b.isGiven(v) {
			b.keepColumn(v, slots)
		}
	}
	b.outputs(slots)
}

// keepColumn allots an array of v's width, unless it has one.
func (b *builder) keepColumn(v *ir.Value, slots *Slots) {
	_, sum := b.k.Sums[v]
	_, col := b.k.Slot[v]
	switch wide := b.k.width[v] == Wide; {
	case wide && !sum:
		b.k.Wide[v] = slots.next(WideSlot)
	case !wide && !col:
		b.k.Slot[v] = slots.next(ColSlot)
	}
}

// allotSums gives every column reduction its finished array.
func (b *builder) allotSums(v *ir.Value, slots *Slots) {
	if b.k.rank[v] != Col || !isReduction(v) || !b.computed(v) {
		return
	}
	if !isMoment(v) {
		b.k.Sums[v] = slots.next(SumSlot)
		return
	}
	for _, st := range b.k.Stages {
		for _, ph := range st.Sweep.Phases {
			for _, m := range ph.ColMoments {
				if m.Values[0] == v {
					s := slots.next(MomentSlot)
					for _, w := range m.Values {
						b.k.Sums[w] = s
					}
				}
			}
		}
	}
}

// columnUse says where column values are used.
type columnUse struct {
	step  map[*ir.Value]int  // the step that computes the value
	sweep map[*ir.Value]bool // a sweep reads it
	later map[*ir.Value]bool // a later step or kernel reads it
}

// columnUses walks backwards from the uses. A value is computed in the step of
// its earliest use: later than it could be, but then it needs no array for the
// steps between.
func (b *builder) columnUses() columnUse {
	u := columnUse{map[*ir.Value]int{}, map[*ir.Value]bool{}, map[*ir.Value]bool{}}
	use := func(v *ir.Value, step int) {
		v = Strip(v)
		if b.k.rank[v] != Col || !b.needsStep(v) {
			return
		}
		if s, ok := u.step[v]; !ok || step < s {
			u.later[v] = u.later[v] || ok && s > step
			u.step[v] = step
		} else if step > s {
			u.later[v] = true
		}
	}
	for s, st := range b.k.Stages {
		for _, v := range st.Sweep.loopOperands() {
			use(v, s)
			if v = Strip(v); b.k.rank[v] == Col && b.needsStep(v) {
				u.sweep[v] = true
			}
		}
	}
	for _, o := range b.k.Func.Outs {
		use(o.Value, b.stages)
	}
	for _, v := range b.saves {
		use(v, b.stages)
		u.later[v] = u.later[v] || b.k.rank[v] == Col
	}
	vals := b.values()
	for i := len(vals) - 1; i >= 0; i-- {
		if s, ok := u.step[vals[i]]; ok && !b.isGiven(vals[i]) {
			for _, a := range vals[i].Args {
				use(a, s)
			}
		}
	}
	return u
}

// needsStep reports whether column value v is made by a column step: it is
// computed and not a reduction, or it comes in float64 and a sweep may want it
// rounded.
func (b *builder) needsStep(v *ir.Value) bool {
	if slot, ok := b.k.Given[v]; ok {
		return slot.wide()
	}
	return !isLeaf(v)
}

// loopOperands lists the values that loops and scalars of the sweep read.
func (sw *Sweep) loopOperands() []*ir.Value {
	var out []*ir.Value
	for _, ph := range sw.Phases {
		for _, list := range [][]*ir.Value{ph.Head, ph.Body, ph.Tail} {
			for _, v := range list {
				out = append(out, v.Args...)
			}
		}
		for _, st := range ph.Stores {
			out = append(out, st.Value)
		}
	}
	return out
}

// outputs gives the results below full rank their arrays.
func (b *builder) outputs(slots *Slots) {
	for _, o := range b.k.Func.Outs {
		out := Output{Out: o}
		switch v := Strip(o.Value); b.k.rank[o.Value] {
		case Full:
			continue
		case Row, Group:
			out.Slot = b.k.Slot[v]
		default:
			out.Slot = slots.next(WideSlot)
		}
		b.k.Outs = append(b.k.Outs, out)
	}
}
