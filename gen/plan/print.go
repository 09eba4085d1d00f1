package plan

import (
	"fmt"
	"strings"

	"github.com/normgen/normgen/gen/ir"
)

// String is the dump of a unit: every kernel, sweep by sweep.
func (u *Unit) String() string {
	p := &planPrinter{layer: u.Layer}
	p.line("plan %s rows %s columns %s", u.Name, p.dims(u.Rows), p.dims(u.Cols))
	p.mode(u.Train)
	if u.Eval != u.Train {
		p.mode(u.Eval)
	}
	for _, v := range u.Infer {
		p.kernel(v.Forward, "infer"+v.text(u.Layer))
	}
	return p.String()
}

type planPrinter struct {
	strings.Builder
	layer *ir.Layer
}

func (p *planPrinter) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *planPrinter) dims(dims []int) string {
	var names []string
	for _, d := range dims {
		names = append(names, p.layer.Axes[d].Name)
	}
	return "[" + strings.Join(names, " ") + "]"
}

func (p *planPrinter) mode(m *Mode) {
	for _, v := range m.Variants {
		p.kernel(v.Forward, m.Name+v.text(p.layer)+" forward")
		p.kernel(v.Backward, m.Name+v.text(p.layer)+" backward")
	}
}

// text names the variant: masked, and the conditions it assumes.
func (v *Variant) text(l *ir.Layer) string {
	s := ""
	if v.Masked {
		s += " masked"
	}
	if c := v.Conditions(l); c != "" {
		s += " when " + c
	}
	return s
}

// Conditions writes what the variant assumes of the step and the knobs.
func (v *Variant) Conditions(l *ir.Layer) string {
	var parts []string
	for _, o := range v.When {
		c := l.Equation(o.Cond)
		if !o.Holds {
			c = "not " + c
		}
		parts = append(parts, c)
	}
	return strings.Join(parts, " and ")
}

func (p *planPrinter) kernel(k *Kernel, name string) {
	p.line("%s: %d sweeps, %d passes of at least %d", name, len(k.Stages), k.Passes(), k.Bound())
	p.values(k, "  given", k.given())
	for i, st := range k.Stages {
		p.steps(k, fmt.Sprintf("  columns %d", i+1), st.Columns)
		p.steps(k, fmt.Sprintf("  segment %d", i+1), st.Begin)
		p.values(k, "    sums over segments", st.Sums)
		p.values(k, "    moments over segments", momentValues(st.Moments))
		p.stores(st.Stores)
		p.sweep(k, i, st)
	}
	p.steps(k, "  finish", k.Finish)
	for _, o := range k.Outs {
		p.line("  result %s = v%d", o.Name, o.Value.ID)
	}
}

// steps prints loops; one that is not over all columns says over what.
func (p *planPrinter) steps(k *Kernel, what string, steps []*Step) {
	for _, st := range steps {
		name := what
		if st.Shape != k.sp.cols {
			name += " " + k.sp.names(st.Shape)
		}
		p.values(k, name, st.Values)
	}
}

func (p *planPrinter) stores(stores []Store) {
	for _, st := range stores {
		p.line("      store %s = v%d", st.Leaf.Name, st.Value.ID)
	}
}

// given lists what an earlier kernel saved.
func (k *Kernel) given() []*ir.Value {
	var out []*ir.Value
	for _, v := range k.Func.Values {
		if _, ok := k.Given[v]; ok {
			out = append(out, v)
		}
	}
	return out
}

func (p *planPrinter) sweep(k *Kernel, i int, st *Stage) {
	linked := ""
	if st.Linked {
		linked = ", segment by segment"
	}
	p.line("  sweep %d%s: reads %s writes %s", i+1, linked, leafNames(st.Sweep.Reads), leafNames(st.Sweep.Writes))
	for _, ph := range st.Sweep.Phases {
		p.phase(k, ph)
	}
	p.values(k, "    save", st.Sweep.Saves)
}

func (p *planPrinter) phase(k *Kernel, ph *Phase) {
	by := ""
	if ph.Level != 0 {
		by = " by group " + k.sp.names(ph.Level)
	}
	if ph.Run != ph.Level {
		by += " in runs " + k.sp.names(ph.Run)
	}
	p.values(k, "    head"+by, ph.Head)
	p.values(k, "    loop"+by, ph.Body)
	p.values(k, "      row sums", ph.RowSums)
	p.values(k, "      row moments", momentValues(ph.RowMoments))
	p.values(k, "      column sums", ph.ColSums)
	p.values(k, "      column moments", momentValues(ph.ColMoments))
	p.stores(ph.Stores)
	p.values(k, "    tail"+by, ph.Tail)
	p.values(k, "      sums over rows", ph.SmallSums)
	p.values(k, "      moments over rows", momentValues(ph.SmallMoments))
}

func momentValues(ms []Moments) []*ir.Value {
	var out []*ir.Value
	for _, m := range ms {
		out = append(out, m.Values...)
	}
	return out
}

func leafNames(ls []*ir.Leaf) string {
	var out []string
	for _, l := range ls {
		out = append(out, l.Name)
	}
	return strings.Join(out, " ")
}

// values prints a list of values, one a line, unless it is empty.
func (p *planPrinter) values(k *Kernel, what string, vals []*ir.Value) {
	if len(vals) == 0 {
		return
	}
	p.line("%s", what)
	for _, v := range vals {
		from := ""
		if s, ok := k.Given[v]; ok {
			from = fmt.Sprintf("  <- %s %d", slotNames[s.Kind], s.Index)
		}
		for _, slots := range []map[*ir.Value]Slot{k.Slot, k.Wide} {
			if s, ok := slots[v]; ok {
				from += fmt.Sprintf("  -> %s %d", slotNames[s.Kind], s.Index)
			}
		}
		p.line("        %s%s", p.layer.Line(v), from)
	}
}

var slotNames = [NumSlots]string{NoSlot: "none", RowSlot: "row", GroupSlot: "group", ColSlot: "column", WideSlot: "wide", SumSlot: "sum", MomentSlot: "moment",
	SegColSlot: "segment column", SegWideSlot: "segment wide", SegSumSlot: "segment sum", SegMomentSlot: "segment moment"}
