package plan

import (
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// A stepUse says where the values of columns and segments are used.
type stepUse struct {
	step  map[*ir.Value]int  // the sweep before which the value is computed
	sweep map[*ir.Value]bool // a sweep reads it
	later map[*ir.Value]bool // a later step, another loop of its step, or a later kernel reads it
}

// steps places the values of columns and segments before the latest sweep that
// serves all their uses, and allots arrays to those that outlive their loop.
func (b *builder) steps(slots *Slots) {
	for _, v := range b.values() {
		b.allotSums(v, slots)
	}
	use := b.stepUses()
	columns, begin := make([][]*ir.Value, b.sweepCount()+1), make([][]*ir.Value, b.sweepCount())
	for _, v := range b.values() {
		s, ok := use.step[v]
		switch {
		case ok && b.k.rank[v.ID] == Col:
			columns[s] = append(columns[s], v)
		case ok:
			begin[s] = append(begin[s], v)
		}
	}
	for s, st := range b.k.Stages {
		st.Columns, st.Begin = b.loops(columns[s], use), b.loops(begin[s], use)
	}
	b.k.Finish = b.loops(columns[b.sweepCount()], use)
	for _, v := range b.values() {
		if use.sweep[v] {
			b.k.Slot[v] = slots.next(b.arrayKind(v, ColSlot), v.Axes&^b.rows)
		}
		if use.later[v] && !b.isGiven(v) {
			b.keep(v, slots)
		}
	}
	b.outputs(slots, b.copyOut)
}

// arrayKind is the kind for columns, or for segments if v belongs to one.
func (b *builder) arrayKind(v *ir.Value, k SlotKind) SlotKind {
	if b.k.rank[v.ID] == Seg {
		return k + SegColSlot - ColSlot
	}
	return k
}

// keep allots an array of v's width, unless it has one.
func (b *builder) keep(v *ir.Value, slots *Slots) {
	_, sum := b.k.Sums[v]
	_, col := b.k.Slot[v]
	switch wide := b.k.width[v.ID] == Wide; {
	case wide && !sum:
		b.k.Wide[v] = slots.next(b.arrayKind(v, WideSlot), v.Axes&^b.rows)
	case !wide && !col:
		b.k.Slot[v] = slots.next(b.arrayKind(v, ColSlot), v.Axes&^b.rows)
	}
}

// allotSums gives every reduction over rows its finished array; moments of one
// value share theirs.
func (b *builder) allotSums(v *ir.Value, slots *Slots) {
	if !b.crossesRows(v) || b.isGiven(v) {
		return
	}
	if !isMoment(v) {
		b.k.Sums[v] = slots.next(b.arrayKind(v, SumSlot), v.Axes&^b.rows)
		return
	}
	for _, m := range b.k.moments() {
		if m.Values[0] == v {
			s := slots.next(b.arrayKind(v, MomentSlot), v.Axes&^b.rows)
			for _, w := range m.Values {
				b.k.Sums[w] = s
			}
		}
	}
}

// moments lists all moments over rows.
func (k *Kernel) moments() []Moments {
	var out []Moments
	for _, st := range k.Stages {
		out = append(out, st.Moments...)
		for _, ph := range st.Sweep.Phases {
			out = append(append(out, ph.ColMoments...), ph.SmallMoments...)
		}
	}
	return out
}

// stepUses walks backwards from the uses. A value is computed before its
// earliest use: later than it could be, but then it needs no array until then.
func (b *builder) stepUses() stepUse {
	u := stepUse{map[*ir.Value]int{}, map[*ir.Value]bool{}, map[*ir.Value]bool{}}
	use := func(v *ir.Value, step int, from Rank) {
		v = Strip(v)
		if !b.inStep(v) {
			return
		}
		if b.k.rank[v.ID] == Col {
			step = b.groupStart(step)
		}
		s, ok := u.step[v]
		u.later[v] = u.later[v] || ok && s != step || from != b.k.rank[v.ID]
		if !ok || step < s {
			u.step[v] = step
		}
	}
	for s, st := range b.k.Stages {
		for _, v := range st.Sweep.loopOperands() {
			use(v, s, b.k.rank[Strip(v).ID])
			if v = Strip(v); b.inStep(v) {
				u.sweep[v] = true
			}
		}
		for _, v := range st.afterSteps() {
			use(v, s, Seg)
			u.later[Strip(v)] = b.inStep(Strip(v))
		}
	}
	for _, o := range b.k.Func.Outs {
		if v := Strip(o.Value); v != o.Value {
			u.later[v] = b.inStep(v)
		}
		switch b.k.rank[o.Value.ID] {
		case Seg:
			use(o.Value, b.stage[o.Value], Seg)
		case Col, Uniform:
			if _, reduced := b.array(o.Value); !reduced {
				use(o.Value, b.sweepCount(), Col)
			}
		}
	}
	for _, v := range b.saves {
		if b.inStep(v) {
			use(v, b.lastStep(v), b.k.rank[v.ID])
			u.later[v] = true
		}
	}
	vals := b.values()
	for i := len(vals) - 1; i >= 0; i-- {
		if s, ok := u.step[vals[i]]; ok && !b.isGiven(vals[i]) && !b.crossesRows(vals[i]) {
			for _, a := range vals[i].Args {
				use(a, s, b.k.rank[vals[i].ID])
			}
		}
	}
	return u
}

// groupStart is the first of the sweeps that follow one another segment by
// segment: column steps come before it.
func (b *builder) groupStart(sweep int) int {
	i, found := slices.BinarySearch(b.base, sweep)
	if !found {
		i--
	}
	return b.base[i]
}

// afterSteps lists the segment values that Begin reads when its loops are done.
func (st *Stage) afterSteps() []*ir.Value {
	var out []*ir.Value
	for _, v := range st.Sums {
		out = append(out, v.Args...)
	}
	for _, m := range st.Moments {
		out = append(out, m.Of)
	}
	for _, o := range st.Stores {
		out = append(out, o.Value)
	}
	return out
}

// lastStep is the last step in which v could be computed: of a segment's value
// the first.
func (b *builder) lastStep(v *ir.Value) int {
	if b.k.rank[v.ID] == Seg {
		return b.stage[v]
	}
	return b.sweepCount()
}

// inStep reports whether v is made by a step: it belongs to columns or a
// segment and is computed, or it comes in float64 and a sweep may want it
// rounded.
func (b *builder) inStep(v *ir.Value) bool {
	if r := b.k.rank[v.ID]; r != Col && r != Seg || v.Op == ir.Widen {
		return false
	}
	if slot, ok := b.k.Given[v]; ok {
		return slot.Wide()
	}
	return !isLeaf(v)
}

// loopOperands lists the values that loops and scalars of the sweep read.
func (sw *Sweep) loopOperands() []*ir.Value {
	var out []*ir.Value
	for _, ph := range sw.Phases {
		out = append(out, ph.reads()...)
	}
	return out
}

// loops gathers the values of a step, in dependency order, into loops over their
// shapes. A loop may read what it computes itself only at the same place.
func (b *builder) loops(vals []*ir.Value, use stepUse) []*Step {
	l := looping{shape: func(v *ir.Value) ir.Axes { return v.Axes &^ b.rows }, in: map[*ir.Value]int{}}
	for _, v := range vals {
		var args []*ir.Value
		if !b.isGiven(v) && !b.crossesRows(v) {
			args = v.Args
		}
		l.add(v, args)
	}
	for v := range l.apart {
		use.later[v] = true
	}
	return l.steps
}

// A looping fuses values into steps.
type looping struct {
	shape func(v *ir.Value) ir.Axes
	steps []*Step
	in    map[*ir.Value]int      // the step that computes a value
	apart map[*ir.Value]struct{} // values that another step reads
}

// add puts v into the first step of its shape that comes after what it reads
// elsewhere.
func (l *looping) add(v *ir.Value, args []*ir.Value) {
	from := 0
	for _, a := range args {
		i, ok := l.in[Strip(a)]
		if !ok {
			continue
		}
		if v.Op.Reduces() || l.shape(Strip(a)) != l.shape(v) {
			i++
		}
		from = max(from, i)
	}
	at := from + slices.IndexFunc(l.steps[min(from, len(l.steps)):], func(s *Step) bool { return s.Shape == l.shape(v) })
	if at < from {
		at = len(l.steps)
		l.steps = append(l.steps, &Step{Shape: l.shape(v)})
	}
	l.steps[at].Values = append(l.steps[at].Values, v)
	l.in[v] = at
	for _, a := range args {
		if i, ok := l.in[Strip(a)]; ok && i != at {
			if l.apart == nil {
				l.apart = map[*ir.Value]struct{}{}
			}
			l.apart[Strip(a)] = struct{}{}
		}
	}
}

// array returns where a value of columns is in float64 when the sweeps are done: a sum
// and a mean where they were added up, any other where it is kept.
func (b *builder) array(v *ir.Value) (Slot, bool) {
	if s, ok := b.k.Sums[v]; ok && (s.Kind == SumSlot || v.Op == ir.MomentMean) {
		return s, true
	}
	s, ok := b.k.Wide[v]
	return s, ok
}

// copyOut has the step that computes a result copy it to its array, or one of
// its own.
func (b *builder) copyOut(o Output) {
	list := &b.k.Finish
	if b.k.rank[o.Value.ID] == Seg {
		list = &b.k.Stages[b.stage[o.Value]].Begin
	}
	shape := o.Value.Axes &^ b.rows
	for _, st := range *list {
		if st.Shape == shape && slices.Contains(st.Values, o.Value) {
			st.Outs = append(st.Outs, o)
			return
		}
	}
	if n := len(*list); n == 0 || (*list)[n-1].Shape != shape {
		*list = append(*list, &Step{Shape: shape})
	}
	last := (*list)[len(*list)-1]
	last.Outs = append(last.Outs, o)
}
