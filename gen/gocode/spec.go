package gocode

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// spec writes the function that lists everything the engine needs.
func (e *emitter) spec(dst *jen.Statement) {
	name := e.prefix + "Spec"
	e.decl("func", name)
	l := e.unit.Layer
	fs := []field{{"Name", jen.Lit(e.unit.Name)}, {"Inputs", stringList(l.Inputs)}, {"Outputs", stringList(l.Outputs)}}
	if len(e.unit.Grads) < len(l.Inputs) {
		fs = append(fs, field{"Grads", stringList(e.unit.Grads)})
	}
	if e.unit.KeepsOutputs() {
		fs = append(fs, field{"KeepsOutputs", jen.True()})
	}
	optional := func(name string, typ *jen.Statement, vals []jen.Code) {
		if len(vals) > 0 {
			fs = append(fs, field{name, jen.Index().Add(typ).Add(table(vals...))})
		}
	}
	optional("Masks", jen.Qual(runtimePath, "MaskSpec"), e.masks())
	if e.transposed() {
		fs = append(fs, field{"RowAxes", e.rowAxes()})
	}
	optional("Params", jen.Qual(runtimePath, "VectorSpec"), e.vectors(l.Params))
	optional("States", jen.Qual(runtimePath, "VectorSpec"), e.vectors(l.States))
	optional("Stats", jen.Qual(runtimePath, "StatSpec"), e.stats())
	optional("Updates", jen.Qual(runtimePath, "UpdateSpec").Types(jen.Id("T")), e.updateValues())
	fs = append(fs, field{"Train", e.variants(e.unit.Train, "")})
	if e.unit.Eval != e.unit.Train {
		fs = append(fs, field{"Frozen", e.variants(e.unit.Eval, "Frozen")})
	}
	fs = append(fs, field{"Infer", e.kernelValue(e.unit.Infer, "Infer")}, field{"Arrays", e.arrays()},
		field{"Scratch", counts("Scratch", []string{"Acc", "Temp", "Panel", "Moment"}, e.need.Acc, e.need.Temp, e.need.Panel, e.need.Moment)})
	dst.Line().Comment(comment(name + " lists the parts of " + e.unit.Name + " for the engine.")).Line().
		Func().Id(name).Types(jen.Id("T").Qual(runtimePath, "Float")).Params().Add(pointer("Spec")).
		Block(jen.Return(jen.Op("&").Qual(runtimePath, "Spec").Types(jen.Id("T")).Add(tall(fs...))))
}

func stringList(ls []*ir.Leaf) *jen.Statement {
	var out []jen.Code
	for _, l := range ls {
		out = append(out, jen.Lit(l.Name))
	}
	return jen.Index().String().Values(out...)
}

func (e *emitter) vectors(ls []*ir.Leaf) []jen.Code {
	var out []jen.Code
	for _, l := range ls {
		out = append(out, record(field{"Name", jen.Lit(l.Name)}, field{"Init", number(l.Init)}))
	}
	return out
}

// masks lists the masks; one that is declared in another order than the rows
// says in which.
func (e *emitter) masks() []jen.Code {
	var out []jen.Code
	for _, m := range e.unit.Layer.Masks {
		fs := []field{{"Name", jen.Lit(m.Name)}}
		if !e.inRowOrder(m) {
			var order []jen.Code
			for _, dim := range m.Dims {
				order = append(order, jen.Lit(indexOf(e.unit.Rows, dim)))
			}
			fs = append(fs, field{"Order", jen.Index().Int().Values(order...)})
		}
		out = append(out, record(fs...))
	}
	return out
}

func (e *emitter) inRowOrder(m *ir.Leaf) bool {
	if len(m.Dims) != len(e.unit.Rows) {
		e.fail("mask %s must name every row axis", m.Name)
		return true
	}
	for i, d := range m.Dims {
		if d != e.unit.Rows[i] {
			return false
		}
	}
	return true
}

func (e *emitter) transposed() bool {
	for _, m := range e.unit.Layer.Masks {
		if !e.inRowOrder(m) {
			return true
		}
	}
	return false
}

func (e *emitter) rowAxes() *jen.Statement {
	var out []jen.Code
	for _, d := range e.unit.Rows {
		out = append(out, jen.Lit(e.unit.Layer.Axes[d].Name))
	}
	return jen.Index().String().Values(out...)
}

func indexOf(xs []int, x int) int {
	for i, y := range xs {
		if y == x {
			return i
		}
	}
	return -1
}

var mergeNames = map[ir.Merge]string{ir.MergeNone: "MergeNone", ir.MergeMean: "MergeMean", ir.MergeVar: "MergeVar",
	ir.MergeSum: "MergeSum", ir.MergeMax: "MergeMax"}

// stats lists the statistics of training.
func (e *emitter) stats() []jen.Code {
	var out []jen.Code
	for _, s := range e.allStats() {
		fs := []field{{"Name", jen.Lit(s.Name)}, {"Merge", jen.Qual(runtimePath, mergeNames[s.Merge])}}
		if s.Phase == ir.BackwardPhase {
			fs = append(fs, field{"Backward", jen.True()})
		}
		if s.Axes&set(e.unit.Rows) == 0 {
			fs = append(fs, field{"Batch", jen.True()})
		}
		if s.Mask != nil {
			fs = append(fs, field{"Mask", jen.Lit(1 + leafIndex(e.unit.Layer.Masks, s.Mask))})
		}
		if s.Mean != nil {
			fs = append(fs, field{"Mean", jen.Lit(e.statIndex(s.Mean.Name))})
		}
		if e.unbiased(s) {
			fs = append(fs, field{"Unbiased", jen.True()})
		}
		out = append(out, record(fs...))
	}
	return out
}

// allStats lists the statistics of both modes, training's first, each once.
func (e *emitter) allStats() []*ir.Stat {
	out := append([]*ir.Stat{}, e.unit.Layer.Modes[0].Stats...)
	for _, s := range e.unit.Layer.Modes[1].Stats {
		known := false
		for _, t := range out {
			known = known || t.Name == s.Name
		}
		if !known {
			out = append(out, s)
		}
	}
	return out
}

func (e *emitter) statIndex(name string) int {
	for i, s := range e.allStats() {
		if s.Name == name {
			return i
		}
	}
	e.fail("no statistic %s", name)
	return 0
}

// unbiased reports whether an update reads the count of s: only the division by
// count - 1 does.
func (e *emitter) unbiased(s *ir.Stat) bool {
	for _, u := range e.unit.Layer.Modes[0].Updates {
		for _, v := range u.Func.Values {
			if v.Op == ir.Load && v.Leaf.Kind == ir.CountLeaf && v.Leaf.Name == s.Name {
				return true
			}
		}
	}
	return false
}

// arrays is the most that any variant needs.
func (e *emitter) arrays() *jen.Statement {
	var a plan.Slots
	take := func(s plan.Slots) {
		a.Row, a.Group, a.Col = max(a.Row, s.Row), max(a.Group, s.Group), max(a.Col, s.Col)
		a.Wide, a.Sum, a.Moment = max(a.Wide, s.Wide), max(a.Sum, s.Sum), max(a.Moment, s.Moment)
	}
	for _, m := range []*plan.Mode{e.unit.Train, e.unit.Eval} {
		for _, v := range m.Variants {
			take(v.Slots)
		}
	}
	take(e.unit.InferSlots)
	return counts("Arrays", []string{"Row", "Group", "Col", "Wide", "Sum", "Moment"}, a.Row, a.Group, a.Col, a.Wide, a.Sum, a.Moment)
}

func (e *emitter) variants(m *plan.Mode, name string) *jen.Statement {
	var out []jen.Code
	for _, v := range m.Variants {
		suffix := variantName(m, v)
		var fs []field
		if v.Masked {
			fs = append(fs, field{"Masked", jen.True()})
		}
		if len(v.When) > 0 {
			fs = append(fs, field{"When", e.condition(v)})
		}
		fs = append(fs, field{"Forward", e.kernelValue(v.Forward, name+"Forward"+suffix)},
			field{"Backward", e.kernelValue(v.Backward, name+"Backward"+suffix)})
		out = append(out, tall(fs...))
	}
	return jen.Index().Qual(runtimePath, "Variant").Types(jen.Id("T")).Values(out...)
}

// condition prints the function that says whether a variant applies.
func (e *emitter) condition(v *plan.Variant) *jen.Statement {
	x := newExpression(v.Forward, e.fail)
	wide := func(w *ir.Value) plan.Width {
		if ir.Ops[w.Op].Cond {
			return plan.Bool
		}
		return plan.Wide
	}
	x.width, x.op, x.rounds = wide, wide, func(*ir.Value) bool { return false }
	all := &jen.Statement{}
	for i, o := range v.When {
		e.nameUniform(x, o.Cond)
		c := x.value(o.Cond)
		if !o.Holds {
			c = jen.Op("!").Parens(c)
		}
		if i > 0 {
			all.Op("&&")
		}
		all.Add(c)
	}
	return jen.Func().Params(jen.Id("knob").Index().Float64(), jen.Id("step").Float64()).Bool().Block(jen.Return(all))
}

func (e *emitter) nameUniform(x *expression, v *ir.Value) {
	switch {
	case v.Op == ir.Step:
		x.names[v] = jen.Id("step")
	case v.Op == ir.Load:
		x.names[v] = jen.Id("knob").Index(jen.Lit(e.knobIndex(v.Leaf.Name)))
	}
	for _, a := range v.Args {
		e.nameUniform(x, a)
	}
}

// kernelValue prints the table entry of a kernel.
func (e *emitter) kernelValue(k *plan.Kernel, name string) *jen.Statement {
	ke := &kernelEmitter{emitter: e, k: k, name: name}
	fn := func(n string) *jen.Statement { return jen.Id(e.alias[n]).Types(jen.Id("T")) }
	var stages []jen.Code
	for s, st := range k.Stages {
		var fs []field
		if len(st.Columns) > 0 {
			fs = append(fs, field{"Columns", fn(ke.columnsName(s))})
		}
		fs = append(fs, field{"Sweep", fn(ke.sweepName(s))})
		stages = append(stages, record(append(fs, ke.reductions(st.Sweep)...)...))
	}
	var fs []field
	if k.Apart() {
		fs = append(fs, field{"Apart", jen.True()})
	}
	fs = append(fs, field{"Stages", jen.Index().Qual(runtimePath, "Stage").Types(jen.Id("T")).Add(table(stages...))})
	if ke.finishes() {
		fs = append(fs, field{"Finish", fn(ke.columnsName(len(k.Stages)))})
	}
	return jen.Qual(runtimePath, "Kernel").Types(jen.Id("T")).Add(tall(append(fs, ke.resultLists()...)...))
}

// reductions lists where a sweep's column reductions go.
func (e *kernelEmitter) reductions(sw *plan.Sweep) []field {
	var sums, moments []jen.Code
	for _, ph := range sw.Phases {
		for _, v := range ph.ColSums {
			sums = append(sums, jen.Lit(e.k.Sums[v].Index))
		}
		for _, m := range ph.ColMoments {
			fs := []field{{"Slot", jen.Lit(e.k.Sums[m.Values[0]].Index)}}
			if m.Mask != nil {
				fs = append(fs, field{"Mask", jen.Lit(e.maskIndex(plan.Strip(m.Mask)))})
			}
			moments = append(moments, record(fs...))
		}
	}
	var out []field
	if len(sums) > 0 {
		out = append(out, field{"Sums", jen.Index().Int().Values(sums...)})
	}
	if len(moments) > 0 {
		out = append(out, field{"Moments", jen.Index().Qual(runtimePath, "Moment").Values(moments...)})
	}
	return out
}

var ranks = map[plan.SlotKind]string{plan.WideSlot: "ColResult", plan.RowSlot: "RowResult", plan.GroupSlot: "GroupResult"}

// resultLists lists parameter gradients and statistics.
func (e *kernelEmitter) resultLists() []field {
	lists := map[string][]jen.Code{}
	for _, o := range e.k.Outs {
		list, index := "Stats", 0
		switch o.Kind {
		case ir.GradOut:
			list, index = "Grads", leafIndex(e.unit.Layer.Params, o.Leaf)
		case ir.StatOut:
			index = e.statIndex(o.Name)
		default:
			e.fail("output %s has no tensor", o.Name)
		}
		fs := []field{{"Index", jen.Lit(index)}, {"Slot", jen.Lit(o.Slot.Index)}}
		if r := ranks[o.Slot.Kind]; r != "ColResult" {
			fs = append(fs, field{"Rank", jen.Qual(runtimePath, r)})
		}
		lists[list] = append(lists[list], record(fs...))
	}
	var out []field
	for _, f := range []string{"Grads", "Stats"} {
		if len(lists[f]) > 0 {
			out = append(out, field{f, jen.Index().Qual(runtimePath, "Result").Values(lists[f]...)})
		}
	}
	return out
}

// updateName is the function that computes the next value of a state.
func (e *emitter) updateName(u *ir.Update) string {
	phase := "Forward"
	if u.Phase == ir.BackwardPhase {
		phase = "Backward"
	}
	return fmt.Sprintf("%sUpdate%s%s", e.prefix, exported(u.State.Name), phase)
}

func (e *emitter) updateValues() []jen.Code {
	var out []jen.Code
	for _, u := range e.unit.Layer.Modes[0].Updates {
		var stats []jen.Code
		for _, s := range u.Stats {
			stats = append(stats, jen.Lit(e.statIndex(s.Name)))
		}
		fs := []field{{"State", jen.Lit(leafIndex(e.unit.Layer.States, u.State))}}
		if u.Phase == ir.BackwardPhase {
			fs = append(fs, field{"Backward", jen.True()})
		}
		if len(stats) > 0 {
			fs = append(fs, field{"Stats", jen.Index().Int().Values(stats...)})
		}
		out = append(out, record(append(fs, field{"Next", jen.Id(e.alias[e.updateName(u)]).Types(jen.Id("T"))})...))
	}
	return out
}
