package gen

import (
	"fmt"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/grad"
	"github.com/normgen/normgen/gen/ir"
)

// elementwise gives the functions that are one operation.
var elementwise = map[dsl.Function]ir.Op{
	dsl.Sqrt:   ir.Sqrt,
	dsl.Rsqrt:  ir.Rsqrt,
	dsl.Exp:    ir.Exp,
	dsl.Log:    ir.Log,
	dsl.Tanh:   ir.Tanh,
	dsl.Erf:    ir.Erf,
	dsl.Abs:    ir.Abs,
	dsl.Floor:  ir.Floor,
	dsl.Mod:    ir.Mod,
	dsl.Max:    ir.Max,
	dsl.Min:    ir.Min,
	dsl.Detach: ir.Detach,
}

func (b *builder) call(e *dsl.Call) *ir.Value {
	switch e.Fn {
	case dsl.Clip:
		return b.clip(e)
	case dsl.Ema:
		return b.ema(e)
	case dsl.Unbiased:
		return b.unbiased(e)
	case dsl.Derived:
		return b.derived(e)
	}
	op, ok := elementwise[e.Fn]
	if !ok {
		panic(fmt.Sprintf("gen: unknown function %d", e.Fn))
	}
	return b.f.Apply(op, b.args(e)...)
}

func (b *builder) args(e *dsl.Call) []*ir.Value {
	var out []*ir.Value
	for _, a := range e.Args {
		out = append(out, b.expr(a))
	}
	return out
}

func (b *builder) clip(e *dsl.Call) *ir.Value {
	a := b.args(e)
	return b.f.Apply(ir.Min, b.f.Apply(ir.Max, a[0], a[1]), a[2])
}

// ema is (1-m)*old + m*new.
func (b *builder) ema(e *dsl.Call) *ir.Value {
	a := b.args(e)
	keep := atom(b.f.Sub(b.f.Const(1), a[2]))
	return atom(b.f.Add(b.f.Mul(keep, a[0]), b.f.Mul(a[2], a[1])))
}

// unbiased is the statistic times n/(n-1), n the count of its domain.
func (b *builder) unbiased(e *dsl.Call) *ir.Value {
	v := b.expr(e.Args[0])
	n := b.countOf(e.Args[0], v)
	return b.f.Mul(v, b.f.Div(n, atom(b.f.Sub(n, b.f.Const(1)))))
}

// countOf is the count of the domain of the statistic that e names or reduces to v.
func (b *builder) countOf(e dsl.Expr, v *ir.Value) *ir.Value {
	if b.update != nil {
		return b.countLeaf(v)
	}
	switch e := e.(type) {
	case *dsl.Reduce:
		return b.several(ir.Axes(e.Over), b.mask(e.Mask), e.Pos.Line)
	case *dsl.Ref:
		if v.Op.Reduces() {
			return b.several(v.Over, v.Mask(), e.Pos.Line)
		}
	}
	panic(fmt.Sprintf("gen: unbiased of %T", e))
}

// several is the count of a domain that must have more than one element: without
// a mask that is known before the pass, and required.
func (b *builder) several(over ir.Axes, mask *ir.Value, line int) *ir.Value {
	if mask == nil {
		b.require(b.mode, line, func(r *builder) *ir.Value { return r.f.Less(r.f.Const(1), r.f.Size(over)) })
	}
	return b.f.Count(over, mask)
}

// derived is the gradient that would be derived, whatever is declared.
func (b *builder) derived(e *dsl.Call) *ir.Value {
	v := b.expr(e.Args[0])
	g, err := grad.Adjoints(b.f, b.seeds, nil, []*ir.Value{v})
	if err != nil {
		b.err = err
		return b.f.Const(0)
	}
	if g[0] == nil {
		return b.f.Const(0)
	}
	return g[0]
}
