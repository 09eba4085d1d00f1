package asmgen

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/plan"
)

// A Choice is one line of why a function is as it is.
type Choice struct{ What, Value, Why string }

// An Explained function is one of a file, with its schedule.
type Explained struct {
	Name     string
	Equation string // what it computes for each element
	Schedule Schedule
	Choices  []Choice
}

// Explain says how each loop of the file runs.
func (f *File) Explain() ([]Explained, error) {
	var out []Explained
	for _, w := range f.loops {
		if err := f.set.compile(w); err != nil {
			return nil, err
		}
		if w.rows != nil {
			out = append(out, Explained{Name: w.name, Equation: rowEquations(w.rows), Choices: f.set.rowChoices(w)})
			continue
		}
		out = append(out, Explained{w.name, equations(w.loop), w.schedule, f.set.choices(w)})
	}
	return out, nil
}

// equations writes what leaves the loop.
func equations(l *plan.Loop) string {
	var out []string
	for _, p := range l.Params {
		what := map[plan.ParamKind]string{plan.StoreParam: " = ", plan.AddParam: " += ", plan.SumParam: " = sum of "}[p.Kind]
		if what != "" && p.Row == 0 {
			out = append(out, p.Name+what+l.Kernel.Equation(p.Value))
		}
	}
	return strings.Join(out, ", ")
}

// choices explains a function from its schedule and from what the allocator made.
func (s *Set) choices(w *written) []Choice {
	c := w.schedule
	vectors, general := used(w.function)
	cycles, port := c.Work.Cycles()
	out := []Choice{
		{"rows", fmt.Sprint(c.Rows), whyRows(w.loop)},
		{"step", count(c.Step, "element") + ", " + count(max(1, c.Step/s.Lanes), "vector"), c.whyStep(w.loop)},
		{"work", c.Work.String(), fmt.Sprintf("at least %s for 64 bytes of each row, by %s", count(cycles, "cycle"), port)},
		{"stores", map[bool]string{true: "cached or streaming", false: "cached"}[c.Streams], c.whyStores(w.loop)},
		{"vectors", fmt.Sprintf("%d of %d", vectors, s.Vectors()), fmt.Sprintf("the elements hold about %d at once", c.Pressure)},
		{"general", fmt.Sprintf("%d of %d", general, generalRegisters), "a pointer for each slice, counts and ends"},
	}
	if c.Sums > 0 {
		out = append(out, Choice{"row sums", count(c.Sums, "register"), c.whySums()})
	}
	if n := scalars(w.loop); n > 0 {
		out = append(out, Choice{"scalars", fmt.Sprintf("%d of %d in registers", c.Scalars, n), "the others are read where they are used"})
	}
	return out
}

// count writes a number of things.
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func whyRows(l *plan.Loop) string {
	if l.Walks() {
		return "column values are read, and column sums written, once for all of them; as many as the general registers have addresses for"
	}
	if l.Rows > 1 {
		return "rows know nothing of each other: column values are read, and column sums written, once for all of them"
	}
	return "one row at a time"
}

func (c Schedule) whyStep(l *plan.Loop) string {
	switch {
	case l.Step:
		return "as many float64 as a register has; float32 beside them fill half of one"
	case c.Strip > 0:
		return fmt.Sprintf("by rows; by strips %s, with %s of columns in registers", count(c.Strip, "vector"), count(c.Held, "value"))
	case c.Sums > 0:
		return "all lanes of a row sum, so that each has its own chain of additions"
	case c.Step < fullStep:
		return fmt.Sprintf("a vector of a row takes %d cycles or more, beside which counting costs nothing", longWork)
	}
	return "counting costs little beside so many elements"
}

func (c Schedule) whyStores(l *plan.Loop) string {
	switch {
	case c.Streams && l.Past:
		return "past the caches if the pass is too large for them; the end of a row waits for the next to fill its line"
	case c.Streams:
		return "past the caches if the pass is too large for them and its rows are aligned"
	case l.Past:
		return "computing takes longer than the stores"
	case l.Stores():
		return "what it stores is read again soon"
	}
	return "column sums stay in the caches"
}

func (c Schedule) whySums() string {
	if c.Frame {
		return fmt.Sprintf("the %d lanes of the tree; the total in float64 waits in the frame, as there are no more registers", plan.Lanes)
	}
	return fmt.Sprintf("the %d lanes of the tree and a total in float64 for each sum", plan.Lanes)
}

func scalars(l *plan.Loop) int {
	n := 0
	for _, p := range l.Params {
		if p.Kind == plan.ScalarParam || p.Kind == plan.RunParam {
			n++
		}
	}
	return n
}

// used counts the registers that a function was given.
func used(fn *ir.Function) (vectors, general int) {
	seen := map[reg.Kind]map[reg.Index]bool{reg.KindVector: {}, reg.KindGP: {}}
	for _, i := range fn.Instructions() {
		for _, r := range i.Registers() {
			if p := reg.ToPhysical(r); p != nil && seen[p.Kind()] != nil {
				seen[p.Kind()][p.PhysicalIndex()] = true
			}
		}
	}
	return len(seen[reg.KindVector]), len(seen[reg.KindGP])
}
