package random

import (
	"fmt"
	"strings"
)

// states writes a state that follows a statistic of the batch, and a value that
// is the one in training and the other in evaluation.
func (w *writer) states() {
	list := pick(w, w.form.states)
	ring := strings.HasPrefix(list, "W")
	at := w.form.atoms(strings.TrimPrefix(strings.TrimPrefix(list, "W, "), "W"))
	over := w.form.atoms(w.form.x).without(at)
	x := w.data()
	s, m, q := w.name("s"), w.name("m"), w.name("q")
	power := w.chance(70)
	of, init := x.text, " = 0"
	if power {
		of, init = "("+x.text+")^2", fmt.Sprintf(" = 1 where %s >= 0", s)
	}
	w.heads = append(w.heads, "state "+s+plain(list)+init)
	domain := w.domain(over)
	stat := fmt.Sprintf("stat %s%s = mean<%s%s>(%s)", m, plain(w.form.write(at)), w.form.write(over), domain, of)
	old, now := s, m
	var lets string
	if ring {
		n := w.name("r")
		lets = fmt.Sprintf("let %s = if index(W) == mod(step, 4) then %s else %s ", n, m, s)
		old, now = "mean<W>("+s+")", "mean<W>("+n+")"
		lets += "update " + s + " := " + n + " "
	} else {
		lets = "update " + s + " := " + w.next(s, m, power) + " "
	}
	size := 3.0
	if power {
		size = 9
	}
	v := value{text: q, axes: at, pos: power, size: size, names: append([]string{q}, x.names...)}
	switch {
	case w.chance(30): // the state of the step before, in both modes
		w.item("let %s = %s", q, old)
		w.item("mode train { %s %s }", stat, lets)
		v.names, v.flat = nil, true
	case w.chance(30) && w.uniform < 2:
		w.uniform++
		w.item("mode train { %s %slet %s = if step <= %s then %s else %s }", stat, lets, q, w.knob("t", "2"), now, old)
		w.item("mode eval { let %s = %s }", q, old)
	default:
		w.item("mode train { %s %slet %s = %s }", stat, lets, q, now)
		w.item("mode eval { let %s = %s }", q, old)
	}
	w.scope = append(w.scope, v)
	d := w.data()
	if power {
		w.let(join(fmt.Sprintf("%s * rsqrt(%s + %s)", d.text, q, w.epsilon()), 5, false, d, v))
	} else {
		w.let(join(d.text+" - "+q, d.size+3, false, d, v))
	}
}

// next is the new value of a state.
func (w *writer) next(s, m string, power bool) string {
	if power && w.chance(30) {
		m = "unbiased(" + m + ")"
	}
	switch w.rand.IntN(4) {
	case 0:
		return fmt.Sprintf("%s + (%s - %s)/step", s, m, s)
	case 1:
		return fmt.Sprintf("if step <= 2 then %s else ema(%s, %s, 0.2)", m, s, m)
	case 2:
		return fmt.Sprintf("max(%s, %s)", s, m)
	}
	return fmt.Sprintf("ema(%s, %s, %s)", s, m, w.knob("m", "0.1"))
}

// clauses writes a norm of clauses.
func (w *writer) clauses(name string) string {
	f := w.form
	for _, k := range f.knobs {
		w.knobs = append(w.knobs, k+" = 2")
	}
	if f.axis != "" {
		w.heads = append(w.heads, "axis "+f.axis)
	}
	over := pick(w, f.reductions)
	w.heads = append(w.heads, "in x"+f.bracket(f.x))
	if len(f.masks) > 0 && w.chance(40) {
		m := f.masks[0]
		w.mask, w.maskAxes = "keep", f.atoms(m)
		if !f.atoms(over).has(w.maskAxes) {
			w.mask = ""
		} else {
			w.heads = append(w.heads, "mask keep"+plain(m))
		}
	}
	w.item("reduce %s", over)
	stats := []string{"ms"}
	if w.chance(70) {
		w.item("shift mean")
		stats = append(stats, "var", "std")
	} else if w.chance(50) {
		w.item("shift none")
	}
	e := w.epsilon()
	of := pick(w, stats)
	switch {
	case of == "std":
		w.item("scale std + %s", e)
		of = "var"
	case w.chance(20):
		w.item("scale norm + %s", e)
		of = ""
	default:
		w.item("scale %s", pick(w, []string{"sqrt(" + of + " + " + e + ")", "sqrt(" + of + " + " + e + ")", "sqrt(" + of + ") + " + e}))
	}
	left := f.write(f.atoms(f.x).without(f.atoms(over)))
	stately := false
	for _, s := range f.states {
		stately = stately || s == left
	}
	if stately && of != "" && w.chance(60) {
		unbiased := ""
		if of == "var" && w.chance(50) {
			unbiased = "unbiased "
		}
		w.item("running %s%s %s", unbiased, of, pick(w, []string{"ema 0.1", "cumulative"}))
	}
	at := pick(w, f.params)
	if f.anchor != "-" {
		at = f.anchor
	}
	w.item("affine %s", pick(w, []string{"* g1" + plain(at) + " = 1", "* g1" + plain(at) + " = 1, + g2" + plain(at) + " = 0", "* (1 + g1" + plain(at) + " = 0)", "+ g1" + plain(at) + " = 0"}))
	return w.text(name)
}
