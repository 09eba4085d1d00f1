package main

import (
	"fmt"
	"math"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/elementary"
)

// infix are the operations on two operands: their sign, whether they are on
// bits, and how tightly they bind.
var infix = map[elementary.Op]struct {
	sign  string
	bits  bool
	binds int
}{
	elementary.Less: {"<", false, 1},
	elementary.Add:  {"+", false, 2}, elementary.Sub: {"-", false, 2},
	elementary.Mul: {"*", false, 3}, elementary.Div: {"/", false, 3},
	elementary.Or: {"|", true, 2}, elementary.Plus: {"+", true, 2}, elementary.Minus: {"-", true, 2},
	elementary.And: {"&", true, 3}, elementary.Shl: {"<<", true, 3}, elementary.Shr: {">>", true, 3},
}

// isBits reports whether v is an unsigned integer in Go: if it is one, and is
// read as one.
func (w *printer) isBits(v *elementary.Value) bool { return infix[v.Op].bits && w.bits[v] }

// number prints v as a number.
func (w *printer) number(v *elementary.Value) *jen.Statement {
	name, ok := w.names[v]
	switch {
	case v.Op == elementary.Const:
		return w.constant(v)
	case ok && !w.isBits(v):
		return jen.Id(name)
	case infix[v.Op].bits:
		return w.convert("frombits", w.pattern(v))
	}
	return w.compute(v)
}

// pattern prints v as an unsigned integer.
func (w *printer) pattern(v *elementary.Value) *jen.Statement {
	name, ok := w.names[v]
	switch {
	case v.Op == elementary.Const:
		return jen.Id(fmt.Sprintf("%#x", v.Pattern))
	case ok && w.isBits(v):
		return jen.Id(name)
	case infix[v.Op].bits:
		return w.compute(v)
	}
	return w.convert("bits", w.number(v))
}

func (w *printer) convert(how string, c jen.Code) *jen.Statement {
	return jen.Qual("math", fmt.Sprintf("Float%d%s", w.Format.Width, how)).Call(c)
}

// constant prints the number of a Const.
func (w *printer) constant(v *elementary.Value) *jen.Statement {
	x := w.Format.Number(v.Pattern)
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return w.convert("frombits", w.pattern(v))
	}
	return w.decimal(x)
}

// decimal prints the shortest decimal that rounds to x.
func (w *printer) decimal(x float64) *jen.Statement {
	style := byte('g')
	if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
		style = 'f'
	}
	return jen.Id(strconv.FormatFloat(x, style, -1, int(w.Format.Width)))
}

// negative returns the number of a negative Const.
func (w *printer) negative(v *elementary.Value) (x float64, ok bool) {
	x = w.Format.Number(v.Pattern)
	return x, v.Op == elementary.Const && x < 0
}

// compute prints the operation of v. A product is converted to its own type,
// which forbids to fuse it with a sum.
func (w *printer) compute(v *elementary.Value) *jen.Statement {
	left, sign := w.operand(v, 0), infix[v.Op].sign
	var right *jen.Statement
	if len(v.Args) == 1 {
		right = jen.Lit(int(v.Shift))
	} else if x, ok := w.negative(v.Args[1]); ok && v.Op == elementary.Add {
		sign, right = "-", w.decimal(-x)
	} else {
		right = w.operand(v, 1)
	}
	code := left.Op(sign).Add(right)
	if v.Op == elementary.Mul {
		return w.float().Call(code)
	}
	return code
}

// operand prints an argument of v, in parentheses if it binds less than v: a
// right one also if it binds the same.
func (w *printer) operand(v *elementary.Value, i int) *jen.Statement {
	a, in := v.Args[i], infix[v.Op]
	code := w.number(a)
	if in.bits {
		code = w.pattern(a)
	}
	inner := infix[a.Op]
	converted := a.Op == elementary.Mul || inner.bits != in.bits
	if w.names[a] != "" || inner.sign == "" || converted || inner.binds >= in.binds+i {
		return code
	}
	return jen.Parens(code)
}
