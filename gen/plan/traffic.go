package plan

import (
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
func (u *Unit) Kernels() int {
	n := 1 + 2*len(u.Train.Variants)
	if u.Eval != u.Train {
		n += 2 * len(u.Eval.Variants)
	}
	return n
}

// Saved returns how many numbers the forward of a variant keeps for its
// backward: per row, per group of a row, and per column.
func (v *Variant) Saved() (row, group, col int) {
	seen := map[Slot]bool{}
	for _, s := range v.Backward.Given {
		if seen[s] {
			continue
		}
		seen[s] = true
		switch s.Kind {
		case RowSlot:
			row++
		case GroupSlot:
			group++
		case MomentSlot:
			col += 2
		default:
			col++
		}
	}
	return row, group, col
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
			row, group, col := v.Saved()
			fmt.Fprintf(&b, "  saves %d numbers a row, %d a group, %d a column\n", row, group, col)
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
		for _, c := range k.chain(i) {
			fmt.Fprintf(b, "    waits for %s, which every row enters\n", c)
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
		for _, v := range ph.ColSums {
			text[v] = k.sp.layer.Equation(v)
		}
		for _, m := range ph.ColMoments {
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
	return out
}
