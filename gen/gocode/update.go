package gocode

import (
	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// updates writes the functions that compute the next states, in float64.
func (e *emitter) updates() {
	for _, u := range e.unit.Updates {
		e.update(u)
	}
}

func (e *emitter) update(u *plan.Update) {
	name := e.updateName(u)
	s := e.arrayFunc(u.Steps, []result{{"next", "new " + u.State.Name}})
	s.e.function(name+" computes the next "+u.State.Name+".", name,
		[]jen.Code{jen.Id("u").Add(pointer("Updater")), jen.Id("next").Index().Id("T")}, nil, append(s.head, s.code...))
}

// An arrayEmitter writes a function of arrays alone: a loop for each step of its
// plan.
type arrayEmitter struct {
	*scope
	plan  *plan.Steps
	outs  []result // of the function's outputs
	temps []int    // scratch arrays, by the plan's number
}

// A result is where an output goes, and what the comment calls it.
type result struct{ slice, name string }

func (e *emitter) arrayFunc(p *plan.Steps, outs []result) *arrayEmitter {
	s := &arrayEmitter{plan: p, outs: outs, scope: &scope{expression: e.allWide(), e: &kernelEmitter{emitter: e, k: e.unit.Train.Variants[0].Forward}, frame: "u", read: map[string]string{}}}
	for _, n := range []string{"u", "j", "k"} {
		s.used[n] = true
	}
	for _, o := range outs {
		s.used[o.slice] = true
	}
	s.claimTemps()
	for i, st := range p.List {
		s.step(st, i == len(p.List)-1)
	}
	return s
}

// claimTemps finds scratch arrays of the shapes that the plan wants; updates
// follow one another and share them.
func (s *arrayEmitter) claimTemps() {
	used := map[int]bool{}
	for _, shape := range s.plan.Temps {
		at := -1
		for i, have := range s.e.temps {
			if have == shape && !used[i] {
				at = i
				break
			}
		}
		if at < 0 {
			at = len(s.e.temps)
			s.e.emitter.temps = append(s.e.emitter.temps, shape)
		}
		used[at] = true
		s.temps = append(s.temps, at)
	}
}

// allWide prints everything in float64.
func (e *emitter) allWide() *expression {
	x := newExpression(e.unit.Train.Variants[0].Forward, e.fail)
	wide := func(v *ir.Value) plan.Width {
		if ir.Ops[v.Op].Cond {
			return plan.Bool
		}
		return plan.Wide
	}
	x.width, x.op, x.rounds = wide, wide, func(*ir.Value) bool { return false }
	return x
}

// step writes one loop; the last one stores the outputs.
func (s *arrayEmitter) step(st *plan.Step, last bool) {
	s.inStep(st.Shape, func() {
		for _, v := range st.Values {
			s.arrayValue(v)
		}
		if last {
			s.results(st.Shape)
		}
	})
	clear(s.names)
}

// results stores the outputs.
func (s *arrayEmitter) results(shape ir.Axes) {
	for i, o := range s.plan.Func.Outs {
		v := plan.Strip(o.Value)
		s.reads(v)
		if n := s.names[v]; n == nil || v.Name == "" {
			s.add(jen.Comment(comment(s.outs[i].name + " = " + s.e.unit.Layer.Equation(o.Value))))
		}
		s.add(jen.Id(s.outs[i].slice).Index(s.index(shape, s.counters...)).Op("=").Add(round(s.value(v))))
	}
}

// arrayValue declares v if the spec named it, or another step reads it; else it
// is printed where it is used.
func (s *arrayEmitter) arrayValue(v *ir.Value) {
	for _, a := range v.Args {
		if !v.Op.Reduces() {
			s.reads(plan.Strip(a))
		}
	}
	temp, kept := s.plan.Temp[v]
	if v.Name == "" && !kept && !v.Op.Reduces() && v.Op != ir.Index {
		return
	}
	var code *jen.Statement
	s.add(s.e.equation(v)...)
	switch {
	case v.Op == ir.Index:
		code = jen.Float64().Call(s.index(v.Over, s.counters...))
	case v.Op.Reduces():
		code = s.arrayReduction(v)
	default:
		code = s.compute(v)
	}
	name := s.named(v, valueName(v, "c"), code)
	if kept {
		dst := s.array("Temp", s.temps[temp], name+"All")
		kept := jen.Id(name)
		if s.width(v) == plan.Bool {
			kept = jen.Qual(runtimePath, "Select").Types(jen.Float64()).Call(kept, jen.Lit(1), jen.Lit(0))
		}
		s.add(jen.Id(dst).Index(s.index(v.Axes, s.counters...)).Op("=").Add(kept))
	}
}

// arrayReduction writes the loop of a reduction along some axes of an array.
func (s *arrayEmitter) arrayReduction(v *ir.Value) *jen.Statement {
	x := plan.Strip(v.Args[0])
	k := counter{"k", s.e.unit.Order(v.Over)}
	at := append([]counter{k}, s.counters...)
	return s.reduceSmall(v, k, func() *jen.Statement { return s.arrayElement(x, at) })
}

// reads makes an operand readable at the place of the loop at hand.
func (s *arrayEmitter) reads(a *ir.Value) {
	if s.names[a] != nil || a.Op == ir.Const {
		return
	}
	_, kept := s.plan.Temp[a]
	switch {
	case kept || a.Op == ir.Load && a.Leaf.Kind != ir.KnobLeaf && a.Leaf.Kind != ir.CountLeaf:
		s.names[a] = s.arrayElement(a, s.counters)
	case a.Axes == 0:
		s.uniformRead(a)
	}
}

// uniformRead names the numbers that v is made of.
func (s *arrayEmitter) uniformRead(v *ir.Value) {
	if s.names[v] != nil {
		return
	}
	switch {
	case v.Op == ir.Step:
		s.names[v] = jen.Id("u").Dot("Step")
	case v.Op == ir.Size, v.Op == ir.Count:
		s.names[v] = s.e.sizeOf("u", v.Over)
	case v.Op == ir.Load && v.Leaf.Kind == ir.KnobLeaf:
		s.names[v] = jen.Id("u").Dot("Knob").Index(jen.Lit(s.e.knobIndex(v.Leaf.Name)))
	case v.Op == ir.Load && v.Leaf.Kind == ir.CountLeaf:
		s.names[v] = jen.Id("u").Dot("Count").Index(jen.Lit(s.e.statIndex(v.Leaf.Name)))
	}
	for _, a := range v.Args {
		s.uniformRead(plan.Strip(a))
	}
}

// arrayElement prints an element of a state, a parameter, a statistic, or a
// scratch array.
func (s *arrayEmitter) arrayElement(v *ir.Value, at []counter) *jen.Statement {
	i := s.index(v.Axes, at...)
	if temp, ok := s.plan.Temp[v]; ok {
		code := jen.Id(s.array("Temp", s.temps[temp], valueName(v, "saved"))).Index(i)
		if s.width(v) == plan.Bool {
			code = code.Op("!=").Lit(0)
		}
		return code
	}
	if v.Op != ir.Load {
		s.fail("line %d: value v%d is nowhere", v.Line, v.ID)
		return jen.Null()
	}
	switch l := v.Leaf; l.Kind {
	case ir.StatLeaf:
		return jen.Id(s.array("Stat", s.e.statIndex(l.Name), l.Name)).Index(i)
	case ir.StateLeaf, ir.ParamLeaf:
		return jen.Float64().Call(s.leaf(l).Index(i))
	default:
		s.fail("line %d: %s cannot be read outside a pass", v.Line, l.Name)
	}
	return jen.Null()
}
