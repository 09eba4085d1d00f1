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

func checkUnit(t testing.TB, u *plan.Unit) {
	t.Helper()
	eachKernel(u, func(what string, v *plan.Variant, k *plan.Kernel) {
		c := newChecker(u, k)
		c.run()
		for _, e := range c.errs {
			t.Errorf("%s: %s", what, e)
		}
	})
	for _, m := range modes(u) {
		for _, v := range m.Variants {
			checkSlots(t, u, m.Name, v, v.Forward, v.Backward)
			checkGiven(t, v)
		}
	}
	for _, v := range u.Infer {
		checkSlots(t, u, "infer", v, v.Forward)
	}
	for _, up := range u.Updates {
		checkSteps(t, up.State.Name, up.Steps)
	}
}

// checkSlots requires that values of one variant do not share an array, unless
// they are moments of one reduction, and that the counts say how many there are.
func checkSlots(t testing.TB, u *plan.Unit, what string, v *plan.Variant, ks ...*plan.Kernel) {
	t.Helper()
	owner := map[plan.Slot]*ir.Value{}
	claim := func(s plan.Slot, v *ir.Value) {
		w := owner[s]
		moments := s.Kind == plan.MomentSlot || s.Kind == plan.SegMomentSlot
		if w != nil && w != v && !(moments && w.Args[0] == v.Args[0] && w.Over == v.Over && w.Mask() == v.Mask()) {
			t.Errorf("%s: v%d and v%d share slot %v", what, w.ID, v.ID, s)
		}
		owner[s] = v
	}
	for _, k := range ks {
		for i, arrays := range []map[*ir.Value]plan.Slot{k.Slot, k.Wide, k.Sums} {
			for v, s := range arrays {
				if s.Kind != slotKind(k, v, i) || s.Shape != u.Small(v.Axes) {
					t.Errorf("%s: v%d of rank %d is in slot %v", what, v.ID, k.Rank(v), s)
				}
				claim(s, v)
			}
		}
		for _, o := range k.Outs {
			if !lies(k, o) {
				claim(o.Slot, &ir.Value{ID: -1})
			}
		}
	}
	checkCounts(t, what, v.Slots, owner)
	checkArrays(t, u, what, owner)
}

// slotKind is the kind of array for a value of its rank: rounded, in float64,
// or a finished reduction.
func slotKind(k *plan.Kernel, v *ir.Value, list int) plan.SlotKind {
	col := []plan.SlotKind{plan.ColSlot, plan.WideSlot, plan.SumSlot}
	seg := []plan.SlotKind{plan.SegColSlot, plan.SegWideSlot, plan.SegSumSlot}
	if v.Op >= ir.MomentMean && v.Op <= ir.MomentSS {
		col[2], seg[2] = plan.MomentSlot, plan.SegMomentSlot
	}
	switch k.Rank(v) {
	case plan.Row:
		return plan.RowSlot
	case plan.Group:
		return plan.GroupSlot
	case plan.Seg:
		return seg[list]
	}
	return col[list]
}

// checkCounts requires that the arrays of each kind and shape are numbered from
// 0 on.
func checkCounts(t testing.TB, what string, n plan.Slots, owner map[plan.Slot]*ir.Value) {
	t.Helper()
	used := plan.Slots{}
	for s := range owner {
		kind := plan.Slot{Kind: s.Kind, Shape: s.Shape}
		used[kind]++
		if s.Index >= n[kind] {
			t.Errorf("%s: slot %v is beyond the %d counted", what, s, n[kind])
		}
	}
	for kind, c := range n {
		if used[kind] != c {
			t.Errorf("%s: %d arrays of %v are counted, %d used", what, c, kind, used[kind])
		}
	}
}

// checkArrays requires that each slot has an array of the unit to itself.
func checkArrays(t testing.TB, u *plan.Unit, what string, owner map[plan.Slot]*ir.Value) {
	t.Helper()
	arrays := u.Arrays()
	type array struct {
		kind  plan.SlotKind
		index int
	}
	taken := map[array]bool{}
	for s := range owner {
		a := array{s.Kind, arrays.Index(s)}
		if taken[a] || a.index >= len(arrays[s.Kind]) || arrays[s.Kind][a.index] != s.Shape {
			t.Errorf("%s: slot %v is array %d of its kind, which is taken or of another shape", what, s, a.index)
		}
		taken[a] = true
	}
}

// checkGiven requires that the backward finds what it reads where the forward
// left it.
func checkGiven(t testing.TB, v *plan.Variant) {
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

// checkSteps requires that each loop of an update has what it reads, that the
// last one makes the results, and that each value is computed once.
func checkSteps(t testing.TB, what string, p *plan.Steps) {
	t.Helper()
	once, array := map[*ir.Value]bool{}, map[*ir.Value]bool{}
	free := func(v *ir.Value) bool { // numbers and leaves
		return v.Op == ir.Load || v.Axes == 0 && !once[v] && !dependsOnArray(v)
	}
	var here map[*ir.Value]bool
	for _, st := range p.List {
		here = map[*ir.Value]bool{}
		for _, v := range st.Values {
			if once[v] || v.Axes != st.Shape {
				t.Errorf("%s: v%d is computed twice or in a loop of another shape", what, v.ID)
			}
			for _, a := range v.Args {
				if a = plan.Strip(a); !free(a) && !array[a] && (v.Op.Reduces() || !here[a]) {
					t.Errorf("%s: v%d needs v%d, which the loop does not have", what, v.ID, a.ID)
				}
			}
			once[v], here[v] = true, true
		}
		for _, v := range st.Values {
			if i, ok := p.Temp[v]; ok {
				array[v] = p.Temps[i] == v.Axes
			}
		}
	}
	for _, o := range p.Func.Outs {
		if v := plan.Strip(o.Value); p.List[len(p.List)-1].Shape != o.Value.Axes || !here[v] && !array[v] && !free(v) {
			t.Errorf("%s: the last loop does not make %s", what, o.Name)
		}
	}
}

// dependsOnArray reports whether v is made of a parameter, state or statistic,
// or of a position.
func dependsOnArray(v *ir.Value) bool {
	if v.Op == ir.Load {
		return v.Leaf.Kind != ir.KnobLeaf && v.Leaf.Kind != ir.CountLeaf
	}
	return v.Op == ir.Index || slices.ContainsFunc(v.Args, dependsOnArray)
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
		{"standard", "LayerNorm", "a result too many", func(k *plan.Kernel) { k.Outs = append(k.Outs, plan.Output{}) }},
		{"standard", "BatchNorm", "stages in the wrong order", func(k *plan.Kernel) { slices.Reverse(k.Stages) }},
		{"standard", "BatchNorm", "a column step is missing", func(k *plan.Kernel) { k.Stages[1].Columns = nil }},
		{"standard", "BatchNorm", "a column array is missing", func(k *plan.Kernel) { clear(k.Slot) }},
		{"standard", "BatchNorm", "a result is read from another array", func(k *plan.Kernel) { k.Outs[0].Slot.Index++ }},
		{"standard", "BatchNorm", "a reduction is missing", func(k *plan.Kernel) { k.Stages[0].Sweep.Phases[0].ColMoments = nil }},
		{"standard", "BatchNorm", "a column sum finished for each segment", func(k *plan.Kernel) { k.Stages[1].Linked = true }},
		{"powernorm", "PowerNormReleased", "a loop over groups does not know it", func(k *plan.Kernel) { k.Stages[0].Sweep.Phases[0].Level = 0 }},
		{"spatial", "InstanceNormNCS", "a run is the whole row", func(k *plan.Kernel) { last(k).Phases[0].Run = 0 }},
		{"spatial", "InstanceNormNSC", "a segment's step is missing", func(k *plan.Kernel) { k.Stages[1].Begin = nil }},
		{"spatial", "InstanceNormNSC", "a result is not copied", func(k *plan.Kernel) { uncopy(k.Stages) }},
		{"spatial", "InstanceNormNSC", "a segment's array is missing", func(k *plan.Kernel) { clear(k.Slot) }},
		{"spatial", "InstanceNormNSC", "a segment's step comes too early", func(k *plan.Kernel) { k.Stages[0].Begin, k.Stages[1].Begin = k.Stages[1].Begin, nil }},
	}
	for _, b := range breaks {
		found := false
		for _, p := range planSpec(t, "../testdata/"+b.spec+".dsl") {
			if p.name != b.norm {
				continue
			}
			found = true
			k := p.unit.Train.Variants[0].Forward
			b.do(k)
			c := newChecker(p.unit, k)
			if c.run(); len(c.errs) == 0 {
				t.Errorf("%s: %s, and the checker does not see it", b.norm, b.what)
			}
		}
		if !found {
			t.Errorf("%s has no %s", b.spec, b.norm)
		}
	}
}

func uncopy(stages []*plan.Stage) {
	for _, st := range stages {
		for _, begin := range st.Begin {
			begin.Outs = nil
		}
	}
}
