package plan

import (
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// sweeps fills the stages with their phases.
func (b *builder) sweeps() error {
	for s := range b.sweepCount() {
		st := &Stage{Sweep: b.sweep(s), Linked: !slices.Contains(b.base, s)}
		for _, v := range b.values() {
			if b.crossesRows(v) && !b.isGiven(v) && b.k.rank[v.Args[0].ID] == Seg && b.index(b.entered[v]) == s {
				st.Sums, st.Moments = enter(st.Sums, st.Moments, v)
			}
		}
		for _, o := range b.k.Func.Outs {
			if o.Kind != ir.StatOut && b.k.rank[o.Value.ID] == Seg && b.stage[o.Value] == s {
				st.Stores = append(st.Stores, Store{o.Leaf, o.Value})
			}
		}
		b.k.Stages = append(b.k.Stages, st)
	}
	return nil
}

// enter adds v to the sums or the moments.
func enter(sums []*ir.Value, moments []Moments, v *ir.Value) ([]*ir.Value, []Moments) {
	if isMoment(v) {
		return sums, addMoment(moments, v)
	}
	return append(sums, v), moments
}

// A sweepBuilder lays out the phases of one sweep. Each item joins the first
// phase that has its level and comes after all that it needs.
type sweepBuilder struct {
	*builder
	index  int
	phases []*Phase
}

func (b *builder) sweep(s int) *Sweep {
	w := &sweepBuilder{builder: b, index: s}
	for p := range b.lastPhase(s) + 1 {
		w.scalars(p)
		w.loops(p)
	}
	for _, ph := range w.phases {
		b.body(ph)
		b.run(ph)
	}
	sw := &Sweep{Phases: w.merged()}
	sw.Reads, sw.Writes = traffic(sw)
	return sw
}

// lastPhase is the last phase of sweep s in which anything happens.
func (b *builder) lastPhase(s int) int {
	last := b.lastStore(s)
	for _, v := range b.values() {
		switch {
		case b.inSweep(v, s):
			last = max(last, b.at[v].phase)
		case b.enters(v, s):
			last = max(last, b.entered[v].phase)
		}
	}
	return last
}

// inSweep reports whether sweep s computes row or group value v.
func (b *builder) inSweep(v *ir.Value, s int) bool {
	r := b.k.rank[v.ID]
	return (r == Row || r == Group) && b.computed(v) && b.stage[v] == s
}

// enters reports whether rows of sweep s enter the reduction v.
func (b *builder) enters(v *ir.Value, s int) bool {
	return b.crossesRows(v) && !b.isGiven(v) && b.k.rank[v.Args[0].ID] >= Row && b.index(b.entered[v]) == s
}

// lastStore is the phase from which every output of sweep s can be stored. All
// are stored in the sweep's last phase, so that nothing of the row is read after
// it was written and an output may be an input.
func (b *builder) lastStore(s int) int {
	last := 0
	for _, o := range b.k.Func.Outs {
		if b.k.rank[o.Value.ID] == Full && b.stage[o.Value] == s {
			last = max(last, b.phaseAt(o.Value, s))
		}
	}
	return last
}

// scalars places the row and group values that can be had from phase p on, and
// the reductions of these over rows.
func (w *sweepBuilder) scalars(p int) {
	for _, v := range w.values() {
		switch {
		case w.inSweep(v, w.index) && w.at[v].phase == p && !w.loopReduction(v):
			i := w.room(v.Args, v.Axes&w.cols)
			w.phases[i].Tail = append(w.phases[i].Tail, v)
			w.place[v] = i
		case w.enters(v, w.index) && w.entered[v].phase == p && !w.overElements(v):
			ph := w.phases[w.room(v.Args, v.Args[0].Axes&w.cols)]
			ph.SmallSums, ph.SmallMoments = enter(ph.SmallSums, ph.SmallMoments, v)
		}
	}
}

// loopReduction reports whether v is made by a loop over elements.
func (b *builder) loopReduction(v *ir.Value) bool {
	return v.Op.Reduces() && v.Over&b.rows == 0 && b.overElements(v)
}

// room returns the first phase of that level after what args need, a new one if
// there is none.
func (w *sweepBuilder) room(args []*ir.Value, level ir.Axes) int {
	from := 0
	for _, a := range args {
		if a = Strip(a); w.inSweep(a, w.index) {
			from = max(from, w.place[a])
			if a.Axes&w.cols != level {
				from = max(from, w.place[a]+1)
			}
		}
	}
	for i := from; i < len(w.phases); i++ {
		if w.phases[i].Level == level {
			return i
		}
	}
	w.phases = append(w.phases, &Phase{Level: level})
	return len(w.phases) - 1
}

// loops places what loops over elements make from the values of phase p: row
// reductions, a loop for each level, and in the last of them reductions over
// rows and outputs.
func (w *sweepBuilder) loops(p int) {
	var made []*Phase
	for _, v := range w.values() {
		if w.loopReduction(v) && w.inSweep(v, w.index) && w.at[v].phase == p+1 {
			made = w.reduceIn(made, v)
		}
	}
	last := func() *Phase {
		if len(made) == 0 {
			made = append(made, w.open())
		}
		return made[len(made)-1]
	}
	for _, v := range w.values() {
		if w.enters(v, w.index) && w.entered[v].phase == p && w.overElements(v) {
			last().ColSums, last().ColMoments = enter(last().ColSums, last().ColMoments, v)
		}
	}
	if p == w.lastPhase(w.index) {
		for _, o := range w.k.Func.Outs {
			if w.k.rank[o.Value.ID] == Full && w.stage[o.Value] == w.index {
				last().Stores = append(last().Stores, Store{o.Leaf, o.Value})
			}
		}
	}
}

// reduceIn adds the row reduction v to the loop of its level.
func (w *sweepBuilder) reduceIn(made []*Phase, v *ir.Value) []*Phase {
	level := v.Axes & w.cols
	i := slices.IndexFunc(made, func(ph *Phase) bool { return ph.Level == level })
	if i < 0 {
		ph := w.open()
		ph.Level = level
		made, i = append(made, ph), len(made)
	}
	made[i].RowSums, made[i].RowMoments = enter(made[i].RowSums, made[i].RowMoments, v)
	w.place[v] = slices.Index(w.phases, made[i])
	return made
}

func (w *sweepBuilder) open() *Phase {
	ph := &Phase{}
	w.phases = append(w.phases, ph)
	return ph
}

// addMoment adds v to the moments of the same value and domain.
func addMoment(ms []Moments, v *ir.Value) []Moments {
	var mask *ir.Value
	if len(v.Args) > 1 {
		mask = v.Args[1]
	}
	for i := range ms {
		if ms[i].Of == v.Args[0] && ms[i].Over == v.Over && ms[i].Mask == mask {
			ms[i].Values = append(ms[i].Values, v)
			return ms
		}
	}
	return append(ms, Moments{v.Args[0], v.Over, mask, []*ir.Value{v}})
}

// body lists the full values that the phase's roots need.
func (b *builder) body(ph *Phase) {
	in := map[*ir.Value]bool{}
	for _, r := range ph.roots() {
		b.collect(r, in)
	}
	for _, v := range b.k.Func.Values {
		if in[v] {
			ph.Body = append(ph.Body, v)
		}
	}
}

// roots lists the full values a phase reduces or stores.
func (ph *Phase) roots() []*ir.Value {
	var out []*ir.Value
	for _, v := range append(append([]*ir.Value{}, ph.RowSums...), ph.ColSums...) {
		out = append(out, v.Args[0])
	}
	for _, m := range append(append([]Moments{}, ph.RowMoments...), ph.ColMoments...) {
		out = append(out, m.Of)
	}
	for _, st := range ph.Stores {
		out = append(out, st.Value)
	}
	return out
}

func (b *builder) collect(v *ir.Value, in map[*ir.Value]bool) {
	if in[v] || b.k.rank[v.ID] != Full || v.Op == ir.Widen {
		return
	}
	in[v] = true
	for _, a := range v.Args {
		b.collect(a, in)
	}
}

// run cuts a phase's elements into runs: the longest in which every operand
// either is the same or varies from element to element. A phase that reduces
// nothing inside the row takes the runs for groups.
func (b *builder) run(ph *Phase) {
	ph.Run = ph.Level
	reads := ph.operands()
	for _, d := range b.list(b.cols &^ ph.Level) {
		if !slices.ContainsFunc(reads, func(v *ir.Value) bool { return b.partly(v, b.cols&^ph.Run) }) {
			break
		}
		ph.Run |= 1 << d
	}
	if !ph.scalar() && len(ph.RowSums)+len(ph.RowMoments)+len(ph.Tail)+len(ph.SmallSums)+len(ph.SmallMoments) == 0 {
		ph.Level = ph.Run
	}
}

// partly reports whether v varies along some, not all, of the axes of a run.
func (b *builder) partly(v *ir.Value, run ir.Axes) bool {
	a := v.Axes & run
	return b.k.rank[v.ID] != Full && a != 0 && a != run
}

// operands lists what the elements of a phase are made of, stripped.
func (ph *Phase) operands() []*ir.Value {
	var out []*ir.Value
	for _, v := range ph.Body {
		for _, a := range v.Args {
			out = append(out, Strip(a))
		}
	}
	for _, r := range ph.roots() {
		out = append(out, Strip(r))
	}
	return out
}

// merged joins each phase that has scalars alone to the next one, if that has
// its level: they become its head.
func (w *sweepBuilder) merged() []*Phase {
	var out []*Phase
	moved := make([]int, len(w.phases))
	for i, ph := range w.phases {
		if n := len(out); n > 0 && out[n-1].scalar() && out[n-1].Level == ph.Level && len(ph.Head) == 0 && len(out[n-1].SmallSums)+len(out[n-1].SmallMoments) == 0 {
			ph.Head = out[n-1].Tail
			out[n-1] = ph
		} else {
			out = append(out, ph)
		}
		moved[i] = len(out) - 1
	}
	for _, v := range w.values() {
		if w.inSweep(v, w.index) {
			w.place[v] = moved[w.place[v]]
		}
	}
	return out
}

// scalar reports whether a phase has no elements.
func (ph *Phase) scalar() bool {
	return len(ph.RowSums)+len(ph.RowMoments)+len(ph.ColSums)+len(ph.ColMoments)+len(ph.Stores) == 0
}

// traffic lists the tensors a sweep reads and writes, each once.
func traffic(sw *Sweep) (reads, writes []*ir.Leaf) {
	seen := map[*ir.Leaf]bool{}
	for _, ph := range sw.Phases {
		for _, v := range ph.Body {
			if v.Op == ir.Load && !seen[v.Leaf] {
				seen[v.Leaf] = true
				reads = append(reads, v.Leaf)
			}
		}
		for _, st := range ph.Stores {
			writes = append(writes, st.Leaf)
		}
	}
	return reads, writes
}
