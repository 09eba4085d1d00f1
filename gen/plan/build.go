package plan

import (
	"fmt"
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// A builder plans one kernel.
type builder struct {
	space
	k        *Kernel
	at       map[*ir.Value]when // when the value can be had
	entered  map[*ir.Value]when // reductions over rows: when their operand can be had
	stage    map[*ir.Value]int  // at, as an index of Stages
	needed   map[*ir.Value]bool
	place    map[*ir.Value]int  // row and group values: the phase of their sweep that makes them
	readBack map[*ir.Value]bool // row and group values that their own kernel reads back from arrays
	saves    []*ir.Value
	base     []int // index of each stage's first sweep, and the number of all
}

// A when is a point in the execution of a kernel: between reductions of the
// three levels.
type when struct{ stage, sweep, phase int }

func later(a, b when) when {
	if a.stage != b.stage {
		if a.stage > b.stage {
			return a
		}
		return b
	}
	if a.sweep != b.sweep {
		if a.sweep > b.sweep {
			return a
		}
		return b
	}
	if a.phase > b.phase {
		return a
	}
	return b
}

// buildKernel plans f. The values in given are read from their slots; those in
// saves are kept for a later kernel; slots allots both.
func buildKernel(sp space, name string, f *ir.Func, given map[*ir.Value]Slot, saves []*ir.Value, slots *Slots) (*Kernel, error) {
	b := &builder{space: sp, saves: saves, at: map[*ir.Value]when{}, entered: map[*ir.Value]when{}, stage: map[*ir.Value]int{},
		needed: map[*ir.Value]bool{}, place: map[*ir.Value]int{}, readBack: map[*ir.Value]bool{}}
	b.k = &Kernel{Name: name, Func: f, sp: sp, Given: given, Slot: map[*ir.Value]Slot{}, Wide: map[*ir.Value]Slot{}, Sums: map[*ir.Value]Slot{},
		width: make(byID[Width], len(f.Values)), op: make(byID[Width], len(f.Values)), rank: make(byID[Rank], len(f.Values))}
	b.need()
	for _, pass := range []func() error{b.classify, b.schedule, b.sweeps} {
		if err := pass(); err != nil {
			return nil, err
		}
	}
	b.rowSlots(slots)
	b.widths()
	b.steps(slots)
	b.k.Stages = slices.DeleteFunc(b.k.Stages, (*Stage).idle)
	return b.k, nil
}

// idle reports whether nothing is left to do in a stage that only waited for
// what the stage before it reduces over a segment.
func (st *Stage) idle() bool {
	return st.Linked && len(st.Begin)+len(st.Sums)+len(st.Moments)+len(st.Stores)+len(st.Sweep.Phases) == 0
}

// need marks what the outputs and saves depend on, without looking behind
// given values.
func (b *builder) need() {
	for _, o := range b.k.Func.Outs {
		b.mark(o.Value)
	}
	for _, v := range b.saves {
		b.mark(v)
	}
}

func (b *builder) mark(v *ir.Value) {
	if b.needed[v] {
		return
	}
	b.needed[v] = true
	if b.isGiven(v) {
		return
	}
	for _, a := range v.Args {
		b.mark(a)
	}
}

func (b *builder) isGiven(v *ir.Value) bool {
	_, ok := b.k.Given[v]
	return ok
}

// computed reports whether the kernel itself computes v at its rank.
func (b *builder) computed(v *ir.Value) bool {
	return !isLeaf(v) && !b.isGiven(v) && v.Op != ir.Widen
}

// values lists the needed values in dependency order.
func (b *builder) values() []*ir.Value {
	var out []*ir.Value
	for _, v := range b.k.Func.Values {
		if b.needed[v] {
			out = append(out, v)
		}
	}
	return out
}

// classify gives every needed value its rank. A Widen may lie between ranks: it
// is looked through.
func (b *builder) classify() error {
	for _, v := range b.values() {
		r, err := b.space.rank(v)
		if err != nil && v.Op != ir.Widen {
			return b.layer.Refuse(v.Line, "%s %s", describe(v), err)
		}
		b.k.rank[v.ID] = r
	}
	return nil
}

func describe(v *ir.Value) string {
	if v.Name != "" {
		return v.Name
	}
	return fmt.Sprintf("v%d (%s)", v.ID, ir.Ops[v.Op].Name)
}

// schedule finds when every value can be had.
func (b *builder) schedule() error {
	for _, v := range b.values() {
		if err := b.date(v); err != nil {
			return err
		}
	}
	b.flatten()
	return nil
}

func (b *builder) date(v *ir.Value) error {
	if isLeaf(v) || b.isGiven(v) {
		return nil
	}
	var t when
	for _, a := range v.Args {
		t = later(t, b.at[a])
	}
	b.at[v] = t
	if err := b.checkDomain(v); err != nil {
		return err
	}
	if v.Op.Reduces() {
		return b.dateReduction(v, t)
	}
	return nil
}

// crossesRows reports whether v is a reduction over rows or segments.
func (b *builder) crossesRows(v *ir.Value) bool { return v.Op.Reduces() && v.Over&b.rows != 0 }

// overElements reports whether v reduces elements, not values below full rank.
func (b *builder) overElements(v *ir.Value) bool { return b.k.rank[v.Args[0].ID] == Full }

func (b *builder) dateReduction(v *ir.Value, t when) error {
	from, to := b.k.rank[v.Args[0].ID], b.k.rank[v.ID]
	switch {
	case v.Over&b.rows == 0 && len(v.Args) > 1:
		return b.layer.Refuse(v.Line, "the reduction %s inside a row has a domain that the plan cannot select", describe(v))
	case v.Op == ir.MaxOf && b.crossesRows(v):
		return b.layer.Refuse(v.Line, "the largest of %s over rows has no schedule", describe(v.Args[0]))
	case from == Full && (to == Row || to == Group):
		t.phase++
	case !b.crossesRows(v):
	case to == Seg:
		b.entered[v] = t
		t = when{t.stage, t.sweep + 1, 0}
	case to == Col:
		b.entered[v] = t
		t = when{t.stage + 1, 0, 0}
	default:
		return b.layer.Refuse(v.Line, "the reduction %s over %s of a value over %s has no schedule", describe(v), b.names(v.Over), b.names(v.Args[0].Axes))
	}
	b.at[v] = t
	return nil
}

// flatten numbers the sweeps of all stages.
func (b *builder) flatten() {
	var counts []int
	want := func(t when) {
		for len(counts) <= t.stage {
			counts = append(counts, 1)
		}
		counts[t.stage] = max(counts[t.stage], t.sweep+1)
	}
	for _, v := range b.values() {
		switch r := b.k.rank[v.ID]; {
		case b.crossesRows(v) && !b.isGiven(v):
			want(b.entered[v])
			if r == Seg {
				want(b.at[v])
			}
		case r >= Seg && b.computed(v):
			want(b.at[v])
		}
	}
	for _, o := range b.k.Func.Outs {
		if b.k.rank[o.Value.ID] == Full {
			want(b.at[o.Value])
		}
	}
	b.base = []int{0}
	for _, n := range counts {
		b.base = append(b.base, b.base[len(b.base)-1]+n)
	}
	for _, v := range b.values() {
		b.stage[v] = b.index(b.at[v])
	}
}

// index is the sweep of a point in time; after the last stage it is their number.
func (b *builder) index(t when) int {
	if t.stage >= len(b.base) {
		return b.sweepCount()
	}
	return b.base[t.stage] + t.sweep
}

func (b *builder) sweepCount() int { return b.base[len(b.base)-1] }

// phaseAt is the phase from which a can be used in sweep s.
func (b *builder) phaseAt(a *ir.Value, s int) int {
	if b.stage[a] < s {
		return 0
	}
	return b.at[a].phase
}

// checkDomain refuses sizes, counts and positions that a kernel has no number for.
func (b *builder) checkDomain(v *ir.Value) error {
	rows := v.Over & b.rows
	known := rows == 0 || rows == b.rows || rows == b.segs || rows == b.rows&^b.segs
	switch {
	case (v.Op == ir.Size || v.Op == ir.Count) && !known:
		return b.layer.Refuse(v.Line, "the kernels do not know the size of %s alone", b.names(v.Over))
	case v.Op == ir.Index && v.Over&b.rows != 0:
		return b.layer.Refuse(v.Line, "the kernels know positions along columns, not along %s", b.names(v.Over))
	}
	return b.checkMask(v)
}

// checkMask refuses masks that the kernels cannot select or count.
func (b *builder) checkMask(v *ir.Value) error {
	m := v.Mask()
	if m == nil {
		return nil
	}
	m = Strip(m)
	declared := m.Op == ir.Load
	switch {
	case v.Op == ir.Count && !declared && v.Axes != 0:
		return b.layer.Refuse(v.Line, "the elements where %s holds are counted all together, not for each of %s", describe(m), b.names(v.Axes))
	case declared || v.Op == ir.Sum || v.Over&b.rows == 0 || v.Op == ir.Count && m.Axes&b.rows == 0:
		return nil
	}
	return b.layer.Refuse(v.Line, "a domain over rows is a declared mask, %s is computed", describe(m))
}
