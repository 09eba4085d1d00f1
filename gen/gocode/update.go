package gocode

import (
	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// updates writes the functions that compute the next states, column by column
// in float64.
func (e *emitter) updates() {
	for _, u := range e.unit.Layer.Modes[0].Updates {
		e.update(u)
	}
}

func (e *emitter) update(u *ir.Update) {
	x := e.updateExpression()
	out := u.Func.Outs[0].Value
	var head, body []jen.Code
	ke := &kernelEmitter{emitter: e}
	for _, v := range u.Func.Values {
		h, b := ke.updateValue(x, v)
		head, body = append(head, h...), append(body, b...)
	}
	body = append(body, jen.Comment(comment("new "+u.State.Name+" = "+e.unit.Layer.Equation(out))),
		jen.Id("next").Index(jen.Id("j")).Op("=").Add(round(x.value(out))))
	head = append(head, jen.For(jen.Id("j").Op(":=").Range().Id("next")).Block(body...))
	name := e.updateName(u)
	ke.function(name+" computes the next "+u.State.Name+".", name,
		[]jen.Code{jen.Id("u").Add(pointer("Updater")), jen.Id("next").Index().Id("T")}, nil, head)
}

// updateExpression prints everything in float64.
func (e *emitter) updateExpression() *expression {
	x := newExpression(e.unit.Infer, e.fail)
	wide := func(v *ir.Value) plan.Width {
		if ir.Ops[v.Op].Cond {
			return plan.Bool
		}
		return plan.Wide
	}
	x.width, x.op, x.rounds = wide, wide, func(*ir.Value) bool { return false }
	for _, n := range []string{"u", "next", "j"} {
		x.used[n] = true
	}
	return x
}

// updateValue names v where it is read, or declares it if the spec named it.
func (e *kernelEmitter) updateValue(x *expression, v *ir.Value) (head, body []jen.Code) {
	switch {
	case v.Op == ir.Step:
		x.names[v] = jen.Id("u").Dot("Step")
	case v.Op == ir.Size:
		x.names[v] = e.updateSize(v)
	case v.Op == ir.Load:
		return e.updateLeaf(x, v), nil
	case v.Name != "" && v.Op != ir.Widen && v.Op != ir.Const:
		code := x.compute(v)
		body = e.equation(v)
		body = append(body, jen.Id(x.bind(v, v.Name)).Op(":=").Add(code))
	}
	return nil, body
}

func (e *kernelEmitter) updateSize(v *ir.Value) *jen.Statement {
	if v.Over&set(e.unit.Rows) != 0 {
		e.fail("line %d: an update cannot know the size of a row axis: use the count of a statistic", v.Line)
	}
	return e.size("u", v.Over)
}

// updateLeaf declares the array that a leaf is read from.
func (e *kernelEmitter) updateLeaf(x *expression, v *ir.Value) []jen.Code {
	l := v.Leaf
	array := func(field string, i int) []jen.Code {
		name := x.fresh(l.Name)
		code := jen.Id(name).Index(jen.Id("j"))
		if field != "Stat" {
			code = jen.Float64().Call(code)
		}
		x.names[v] = code
		return []jen.Code{jen.Id(name).Op(":=").Id("u").Dot(field).Index(jen.Lit(i))}
	}
	switch l.Kind {
	case ir.KnobLeaf:
		x.names[v] = jen.Id("u").Dot("Knob").Index(jen.Lit(e.knobIndex(l.Name)))
	case ir.CountLeaf:
		x.names[v] = jen.Id("u").Dot("Count").Index(jen.Lit(e.statIndex(l.Name)))
	case ir.StatLeaf:
		return array("Stat", e.statIndex(l.Name))
	case ir.StateLeaf:
		return array("State", leafIndex(e.unit.Layer.States, l))
	case ir.ParamLeaf:
		return array("Param", leafIndex(e.unit.Layer.Params, l))
	default:
		e.fail("line %d: an update cannot read %s", v.Line, l.Name)
	}
	return nil
}
