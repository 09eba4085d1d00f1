package ir

import (
	"fmt"
	"strings"
)

// LaTeX is [Layer.Equation] in LaTeX, with an index for each axis. A value of
// named is written by that name, beside those that the spec named: with names
// for what is shared, an equation may be longer.
func (l *Layer) LaTeX(v *Value, named map[*Value]string) string {
	e := &equation{l, latex{named}, 4 * longest}
	return e.expression(strip(v))
}

// latex is the notation of papers.
type latex struct{ named map[*Value]string }

func (n latex) name(l *Layer, v *Value) string {
	switch name := n.named[v]; {
	case name != "":
		return l.Symbol(name, v.Axes)
	case v.Op == Load && v.Leaf.Kind == CountLeaf:
		return "n_{" + l.Symbol(v.Leaf.Name, 0) + "}"
	case v.Op == Load:
		return l.Symbol(v.Leaf.Name, v.Axes)
	case v.Name != "" && v.Op != Const:
		return l.Symbol(v.Name, v.Axes)
	}
	return ""
}

func (latex) group(s string) string { return `\left(` + s + `\right)` }

// latexForms are operations over their operands. What reductions and products
// look like depends on more than that.
var latexForms = [NumOps]string{
	Step: `\mathrm{step}`,
	Add:  "%s + %s", Sub: "%s - %s", Neg: "-%s", Pow: "%s^{%s}", Mod: `%s \bmod %s`,
	Sqrt: `\sqrt{%s}`, Exp: `\exp\left(%s\right)`, Log: `\log\left(%s\right)`, Tanh: `\tanh\left(%s\right)`,
	Erf: `\operatorname{erf}\left(%s\right)`, Abs: `\left|%s\right|`, Floor: `\left\lfloor %s \right\rfloor`,
	Max: `\max\left(%s, %s\right)`, Min: `\min\left(%s, %s\right)`, Detach: `\operatorname{detach}\left(%s\right)`,
	Less: "%s < %s", LessEq: `%s \le %s`, Equal: "%s = %s", And: `%s \land %s`, Or: `%s \lor %s`, Not: `\lnot %s`,
	Select:   `\begin{cases} %[2]s & \text{if } %[1]s \\ %[3]s & \text{otherwise} \end{cases}`,
	MomentLo: `\operatorname{lo}\left(%s\right)`, MomentSS: `\operatorname{ss}\left(%s\right)`,
}

// A negation binds less tightly than the sum it might stand in: a + (-b). A
// reduction holds the product that follows its sign, not the sum.
var latexBinding = [NumOps]int{Select: 1, Or: 2, And: 3, Less: 4, LessEq: 4, Equal: 4, Not: 5, Neg: 5, Add: 6, Sub: 6,
	Sum: 7, Mean: 7, MaxOf: 7, MomentMean: 7, MomentHi: 7, Mul: 8, Div: 8, Rsqrt: 8, Mod: 8, Pow: 9}

func (latex) binding(v *Value) int {
	switch s := latexNumber(v.F); {
	case v.Op != Const:
		return latexBinding[v.Op]
	case v.F < 0:
		return latexBinding[Neg]
	case strings.Contains(s, `\cdot`):
		return latexBinding[Mul]
	case strings.Contains(s, "^"):
		return latexBinding[Pow]
	}
	return 0
}

func (n latex) operation(e *equation, v *Value) string {
	switch v.Op {
	case Const:
		return latexNumber(v.F)
	case Load:
		return n.name(e.Layer, v)
	case Size:
		return e.cardinality(v.Over, nil)
	case Count:
		return e.cardinality(v.Over, v.Mask())
	case Index:
		return strings.Join(e.indices(v.Over), " ")
	case Mul, Div, Rsqrt:
		return e.product(v)
	case Sum, MaxOf, Mean, MomentMean, MomentHi:
		return e.reduction(v, v.Op != Sum && v.Op != MaxOf)
	case Pow:
		return fmt.Sprintf(latexForms[Pow], e.operand(v, 0), e.write(v.Args[1]))
	case Select:
		return fmt.Sprintf(latexForms[Select], e.write(v.Args[0]), e.write(v.Args[1]), e.write(v.Args[2]))
	}
	args := make([]any, 0, len(v.Args))
	for _, s := range e.operands(v) {
		args = append(args, s)
	}
	if v.Mask() != nil {
		args = args[:1]
	}
	return fmt.Sprintf(latexForms[v.Op], args...)
}

// reduction writes a sum or a maximum over its domain, or the mean that a sum is
// part of.
func (e *equation) reduction(v *Value, mean bool) string {
	sign := `\sum`
	if v.Op == MaxOf {
		sign = `\max`
	}
	s := sign + "_{" + e.domain(v.Over, v.Mask(), `,\, `) + "} " + e.operand(v, 0)
	if mean {
		return `\frac{1}{` + e.cardinality(v.Over, v.Mask()) + "} " + s
	}
	return s
}

// domain writes what is reduced over: each axis, and the condition.
func (e *equation) domain(over Axes, mask *Value, where string) string {
	var parts []string
	for _, d := range e.order(over) {
		parts = append(parts, e.index(d)+` \in `+glyph(e.Axes[d].Name))
	}
	s := strings.Join(parts, ", ")
	if mask != nil {
		s += where + e.write(mask)
	}
	return s
}

// cardinality writes the number of elements of a domain.
func (e *equation) cardinality(over Axes, mask *Value) string {
	if mask != nil {
		return `\left|\left\{ ` + e.domain(over, mask, " : ") + ` \right\}\right|`
	}
	var parts []string
	for _, d := range e.order(over) {
		parts = append(parts, "|"+glyph(e.Axes[d].Name)+"|")
	}
	return strings.Join(parts, ` \, `)
}
