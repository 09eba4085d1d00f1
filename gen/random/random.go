// Package random writes specs at random that are valid by construction: whole
// programs over the language, with masks, states, warm-up, groups, segments, several
// inputs and outputs, declared gradients and every operation. What fails on one is
// shrunk to the smallest spec that still fails.
//
// Numbers stay moderate, so that the functions can be compared in float64: roots and
// divisors are kept away from 0, and what would grow is bounded.
package random

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Spec returns the spec of a seed: one norm, called Norm and the seed.
func Spec(seed uint64) string {
	w := &writer{rand: rand.New(rand.NewPCG(seed, 99)), seen: map[string]int{}, used: map[string]bool{}}
	w.form = &forms[w.rand.IntN(len(forms))]
	name := fmt.Sprintf("Norm%d", seed)
	if w.chance(12) {
		return w.clauses(name)
	}
	return w.norm(name)
}

// A value is something that expressions may read.
type value struct {
	text  string
	axes  axes
	cond  bool
	pos   bool     // never negative
	size  float64  // of what is usual, roughly
	flat  bool     // it has no gradient, and is no data
	names []string // of the leaves and names it reads
}

// A writer writes one norm.
type writer struct {
	rand     *rand.Rand
	form     *form
	seen     map[string]int // names with a prefix
	used     map[string]bool
	knobs    []string
	heads    []string // declarations
	body     []string // items after them
	scope    []value
	mask     string // the mask, or ""
	maskAxes axes
	outs     []string
	uniform  int // conditions on steps and knobs so far
	segOut   bool
}

func (w *writer) chance(percent int) bool { return w.rand.IntN(100) < percent }

func pick[T any](w *writer, list []T) T { return list[w.rand.IntN(len(list))] }

// name makes a new name.
func (w *writer) name(prefix string) string {
	w.seen[prefix]++
	return fmt.Sprintf("%s%d", prefix, w.seen[prefix])
}

// knob declares a knob and returns its name.
func (w *writer) knob(prefix string, number string) string {
	n := w.name(prefix)
	w.knobs = append(w.knobs, n+" = "+number)
	return n
}

func (w *writer) item(format string, args ...any) {
	w.body = append(w.body, fmt.Sprintf(format, args...))
}

// norm writes a norm of equations.
func (w *writer) norm(name string) string {
	w.declare()
	w.statements(1 + w.rand.IntN(3))
	if len(w.form.states) > 0 && w.chance(45) {
		w.states()
	}
	target := ""
	if w.chance(25) {
		target = w.waist()
	}
	w.statements(w.rand.IntN(2))
	w.outputs(target)
	if target != "" {
		w.backward(target)
	}
	return w.text(name)
}

func (w *writer) text(name string) string {
	var b strings.Builder
	b.WriteString("norm " + name)
	if len(w.knobs) > 0 {
		b.WriteString("(" + strings.Join(w.knobs, ", ") + ")")
	}
	b.WriteString(" {\n")
	for _, l := range append(append(w.heads, w.body...), w.outs...) {
		b.WriteString("  " + l + "\n")
	}
	b.WriteString("}\n")
	return b.String()
}

// declare writes inputs, a mask and parameters.
func (w *writer) declare() {
	f := w.form
	for _, k := range f.knobs {
		w.knobs = append(w.knobs, fmt.Sprintf("%s = %d", k, 2+w.rand.IntN(2)))
	}
	if f.axis != "" {
		w.heads = append(w.heads, "axis "+f.axis)
	}
	ins := "in x" + f.bracket(f.x)
	w.scope = append(w.scope, value{text: "x", axes: f.atoms(f.x), size: 3, names: []string{"x"}})
	for range w.rand.IntN(3) * w.rand.IntN(2) {
		side, n := pick(w, f.sides), w.name("w")
		ins += ", " + n + f.bracket(side)
		w.scope = append(w.scope, value{text: n, axes: f.atoms(side), size: 3, names: []string{n}})
	}
	w.heads = append(w.heads, ins)
	if len(f.masks) > 0 && w.chance(40) {
		m := pick(w, f.masks)
		w.mask, w.maskAxes = "keep", f.atoms(m)
		w.heads = append(w.heads, "mask keep"+plain(m))
	}
	if f.anchor != "-" {
		w.param(f.anchor)
	}
	for range w.rand.IntN(3) {
		w.param(pick(w, f.params))
	}
}

func (w *writer) param(list string) {
	n := w.name("g")
	w.heads = append(w.heads, fmt.Sprintf("param %s%s = %s", n, plain(list), pick(w, []string{"0", "1", "0.5"})))
	w.scope = append(w.scope, value{text: n, axes: w.form.atoms(list), size: 1.5, names: []string{n}})
}
