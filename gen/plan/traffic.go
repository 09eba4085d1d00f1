package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/normgen/normgen/gen/ir"
)

// Passes is the number of tensor passes of a kernel: each read or write of a
// whole tensor is one.
func (k *Kernel) Passes() int {
	n := 0
	for _, st := range k.Stages {
		n += len(st.Sweep.Reads) + len(st.Sweep.Writes)
	}
	return n
}

// Bound is the least number of passes any plan could have: every tensor that
// the result depends on is read once, every output written once.
func (k *Kernel) Bound() int {
	seen := map[*ir.Leaf]bool{}
	n := 0
	for _, st := range k.Stages {
		for _, l := range st.Sweep.Reads {
			if !seen[l] {
				seen[l] = true
				n++
			}
		}
		n += len(st.Sweep.Writes)
	}
	return n
}

// Kernels counts the kernels of the unit.
func (u *Unit) Kernels() int { return len(u.kernels()) }

func (u *Unit) kernels() []*Kernel {
	var out []*Kernel
	for _, v := range u.Infer {
		out = append(out, v.Forward)
	}
	modes := []*Mode{u.Train}
	if u.Eval != u.Train {
		modes = append(modes, u.Eval)
	}
	for _, m := range modes {
		for _, v := range m.Variants {
			out = append(out, v.Forward, v.Backward)
		}
	}
	return out
}

// A Kept is what a forward keeps for its backward, in bytes of float32 storage
// for each row, group, column, ...
type Kept struct {
	Per   string `json:"per"`
	Bytes int    `json:"bytes"`
}

func (k Kept) String() string { return fmt.Sprintf("%d a %s", k.Bytes, k.Per) }

// Saved lists what the forward of a variant keeps for its backward.
func (v *Variant) Saved() []Kept {
	var out []Kept
	for _, s := range sortedSlots(v.Backward.Given) {
		per := v.Forward.sp.per(s)
		i := slices.IndexFunc(out, func(k Kept) bool { return k.Per == per })
		if i < 0 {
			i, out = len(out), append(out, Kept{Per: per})
		}
		out[i].Bytes += s.bytes()
	}
	return out
}

// Text joins a list: "12 a row, 4 a column".
func Text(kept []Kept) string {
	var parts []string
	for _, k := range kept {
		parts = append(parts, k.String())
	}
	return strings.Join(parts, ", ")
}

// sortedSlots lists the distinct slots: those of rows first.
func sortedSlots(given map[*ir.Value]Slot) []Slot {
	var out []Slot
	for _, s := range given {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Slot) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Shape, b.Shape), cmp.Compare(a.Index, b.Index))
	})
	return out
}

// per names what a slot has an element for.
func (s *space) per(slot Slot) string {
	switch k := slot.Kind; {
	case k == RowSlot:
		return "row"
	case k == GroupSlot:
		return "group"
	case k >= SegColSlot && slot.Shape == 0:
		return "segment"
	case k >= SegColSlot:
		return "segment and column"
	case slot.Shape == 0:
		return "layer"
	}
	return "column"
}

// bytes is the size of an element of the slot, for float32 storage.
func (s Slot) bytes() int {
	switch {
	case s.Moments():
		return 16
	case s.Wide():
		return 8
	}
	return 4
}

// Traffic explains what a step of each variant moves, and for every sweep after
// the first what forces it.
func (u *Unit) Traffic() string {
	var b strings.Builder
	for _, m := range []*Mode{u.Train, u.Eval} {
		for _, v := range m.Variants {
			for _, k := range []*Kernel{v.Forward, v.Backward} {
				u.kernelTraffic(&b, m.Name+v.text(u.Layer)+" "+k.Name, k)
			}
			if saved := Text(v.Saved()); saved != "" {
				fmt.Fprintf(&b, "  saves, in bytes of float32: %s\n", saved)
			}
		}
		if u.Eval == u.Train {
			break
		}
	}
	return b.String()
}

func (u *Unit) kernelTraffic(b *strings.Builder, name string, k *Kernel) {
	fmt.Fprintf(b, "%s %s: %d passes, lower bound %d; float32: %d bytes an element, bound %d\n",
		u.Name, name, k.Passes(), k.Bound(), 4*k.Passes(), 4*k.Bound())
	for i, st := range k.Stages {
		fmt.Fprintf(b, "  sweep %d reads %s", i+1, leafNames(st.Sweep.Reads))
		if len(st.Sweep.Writes) > 0 {
			fmt.Fprintf(b, ", writes %s", leafNames(st.Sweep.Writes))
		}
		b.WriteByte('\n')
		of := ""
		if st.Linked {
			of = " of the segment"
		}
		for _, c := range k.chain(i) {
			fmt.Fprintf(b, "    waits for %s, which every row%s enters\n", c, of)
		}
	}
}

// chain lists the column reductions of the sweep before i that sweep i needs,
// the moments of one value once.
func (k *Kernel) chain(i int) []string {
	if i == 0 {
		return nil
	}
	text := map[*ir.Value]string{}
	for _, ph := range k.Stages[i-1].Sweep.Phases {
		for _, v := range append(slices.Clone(ph.ColSums), ph.SmallSums...) {
			text[v] = k.sp.layer.Equation(v)
		}
		for _, m := range append(slices.Clone(ph.ColMoments), ph.SmallMoments...) {
			for _, v := range m.Values {
				text[v] = "the moments of " + k.sp.layer.Equation(m.Of) + " over " + k.sp.names(m.Over)
			}
		}
	}
	var out []string
	seen := map[*ir.Value]bool{}
	var visit func(v *ir.Value)
	visit = func(v *ir.Value) {
		if seen[v] {
			return
		}
		seen[v] = true
		if s, ok := text[v]; ok {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
			return
		}
		for _, a := range v.Args {
			visit(a)
		}
	}
	for _, v := range k.Stages[i].Sweep.loopOperands() {
		visit(v)
	}
	for _, st := range k.Stages[i].Begin {
		for _, v := range st.Values {
			visit(v)
		}
	}
	return out
}
