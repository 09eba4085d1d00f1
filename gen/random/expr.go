package random

import (
	"fmt"
	"slices"
)

// leaf is a number in scope, the later ones more often.
func (w *writer) leaf() value {
	var list []value
	for i, v := range w.scope {
		if !v.cond {
			list = append(list, v)
			if i > len(w.scope)-3 {
				list = append(list, v, v)
			}
		}
	}
	return pick(w, list)
}

// data is a number that varies over all axes of the first input, if there is one.
func (w *writer) data() value {
	all := w.form.atoms(w.form.x)
	var list []value
	for _, v := range w.scope {
		if !v.cond && v.axes.has(all) {
			list = append(list, v)
		}
	}
	return pick(w, list)
}

// number writes a random expression.
func (w *writer) number(depth int) value {
	if depth <= 0 {
		return w.leaf()
	}
	return w.bound(pick(w, operations())(w, depth-1))
}

// bound keeps sizes moderate.
func (w *writer) bound(v value) value {
	if v.size <= 50 {
		return v
	}
	out := v
	out.text, out.size = pick(w, []string{"tanh(%s)", "clip(%s, -3, 3)", "((%[1]s)/(1 + abs(%[1]s)))"}), 3
	out.text = fmt.Sprintf(out.text, v.text)
	return out
}

// positive writes an expression that is never negative.
func (w *writer) positive(depth int) value {
	v := w.number(depth)
	if v.pos {
		return v
	}
	out := v
	out.pos = true
	switch w.rand.IntN(3) {
	case 0:
		out.text = "abs(" + v.text + ")"
	case 1:
		out.text = "exp(" + w.small(v) + ")"
		out.size = 8
	default:
		out.text, out.size = "("+v.text+")^2", v.size*v.size
	}
	return w.bound(out)
}

// small is the text of a number up to about 2.
func (w *writer) small(v value) string {
	if v.size <= 2 {
		return v.text
	}
	return pick(w, []string{"tanh(", "erf("}) + v.text + ")"
}

// join makes a value of others.
func join(text string, size float64, pos bool, of ...value) value {
	out := value{text: text, size: size, pos: pos, axes: axes{}, flat: true}
	for _, v := range of {
		out.axes = out.axes.or(v.axes)
		out.flat = out.flat && v.flat
		out.names = append(out.names, v.names...)
	}
	slices.Sort(out.names)
	out.names = slices.Compact(out.names)
	return out
}

// operations write expressions of each kind; those that are common in norms are
// there several times.
func operations() []func(w *writer, d int) value {
	return []func(w *writer, d int) value{
		binary("(%s + %s)", func(a, b value) (float64, bool) { return a.size + b.size, a.pos && b.pos }),
		binary("(%s - %s)", func(a, b value) (float64, bool) { return a.size + b.size, false }),
		binary("%s * %s", func(a, b value) (float64, bool) { return a.size * b.size, a.pos && b.pos }),
		binary("%s * %s", func(a, b value) (float64, bool) { return a.size * b.size, a.pos && b.pos }),
		binary("max(%s, %s)", func(a, b value) (float64, bool) { return max(a.size, b.size), a.pos || b.pos }),
		binary("min(%s, %s)", func(a, b value) (float64, bool) { return max(a.size, b.size), a.pos && b.pos }),
		binary("ema(%s, %s, 0.3)", func(a, b value) (float64, bool) { return max(a.size, b.size), a.pos && b.pos }),
		unary("-%s", func(a value) (float64, bool) { return a.size, false }),
		unary("abs(%s)", func(a value) (float64, bool) { return a.size, true }),
		unary("tanh(%s)", func(a value) (float64, bool) { return 1, a.pos }),
		unary("erf(%s)", func(a value) (float64, bool) { return 1, a.pos }),
		unary("floor(%s)", func(a value) (float64, bool) { return a.size + 1, a.pos }),
		unary("mod(%s, 1.5)", func(a value) (float64, bool) { return 1.5, true }),
		unary("clip(%s, -1, 2)", func(a value) (float64, bool) { return 2, a.pos }),
		unary("detach(%s)", func(a value) (float64, bool) { return a.size, a.pos }),
		unary("(%s)^2", func(a value) (float64, bool) { return a.size * a.size, true }),
		unary("(%s)^3", func(a value) (float64, bool) { return a.size * a.size * a.size, a.pos }),
		root("sqrt(%s + %s)", 1), root("rsqrt(%s + %s)", 0), root("rsqrt(%s + %s)", 0), root("log(%s + 1 + %s)", 1),
		root("(%s + %s)^(-0.5)", 0), root("(%s + %s)^1.5", 1.5), root("1/(%s + %s)", 0),
		func(w *writer, d int) value {
			a, b := w.number(d), w.positive(d)
			return join(fmt.Sprintf("(%s)/(%s + 0.5)", a.text, b.text), 2*a.size, a.pos, a, b)
		},
		func(w *writer, d int) value {
			a := w.number(d)
			return join("exp("+w.small(a)+")", 8, true, a)
		},
		choice, choice, position, position,
		(*writer).reduction, (*writer).reduction, (*writer).reduction, (*writer).reduction,
	}
}

func binary(format string, rule func(a, b value) (float64, bool)) func(w *writer, d int) value {
	return func(w *writer, d int) value {
		a, b := w.number(d), w.number(w.rand.IntN(d+1))
		size, pos := rule(a, b)
		return join(fmt.Sprintf(format, a.text, b.text), size, pos, a, b)
	}
}

func unary(format string, rule func(a value) (float64, bool)) func(w *writer, d int) value {
	return func(w *writer, d int) value {
		a := w.number(d)
		size, pos := rule(a)
		return join(fmt.Sprintf(format, a.text), size, pos, a)
	}
}

// root writes a function of what is above 0; the size grows by that power.
func root(format string, power float64) func(w *writer, d int) value {
	return func(w *writer, d int) value {
		a := w.positive(d)
		size := 3.0
		if power > 0 {
			size = 1 + a.size*power*3
		}
		return join(fmt.Sprintf(format, a.text, w.epsilon()), size, power != 1 || format[0] == 's', a)
	}
}

// epsilon is a number or a knob that keeps a root away from 0.
func (w *writer) epsilon() string {
	if w.chance(40) {
		return w.knob("e", pick(w, []string{"0.1", "0.5", "1"}))
	}
	return pick(w, []string{"0.1", "0.25", "1"})
}

func choice(w *writer, d int) value {
	c, a, b := w.condition(d), w.number(d), w.number(w.rand.IntN(d+1))
	return join(fmt.Sprintf("(if %s then %s else %s)", c.text, a.text, b.text), max(a.size, b.size), a.pos && b.pos, c, a, b)
}

// position writes a number of positions and sizes.
func position(w *writer, d int) value {
	axis := pick(w, w.form.single())
	v := value{axes: axes{}, flat: true, pos: true, size: 1}
	switch w.rand.IntN(3) {
	case 0:
		v.text = "1/size(" + axis + ")"
	case 1:
		v.text, v.size, v.axes = "index("+axis+")/4", 10, axes{axis: true}
	default:
		v.text = pick(w, []string{"0.5", "2", "1"})
	}
	if axis == w.form.dots || w.chance(60) { // few plans know positions along rows
		v.text, v.size, v.axes = pick(w, []string{"0.5", "2"}), 2, axes{}
	}
	return v
}

// condition writes a condition.
func (w *writer) condition(d int) value {
	switch n := w.rand.IntN(9); {
	case n == 0 && w.mask != "":
		return value{text: w.mask, axes: w.maskAxes, cond: true, flat: true}
	case n == 1 && w.uniform < 2:
		w.uniform++
		return value{text: "step <= " + w.knob("t", pick(w, []string{"1", "2", "6"})), axes: axes{}, cond: true, flat: true}
	case n == 2:
		axis := w.form.single()[len(w.form.single())-1]
		if axis != w.form.dots {
			return value{text: fmt.Sprintf("index(%s) %s 1", axis, pick(w, []string{"<", "<=", "==", "!=", ">"})), axes: axes{axis: true}, cond: true, flat: true}
		}
	case n == 3 && d > 0:
		a, b := w.condition(d-1), w.condition(d-1)
		v := join(fmt.Sprintf("(%s %s %s)", a.text, pick(w, []string{"and", "or"}), b.text), 1, true, a, b)
		v.cond = true
		return v
	case n == 4 && d > 0:
		v := w.condition(d - 1)
		v.text = "not (" + v.text + ")"
		return v
	}
	a, b := w.number(d), w.number(0)
	v := join(fmt.Sprintf("%s %s %s", a.text, pick(w, []string{"<", "<=", ">", ">="}), b.text), 1, true, a, b)
	v.cond = true
	return v
}

// reduction writes a reduction of a random expression.
func (w *writer) reduction(d int) value {
	over, _ := w.over()
	v := w.number(d)
	if !v.axes.has(over) {
		x := w.data()
		v = w.bound(join(fmt.Sprintf("%s * %s", x.text, v.text), x.size*v.size, false, x, v))
	}
	return w.reduce(over, v)
}

// over chooses axes for a reduction.
func (w *writer) over() (axes, string) {
	list := pick(w, w.form.reductions)
	return w.form.atoms(list), list
}

// reduce reduces a value over axes.
func (w *writer) reduce(over axes, v value) value {
	fn, size := "mean", v.size
	rows := w.form.write(over) == w.form.write(over.without(w.columns()))
	switch w.rand.IntN(8) {
	case 0:
		if !rows || w.chance(10) { // over rows it has no plan
			fn = "max"
		}
	case 1:
		fn, size = "sum", 6*v.size
	}
	out := join(fmt.Sprintf("%s<%s%s>(%s)", fn, w.form.write(over), w.domain(over), v.text), size, v.pos, v)
	out.axes = v.axes.without(over)
	return w.bound(out)
}

// domain is what follows a bar: the mask along the reduction, or all.
func (w *writer) domain(over axes) string {
	if w.mask == "" || !over.has(w.maskAxes) {
		return ""
	}
	if w.chance(20) {
		return " | all"
	}
	return " | " + w.mask
}
