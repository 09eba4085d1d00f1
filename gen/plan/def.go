package plan

import (
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// A Def says what a step does for one of its values.
type Def struct {
	Value *ir.Value
	From  Slot   // the float64 array that has it already, finished; NoSlot: the step computes it
	To    []Slot // the arrays that it is stored to
}

// Finished reports whether an array has the value already.
func (d Def) Finished() bool { return d.From.Kind != NoSlot }

// Defs lists what a step does, in dependency order, for the values that it stores or
// reads itself: a finished reduction that only others read needs no copy.
func (k *Kernel) Defs(st *Step) []Def {
	used := map[*ir.Value]bool{}
	for _, o := range st.Outs {
		used[Strip(o.Value)] = true
	}
	var defs []Def
	for _, v := range slices.Backward(st.Values) {
		d := k.def(v)
		if !used[v] && len(d.To) == 0 {
			continue
		}
		defs = append(defs, d)
		if d.Finished() || v.Op.Reduces() { // reads arrays alone
			continue
		}
		for _, a := range v.Args {
			used[Strip(a)] = true
		}
	}
	slices.Reverse(defs)
	return defs
}

func (k *Kernel) def(v *ir.Value) Def {
	d := Def{Value: v}
	d.From, _ = find(v, k.Sums, k.Given)
	for _, m := range []map[*ir.Value]Slot{k.Slot, k.Wide} {
		if s, ok := m[v]; ok {
			d.To = append(d.To, s)
		}
	}
	return d
}

// StepArray returns the array that steps read v from: in float64, if there is one.
func (k *Kernel) StepArray(v *ir.Value) (Slot, bool) { return find(v, k.Wide, k.Sums, k.Given, k.Slot) }

// SweepArray returns the array that sweeps read v from.
func (k *Kernel) SweepArray(v *ir.Value) (Slot, bool) { return find(v, k.Slot, k.Given) }

// Saved returns where a later kernel of the variant finds v.
func (k *Kernel) Saved(v *ir.Value) (Slot, bool) { return find(v, k.Wide, k.Slot, k.Sums) }

// find returns the array of v in the first of the maps that has one.
func find(v *ir.Value, maps ...map[*ir.Value]Slot) (Slot, bool) {
	for _, m := range maps {
		if s, ok := m[v]; ok {
			return s, true
		}
	}
	return Slot{}, false
}
