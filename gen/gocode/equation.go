package gocode

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// equation is the comment over a statement: what the spec, or the derivation,
// says that it computes.
func (e *kernelEmitter) equation(v *ir.Value) []jen.Code {
	text := e.infix(v, true)
	if v.Name != "" {
		text = v.Name + " = " + text
	}
	if v.Line > 0 {
		text += fmt.Sprintf("  (line %d)", v.Line)
	}
	return []jen.Code{jen.Comment(comment(text))}
}

// infix writes v as an equation over names; top looks behind v's own name.
func (e *kernelEmitter) infix(v *ir.Value, top bool) string {
	v = plan.Strip(v)
	if v.Name != "" && !top {
		return v.Name
	}
	args := make([]string, len(v.Args))
	for i, a := range v.Args {
		args[i] = e.infix(a, false)
		if op, inner := symbols[v.Op], symbols[plan.Strip(a).Op]; op != "" && inner != "" && plan.Strip(a).Name == "" && !associates(v.Op, plan.Strip(a).Op, i) {
			args[i] = "(" + args[i] + ")"
		}
	}
	switch {
	case v.Op == ir.Mul && isReciprocal(v.Args[1]):
		return args[0] + "/" + e.infix(plan.Strip(v.Args[1]).Args[1], false)
	case symbols[v.Op] != "":
		return strings.Join(args, symbols[v.Op])
	case v.Op == ir.Const:
		return fmt.Sprintf("%g", v.F)
	case v.Op == ir.Load:
		return v.Leaf.Name
	case v.Op == ir.Neg:
		return "-(" + args[0] + ")"
	case v.Op == ir.Select:
		return fmt.Sprintf("if %s then %s else %s", args[0], args[1], args[2])
	}
	return e.call(v, args)
}

// isReciprocal reports whether v is 1/x; multiplying by it reads as dividing.
func isReciprocal(v *ir.Value) bool {
	v = plan.Strip(v)
	if v.Op != ir.Div {
		return false
	}
	one := plan.Strip(v.Args[0])
	return one.Op == ir.Const && one.F == 1
}

// associates reports whether operand i of outer may be inner without
// parentheses.
func associates(outer, inner ir.Op, i int) bool {
	rank := map[ir.Op]int{ir.Add: 1, ir.Sub: 1, ir.Mul: 2, ir.Div: 2}
	o, n := rank[outer], rank[inner]
	return n > o || n == o && (i == 0 || outer == ir.Add || outer == ir.Mul) && o > 0
}

var symbols = map[ir.Op]string{ir.Add: " + ", ir.Sub: " - ", ir.Mul: "*", ir.Div: "/",
	ir.Less: " < ", ir.LessEq: " <= ", ir.Equal: " == ", ir.And: " and ", ir.Or: " or "}

// call writes functions and reductions: sum<C>(x), momentss<N | keep>(x).
func (e *kernelEmitter) call(v *ir.Value, args []string) string {
	name := ir.Ops[v.Op].Name
	if v.Over == 0 {
		return name + "(" + strings.Join(args, ", ") + ")"
	}
	domain := e.axisNames(v.Over)
	switch {
	case v.Op == ir.Count && len(args) == 1:
		domain, args = domain+" | "+args[0], nil
	case len(args) == 2:
		domain, args = domain+" | "+args[1], args[:1]
	}
	return fmt.Sprintf("%s<%s>(%s)", name, domain, strings.Join(args, ", "))
}

func (e *emitter) axisNames(a ir.Axes) string {
	var out []string
	for i, x := range e.unit.Layer.Axes {
		if a.Has(1 << i) {
			out = append(out, x.Name)
		}
	}
	return strings.Join(out, ", ")
}

// when says under which conditions a variant's functions run.
func (e *kernelEmitter) when(v *plan.Variant) string {
	if v == nil {
		return ""
	}
	var parts []string
	if v.Masked {
		parts = append(parts, "with a mask")
	}
	for _, o := range v.When {
		text := e.infix(o.Cond, true)
		if !o.Holds {
			text = "not " + text
		}
		parts = append(parts, "when "+text)
	}
	if len(parts) == 0 {
		return ""
	}
	return " " + strings.Join(parts, " and ")
}

func (e *kernelEmitter) isBackward() bool { return e.k.Name == "backward" }

// cotangentIndex is the position of the output whose cotangent l is.
func (e *kernelEmitter) cotangentIndex(l *ir.Leaf) int {
	i := leafIndex(e.cotangents, l)
	if i < 0 {
		e.fail("no output for cotangent %s", l.Name)
	}
	return i
}
