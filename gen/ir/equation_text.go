package ir

import (
	"fmt"
	"strings"
)

// text is the notation of the language, nearly.
type text struct{}

func (text) name(l *Layer, v *Value) string {
	if v.Op == Load && v.Leaf.Kind == CountLeaf {
		return "count(" + v.Leaf.Name + ")"
	}
	return v.Name
}

func (text) binding(v *Value) int { return textBinding[v.Op] }

func (text) group(s string) string { return "(" + s + ")" }

var textSymbols = [NumOps]string{Add: " + ", Sub: " - ", Mul: "*", Div: "/", Pow: "^",
	Less: " < ", LessEq: " <= ", Equal: " == ", And: " and ", Or: " or "}

var textBinding = [NumOps]int{Select: 1, Or: 2, And: 3, Less: 4, LessEq: 4, Equal: 4, Add: 5, Sub: 5, Mul: 6, Div: 6, Neg: 6, Pow: 7}

func (t text) operation(e *equation, v *Value) string {
	if v.Op == Load {
		return t.name(e.Layer, v)
	}
	if v.Op == Const {
		return fmt.Sprintf("%g", v.F)
	}
	if v.Op == Mul && isReciprocal(strip(v.Args[1])) {
		return e.operand(v, 0) + "/" + e.operand(strip(v.Args[1]), 1)
	}
	args := e.operands(v)
	switch {
	case textSymbols[v.Op] != "":
		return strings.Join(args, textSymbols[v.Op])
	case v.Op == Neg:
		return "-" + args[0]
	case v.Op == Select:
		return fmt.Sprintf("if %s then %s else %s", args[0], args[1], args[2])
	}
	return t.call(e, v, args)
}

// call writes functions and reductions: rsqrt(x), sum<N | keep>(x).
func (text) call(e *equation, v *Value, args []string) string {
	if len(args) == 0 && v.Over == 0 {
		return Ops[v.Op].Name
	}
	if v.Over == 0 {
		return Ops[v.Op].Name + "(" + strings.Join(args, ", ") + ")"
	}
	domain := strings.Join(strings.Fields(strings.Trim(e.AxesString(v.Over), "[]")), ", ")
	if v.Mask() != nil {
		domain += " | " + args[len(args)-1]
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
