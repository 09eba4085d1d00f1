package ir

import (
	"fmt"
	"strings"
)

// Equation writes v as the equation that computes it, over the names of what it
// reads: for comments and explanations, not for parsing. The parts of a centred
// mean are written hi(...) and lo(...).
func (l *Layer) Equation(v *Value) string {
	w := &equation{l, longest}
	return w.infix(strip(v), true)
}

// longest bounds the operations of an equation: written as a tree, what a
// function shares would grow without end.
const longest = 64

// An equation is being written.
type equation struct {
	*Layer
	left int
}

// strip skips repetitions, which an equation leaves to the axes.
func strip(v *Value) *Value {
	for v.Op == Widen {
		v = v.Args[0]
	}
	return v
}

// infix writes v; top looks behind v's own name.
func (l *equation) infix(v *Value, top bool) string {
	if v.Name != "" && !top {
		return v.Name
	}
	if l.left--; l.left < 0 {
		return "..."
	}
	args := make([]string, len(v.Args))
	for i, a := range v.Args {
		args[i] = l.operand(v, strip(a), i)
	}
	switch {
	case v.Op == Mul && isReciprocal(strip(v.Args[1])):
		return args[0] + "/" + l.infix(strip(strip(v.Args[1]).Args[1]), false)
	case symbols[v.Op] != "":
		return strings.Join(args, symbols[v.Op])
	case v.Op == Const:
		return fmt.Sprintf("%g", v.F)
	case v.Op == Load:
		return v.Leaf.Name
	case v.Op == Neg:
		return "-(" + args[0] + ")"
	case v.Op == Select:
		return fmt.Sprintf("if %s then %s else %s", args[0], args[1], args[2])
	}
	return l.call(v, args)
}

// operand writes operand i of v, in parentheses where it binds less tightly.
func (l *equation) operand(v, a *Value, i int) string {
	s := l.infix(a, false)
	o, n := binding[v.Op], binding[a.Op]
	tight := n > o || n == o && (i == 0 || v.Op == Add || v.Op == Mul)
	if a.Name == "" && o > 0 && n > 0 && !tight {
		return "(" + s + ")"
	}
	return s
}

var symbols = [NumOps]string{Add: " + ", Sub: " - ", Mul: "*", Div: "/", Pow: "^",
	Less: " < ", LessEq: " <= ", Equal: " == ", And: " and ", Or: " or "}

var binding = [NumOps]int{Select: 1, Or: 2, And: 3, Less: 4, LessEq: 4, Equal: 4, Add: 5, Sub: 5, Mul: 6, Div: 6, Pow: 7}

// isReciprocal reports whether v is 1/x; multiplying by it reads as dividing.
func isReciprocal(v *Value) bool {
	if v.Op != Div {
		return false
	}
	one := strip(v.Args[0])
	return one.Op == Const && one.F == 1
}

// call writes functions and reductions: rsqrt(x), sum<N | keep>(x).
func (l *equation) call(v *Value, args []string) string {
	if len(args) == 0 && v.Over == 0 {
		return Ops[v.Op].Name
	}
	if v.Over == 0 {
		return Ops[v.Op].Name + "(" + strings.Join(args, ", ") + ")"
	}
	domain := strings.Join(strings.Fields(strings.Trim(l.AxesString(v.Over), "[]")), ", ")
	if m := v.Mask(); m != nil {
		domain += " | " + l.infix(strip(m), false)
		args = args[:len(args)-1]
	}
	switch v.Op {
	case Count:
		return "count<" + domain + ">"
	case Size, Index:
		return fmt.Sprintf("%s(%s)", Ops[v.Op].Name, domain)
	}
	mean := fmt.Sprintf("mean<%s>(%s)", domain, args[0])
	switch v.Op {
	case MomentMean:
		return mean
	case MomentHi:
		return "hi(" + mean + ")"
	case MomentLo:
		return "lo(" + mean + ")"
	case MomentSS:
		return fmt.Sprintf("sum<%s>((%s - %s)^2)", domain, args[0], mean)
	}
	return fmt.Sprintf("%s<%s>(%s)", Ops[v.Op].Name, domain, args[0])
}
