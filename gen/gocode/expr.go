package gocode

import (
	"fmt"
	"math"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// An expression prints values as Go. What a value is called, or how it is read
// where it is not computed, is in names; widths are those of the plan, or all
// wide in updates.
type expression struct {
	width  func(*ir.Value) plan.Width // in which a value is read
	op     func(*ir.Value) plan.Width // in which its operation runs
	rounds func(*ir.Value) bool       // its operation takes operands in the storage type
	names  map[*ir.Value]*jen.Statement
	used   map[string]bool
	fail   func(format string, args ...any)
}

func newExpression(k *plan.Kernel, fail func(string, ...any)) *expression {
	return &expression{width: k.Width, op: k.OpWidth, rounds: k.Rounds, names: map[*ir.Value]*jen.Statement{}, used: map[string]bool{}, fail: fail}
}

// fresh returns an unused local like want.
func (x *expression) fresh(want string) string {
	name := local(want)
	for i := 2; x.used[name]; i++ {
		name = fmt.Sprintf("%s%d", local(want), i)
	}
	x.used[name] = true
	return name
}

// bind gives v a new local name and returns it.
func (x *expression) bind(v *ir.Value, want string) string {
	name := x.fresh(want)
	x.names[v] = jen.Id(name)
	return name
}

// operand prints operand i of v, converted to v's width.
func (x *expression) operand(v *ir.Value, i int) *jen.Statement {
	s := plan.Strip(v.Args[i])
	code := x.value(s)
	switch wide := x.width(s); {
	case x.rounds(v) && wide == plan.Wide:
		return round(code)
	case !x.rounds(v) && wide == plan.Narrow:
		return jen.Float64().Call(code)
	}
	if _, named := x.names[s]; !named && binds[s.Op] > 0 && binds[s.Op] <= outer(v.Op)-(1-i) {
		return jen.Parens(code)
	}
	return code
}

// outer is how tightly v's operation holds its operands. A product holds them
// like a quotient, but is itself printed inside a conversion.
func outer(op ir.Op) int {
	if op == ir.Mul {
		return binds[ir.Div]
	}
	return binds[op]
}

// binds is how tightly an infix operation binds, doubled, so that the right
// operand of an equal operation gets its parentheses and the left none.
var binds = [ir.NumOps]int{ir.Or: 2, ir.And: 4, ir.Less: 6, ir.LessEq: 6, ir.Equal: 6,
	ir.Add: 8, ir.Sub: 8, ir.Div: 10, ir.Neg: 12, ir.Not: 12}

// value prints v: by name if it has one, else as an expression.
func (x *expression) value(v *ir.Value) *jen.Statement {
	v = plan.Strip(v)
	if n, ok := x.names[v]; ok {
		return n.Clone()
	}
	return x.compute(v)
}

// compute prints the operation of v.
func (x *expression) compute(v *ir.Value) *jen.Statement {
	if v.Op == ir.Const {
		return number(v.F)
	}
	print := printers[v.Op]
	if print == nil {
		x.fail("%s has no Go form", ir.Ops[v.Op].Name)
		return jen.Null()
	}
	var args []jen.Code
	for i := range v.Args {
		args = append(args, x.operand(v, i))
	}
	return print(x, v, args)
}

// number prints a constant; the plan rounds it where it is used.
func number(f float64) *jen.Statement {
	if f == 0 && math.Signbit(f) || math.IsInf(f, 0) || math.IsNaN(f) {
		return jen.Qual("math", "Float64frombits").Call(jen.Lit(math.Float64bits(f)))
	}
	return jen.Lit(f)
}

// round converts to the storage type.
func round(c jen.Code) *jen.Statement { return jen.Id("T").Call(c) }

// typed converts to the width of v's operation, to round a product.
func (x *expression) typed(v *ir.Value, c jen.Code) *jen.Statement {
	if x.op(v) == plan.Narrow {
		return round(c)
	}
	return jen.Float64().Call(c)
}

type printer func(x *expression, v *ir.Value, a []jen.Code) *jen.Statement

// printers is the Go column of the op table.
var printers = [ir.NumOps]printer{
	ir.Neg: func(x *expression, v *ir.Value, a []jen.Code) *jen.Statement { return jen.Op("-").Add(a[0]) },
	ir.Add: infix("+"),
	ir.Sub: infix("-"),
	ir.Mul: func(x *expression, v *ir.Value, a []jen.Code) *jen.Statement {
		return x.typed(v, jen.Add(a[0]).Op("*").Add(a[1]))
	},
	ir.Div:    infix("/"),
	ir.Sqrt:   helper("Sqrt"),
	ir.Rsqrt:  helper("Rsqrt"),
	ir.Abs:    helper("Abs"),
	ir.Floor:  helper("Floor"),
	ir.Mod:    helper("Mod"),
	ir.Max:    helper("Larger"),
	ir.Min:    helper("Smaller"),
	ir.Detach: func(x *expression, v *ir.Value, a []jen.Code) *jen.Statement { return jen.Add(a[0]) },
	ir.Pow:    wideHelper("Pow"),
	ir.Exp:    helper("Exp"),
	ir.Log:    helper("Log"),
	ir.Tanh:   helper("Tanh"),
	ir.Erf:    helper("Erf"),
	ir.Index:  func(x *expression, v *ir.Value, a []jen.Code) *jen.Statement { return jen.Float64().Call(jen.Id("j")) }, // in a loop over its axes
	ir.Less:   infix("<"),
	ir.LessEq: infix("<="),
	ir.Equal:  infix("=="),
	ir.And:    infix("&&"),
	ir.Or:     infix("||"),
	ir.Not:    func(x *expression, v *ir.Value, a []jen.Code) *jen.Statement { return jen.Op("!").Add(a[0]) },
	ir.Select: func(x *expression, v *ir.Value, a []jen.Code) *jen.Statement {
		return jen.Qual(runtimePath, "Select").Call(a...)
	},
}

func infix(op string) printer {
	return func(x *expression, v *ir.Value, a []jen.Code) *jen.Statement {
		return jen.Add(a[0]).Op(op).Add(a[1])
	}
}

// helper calls a function of package runtime, generic over the width.
func helper(name string) printer {
	return func(x *expression, v *ir.Value, a []jen.Code) *jen.Statement {
		return jen.Qual(runtimePath, name).Call(a...)
	}
}

// wideHelper calls package math, which differs between machines in the last
// bit: only float64 values below full rank, such as updates, may.
func wideHelper(name string) printer {
	return func(x *expression, v *ir.Value, a []jen.Code) *jen.Statement {
		if x.op(v) != plan.Wide {
			x.fail("line %d: %s of tensor elements has no exact form yet", v.Line, ir.Ops[v.Op].Name)
		}
		return jen.Qual("math", name).Call(a...)
	}
}
