package gen

import (
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// Every kernel of every norm that has a plan can be executed in the order that
// the plan says, and keeps what it says where it says.
func TestPlanInvariants(t *testing.T) {
	for _, p := range accepted(t) {
		t.Run(p.String(), func(t *testing.T) { checkUnit(t, p.unit) })
	}
}

func checkUnit(t *testing.T, u *plan.Unit) {
	t.Helper()
	eachKernel(u, func(what string, v *plan.Variant, k *plan.Kernel) {
		c := newChecker(k)
		c.run()
		for _, e := range c.errs {
			t.Errorf("%s: %s", what, e)
		}
	})
	for _, m := range modes(u) {
		for _, v := range m.Variants {
			checkSlots(t, m.Name, v.Slots, v.Forward, v.Backward)
			checkGiven(t, v)
		}
	}
	checkSlots(t, "infer", u.InferSlots, u.Infer)
}

// checkSlots requires that values of one variant do not share an array, unless
// they are moments of one reduction, and that the counts say how many there are.
func checkSlots(t *testing.T, what string, n plan.Slots, ks ...*plan.Kernel) {
	t.Helper()
	owner := map[plan.Slot]*ir.Value{}
	claim := func(s plan.Slot, v *ir.Value) {
		w := owner[s]
		if w != nil && w != v && (s.Kind != plan.MomentSlot || w.Args[0] != v.Args[0]) {
			t.Errorf("%s: v%d and v%d share slot %v", what, w.ID, v.ID, s)
		}
		owner[s] = v
	}
	for _, k := range ks {
		for _, arrays := range []map[*ir.Value]plan.Slot{k.Slot, k.Wide, k.Sums} {
			for v, s := range arrays {
				claim(s, v)
			}
		}
		for _, o := range k.Outs {
			if k.Slot[plan.Strip(o.Value)] != o.Slot {
				claim(o.Slot, &ir.Value{ID: -1})
			}
		}
	}
	checkCounts(t, what, n, owner)
}

// checkCounts requires that the arrays of each kind are numbered from 0 on.
func checkCounts(t *testing.T, what string, n plan.Slots, owner map[plan.Slot]*ir.Value) {
	t.Helper()
	counts := map[plan.SlotKind]int{plan.RowSlot: n.Row, plan.GroupSlot: n.Group, plan.ColSlot: n.Col,
		plan.WideSlot: n.Wide, plan.SumSlot: n.Sum, plan.MomentSlot: n.Moment}
	used := map[plan.SlotKind]int{}
	for s := range owner {
		used[s.Kind]++
		if s.Index >= counts[s.Kind] {
			t.Errorf("%s: slot %v is beyond the %d counted", what, s, counts[s.Kind])
		}
	}
	for kind, c := range counts {
		if used[kind] != c {
			t.Errorf("%s: %d arrays of kind %d are counted, %d used", what, c, kind, used[kind])
		}
	}
}

// checkGiven requires that the backward finds what it reads where the forward
// left it.
func checkGiven(t *testing.T, v *plan.Variant) {
	t.Helper()
	left := map[plan.Slot]bool{}
	for _, arrays := range []map[*ir.Value]plan.Slot{v.Forward.Slot, v.Forward.Wide, v.Forward.Sums} {
		for _, s := range arrays {
			left[s] = true
		}
	}
	for w, s := range v.Backward.Given {
		if !left[s] {
			t.Errorf("the backward reads v%d from slot %v, which the forward does not fill", w.ID, s)
		}
	}
}

// The checker finds what is wrong with a plan that was broken.
func TestCheckerFinds(t *testing.T) {
	last := func(k *plan.Kernel) *plan.Sweep { return k.Stages[len(k.Stages)-1].Sweep }
	breaks := []struct {
		spec, norm, what string
		do               func(k *plan.Kernel)
	}{
		{"standard", "LayerNorm", "a value of the loop is missing", func(k *plan.Kernel) { p := last(k).Phases[1]; p.Body = p.Body[1:] }},
		{"standard", "LayerNorm", "phases in the wrong order", func(k *plan.Kernel) { slices.Reverse(last(k).Phases) }},
		{"standard", "LayerNorm", "a row value is missing", func(k *plan.Kernel) { p := last(k).Phases[0]; p.Tail = p.Tail[:len(p.Tail)-1] }},
		{"standard", "LayerNorm", "a store is missing", func(k *plan.Kernel) { last(k).Phases[1].Stores = nil }},
		{"standard", "LayerNorm", "a store is doubled", func(k *plan.Kernel) { p := last(k).Phases[1]; p.Stores = append(p.Stores, p.Stores...) }},
		{"standard", "LayerNorm", "a value is doubled", func(k *plan.Kernel) { p := last(k).Phases[0]; p.Tail = append(p.Tail, p.Tail[0]) }},
		{"standard", "BatchNorm", "stages in the wrong order", func(k *plan.Kernel) { slices.Reverse(k.Stages) }},
		{"standard", "BatchNorm", "a column step is missing", func(k *plan.Kernel) { k.Stages[1].Columns = nil }},
		{"standard", "BatchNorm", "a column array is missing", func(k *plan.Kernel) { clear(k.Slot) }},
		{"standard", "BatchNorm", "a finished sum has no array", func(k *plan.Kernel) { clear(k.Sums) }},
		{"standard", "BatchNorm", "a reduction is missing", func(k *plan.Kernel) { k.Stages[0].Sweep.Phases[0].ColMoments = nil }},
		{"powernorm", "PowerNormReleased", "a loop over groups does not know it", func(k *plan.Kernel) { k.Stages[0].Sweep.Phases[0].Grouped = false }},
	}
	for _, b := range breaks {
		for _, p := range planSpec(t, "../testdata/"+b.spec+".dsl") {
			if p.name != b.norm {
				continue
			}
			k := p.unit.Train.Variants[0].Forward
			b.do(k)
			c := newChecker(k)
			if c.run(); len(c.errs) == 0 {
				t.Errorf("%s: %s, and the checker does not see it", b.norm, b.what)
			}
		}
	}
}
