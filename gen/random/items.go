package random

import (
	"fmt"
	"slices"
	"strings"
)

// statements writes lets and statistics, each of which later ones may read.
func (w *writer) statements(n int) {
	for range n {
		switch w.rand.IntN(5) {
		case 0:
			w.let(w.number(2))
		case 1:
			w.stat(w.reduction(1))
		case 2:
			if len(w.form.states) == 0 || w.chance(50) {
				w.let(w.condition(1))
			} else {
				w.let(w.number(2))
			}
		default:
			w.centred()
		}
	}
}

// let names a value.
func (w *writer) let(v value) value {
	n := w.name("a")
	w.item("let %s = %s", n, v.text)
	v.text = n
	w.scope = append(w.scope, v)
	return v
}

// stat names a reduction; what is not one, a bound around it, becomes a let.
func (w *writer) stat(v value) value {
	if !isReduction(v.text) {
		return w.let(v)
	}
	n := w.name("m")
	w.item("stat %s%s = %s", n, plain(w.form.write(v.axes)), v.text)
	v.text = n
	w.scope = append(w.scope, v)
	return v
}

func isReduction(text string) bool {
	return strings.HasPrefix(text, "mean<") || strings.HasPrefix(text, "sum<") || strings.HasPrefix(text, "max<")
}

// centred writes what most norms do: a mean, a variance, and a root of it.
func (w *writer) centred() {
	over, list := w.over()
	x := w.data()
	domain := w.domain(over)
	mean := func(v value) value {
		out := join(fmt.Sprintf("mean<%s%s>(%s)", list, domain, v.text), v.size, v.pos, v)
		out.axes = v.axes.without(over)
		return out
	}
	v := x
	if w.chance(70) {
		m := w.stat(mean(x))
		v = w.let(join(x.text+" - "+m.text, x.size, false, x, m))
	}
	sq := join("("+v.text+")^2", v.size*v.size, true, v)
	s := w.stat(mean(sq))
	if w.chance(15) && w.uniform < 2 {
		w.uniform++
		s = w.let(join(fmt.Sprintf("if step < %s then %s else 1", w.knob("t", "3"), s.text), s.size, true, s))
	}
	w.let(join(fmt.Sprintf("%s * rsqrt(%s + %s)", v.text, s.text, w.epsilon()), 3, false, v, s))
}

// outputs writes one or two outputs.
func (w *writer) outputs(target string) {
	y := w.full(w.number(2))
	if target != "" {
		y.text = target + pick(w, []string{" + ", " * "}) + "(" + y.text + ")"
	}
	w.outs = append(w.outs, "out y = "+y.text)
	switch {
	case w.form.segments != "" && w.chance(25):
		over := w.form.atoms(w.form.x).without(w.form.atoms(w.form.segments))
		x := w.data()
		v := w.reduce(over, x)
		w.outs[0] += ", z = " + v.text
		w.segOut = true
	case w.chance(25):
		w.outs[0] += ", z = " + w.full(w.number(1)).text
	}
}

// full makes a value vary over all axes of the first input.
func (w *writer) full(v value) value {
	if v.axes.has(w.form.atoms(w.form.x)) && !v.flat {
		return v
	}
	x := w.data()
	return w.bound(join(fmt.Sprintf(pick(w, []string{"%s * %s", "(%s + %s)"}), x.text, v.text), x.size*max(1, v.size), false, x, v))
}

// waist narrows the scope to one value that all paths go through, and returns it.
// Parameters and inputs that nothing reads yet stay.
func (w *writer) waist() string {
	u := w.let(w.full(w.number(1)))
	var keep []value
	for _, v := range w.scope {
		if v.flat || v.text == u.text || !slices.ContainsFunc(v.names, func(n string) bool { return n == "x" || w.reads(n) }) {
			keep = append(keep, v)
		}
	}
	u.names = []string{u.text}
	keep[slices.IndexFunc(keep, func(v value) bool { return v.text == u.text })] = u
	w.scope = keep
	return u.text
}

// reads reports whether an item reads a name.
func (w *writer) reads(name string) bool {
	return slices.ContainsFunc(w.body, func(item string) bool {
		return slices.Contains(strings.FieldsFunc(item, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
		}), name)
	})
}

// backward declares the gradient of target, the waist, or of x.
func (w *writer) backward(target string) {
	dz := ""
	if strings.Contains(w.outs[0], ", z = ") {
		dz = ", dz"
	}
	lets, grad := "", "derived("+target+")"
	approximate := w.chance(80)
	if approximate {
		dy := value{text: "dy", axes: w.form.atoms(w.form.x), size: 3, names: []string{"dy"}}
		w.scope = append(w.scope, dy, dy)
		if dz != "" && !w.segOut {
			w.scope = append(w.scope, value{text: "dz", axes: dy.axes, size: 3})
		}
		before := len(w.body)
		w.statements(w.rand.IntN(2))
		lets = strings.Join(w.body[before:], " ") + " "
		w.body = w.body[:before]
		v := w.number(2)
		grad = fmt.Sprintf("dy * %s", v.text)
		if w.chance(30) {
			grad += " + 0.5*derived(" + target + ")"
		}
	}
	mark := ""
	if approximate {
		mark = "approximate "
	}
	item := fmt.Sprintf("backward %s(dy%s) { %sgrad %s = %s }", mark, dz, lets, target, grad)
	if w.chance(40) {
		item = "mode train { " + item + " }"
	}
	w.body = append(w.body, item)
}
