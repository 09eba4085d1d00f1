package gocode

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

func (e *emitter) variants(m *plan.Mode, name string) *jen.Statement {
	var out []jen.Code
	for _, v := range m.Variants {
		suffix := variantName(m.Variants, v)
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

func (e *emitter) inferVariants() *jen.Statement {
	var out []jen.Code
	for _, v := range e.unit.Infer {
		var fs []field
		if len(v.When) > 0 {
			fs = append(fs, field{"When", e.condition(v)})
		}
		out = append(out, tall(append(fs, field{"Forward", e.kernelValue(v.Forward, "Infer"+variantName(e.unit.Infer, v))})...))
	}
	return jen.Index().Qual(runtimePath, "Variant").Types(jen.Id("T")).Values(out...)
}

// condition prints the function that says whether a variant applies.
func (e *emitter) condition(v *plan.Variant) *jen.Statement {
	x := e.allWide()
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
			fs = append(fs, e.stepName("ColumnsName", ke.columnsName(s))...)
		}
		if hasBegin(st) {
			fs = append(fs, field{"Begin", fn(ke.beginName(s))})
			fs = append(fs, e.stepName("BeginName", ke.beginName(s))...)
		}
		if len(st.Sweep.Phases) > 0 {
			fs = append(fs, field{"Sweep", fn(ke.sweepName(s))})
			if len(e.assembly) > 0 {
				fs = append(fs, field{"Name", jen.Lit(e.alias[ke.sweepName(s)])})
			}
		}
		if st.Linked {
			fs = append(fs, field{"Linked", jen.True()})
		}
		stages = append(stages, record(append(fs, ke.reductionFields(st)...)...))
	}
	var fs []field
	if k.Apart() {
		fs = append(fs, field{"Apart", jen.True()})
	}
	fs = append(fs, field{"Stages", jen.Index().Qual(runtimePath, "Stage").Types(jen.Id("T")).Add(table(stages...))})
	if len(k.Finish) > 0 {
		fs = append(fs, field{"Finish", fn(ke.columnsName(len(k.Stages)))})
		fs = append(fs, e.stepName("FinishName", ke.columnsName(len(k.Stages)))...)
	}
	return jen.Qual(runtimePath, "Kernel").Types(jen.Id("T")).Add(tall(append(fs, ke.resultLists()...)...))
}

// stepName says what the function of a step is called, which assembly is found by.
func (e *emitter) stepName(name, fn string) []field {
	if len(e.assembly) == 0 {
		return nil
	}
	return []field{{name, jen.Lit(e.alias[fn])}}
}

var ranks = map[plan.SlotKind]string{plan.WideSlot: "ColResult", plan.SumSlot: "SumResult", plan.MomentSlot: "MeanResult", plan.RowSlot: "RowResult", plan.GroupSlot: "GroupResult",
	plan.SegWideSlot: "SegmentResult"}

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
		fs := []field{{"Index", jen.Lit(index)}, {"Slot", jen.Lit(e.arrays.Index(o.Slot))}}
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
func (e *emitter) updateName(u *plan.Update) string {
	phase := "Forward"
	if u.Phase == ir.BackwardPhase {
		phase = "Backward"
	}
	return fmt.Sprintf("%sUpdate%s%s", e.prefix, exported(u.State.Name), phase)
}

func (e *emitter) updateValues() []jen.Code {
	var out []jen.Code
	for _, u := range e.unit.Updates {
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
