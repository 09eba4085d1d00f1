package asmgen

import (
	"fmt"
	"strings"

	"github.com/normgen/normgen/gen/plan"
)

// rowEquations writes what leaves a row loop.
func rowEquations(l *plan.RowLoop) string {
	var out []string
	for _, p := range l.Params {
		switch p.Kind {
		case plan.AddColumns:
			out = append(out, p.Name+" += "+l.Kernel.Equation(p.Value.Args[0]))
		case plan.SaveRows:
			out = append(out, p.Name+" = "+l.Kernel.Equation(p.Value))
		}
	}
	for _, ph := range l.Phases {
		for _, st := range ph.Stores {
			out = append(out, st.Leaf.Name+" = "+l.Kernel.Equation(st.Value))
		}
	}
	return strings.Join(out, ", ")
}

// rowChoices explains a row loop.
func (s *Set) rowChoices(w *written) []Choice {
	vectors, general := used(w.function)
	out := []Choice{
		{"rows", fmt.Sprint(w.flight.rows), s.whyFlight(w)},
		{"step", count(fullStep, "element") + " of each", "all lanes of a row sum, so that each has its own chain of additions"},
		{"vectors", fmt.Sprintf("%d of %d", vectors, s.Vectors()), "sums, row values and numbers stay in registers through a loop"},
		{"general", fmt.Sprintf("%d of %d", general, generalRegisters), "a pointer for each slice, an offset for each row, counts"},
	}
	if read := ahead(w.rows); read != nil {
		out = append(out, Choice{"ahead", count(len(read), "tensor"), "the next row is asked for, where rows are computed one by one, while walks over a row find it in a cache"})
	}
	if w.free < 0 {
		out = append(out, Choice{"operands", count(-w.free, "register") + " short", "some row values are read where they are used"})
	}
	if w.flight.rows > 2 {
		n := nearCache / 4 / w.flight.rows / tensorsOf(w.rows)
		out = append(out, Choice{"longest", count(n, "element"), fmt.Sprintf("of longer rows, %d are in flight: more do not fit the first cache", w.flight.rows/2)})
	}
	return out
}

func (s *Set) whyFlight(w *written) string {
	switch {
	case w.flight.rows == s.rows():
		return "their lanes are folded together, and their row values computed at once"
	case w.free < 0:
		return "more have no registers for their sums"
	}
	return "of more, not all row values would find registers"
}

func tensorsOf(l *plan.RowLoop) int {
	n := 0
	for _, p := range l.Params {
		if p.Tensor() {
			n++
		}
	}
	return n
}
