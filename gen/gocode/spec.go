package gocode

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
)

// spec writes the function that lists everything the engine needs.
func (e *emitter) spec(dst *jen.Statement) {
	name := e.prefix + "Spec"
	e.decl("func", name)
	l := e.unit.Layer
	fs := []field{{"Name", jen.Lit(e.unit.Name)}, {"Axes", e.axisList(e.allAxes())}, {"Cols", jen.Lit(len(e.unit.Cols))}}
	shapes := &jen.Statement{}
	fs = append(fs, field{"Shapes", shapes})
	if e.needsShape() {
		fs = append(fs, field{"RowAxes", e.axisList(e.unit.Rows)})
	}
	if e.unit.Segments > 0 {
		fs = append(fs, field{"Segments", jen.Lit(e.unit.Segments)})
	}
	fs = append(fs, field{"Inputs", e.tensorList(l.Inputs)}, field{"Outputs", e.tensorList(l.Outputs)}, field{"Grads", e.gradList()})
	if e.unit.KeepsOutputs() {
		fs = append(fs, field{"KeepsOutputs", jen.True()})
	}
	optional := func(name string, typ *jen.Statement, vals []jen.Code) {
		if len(vals) > 0 {
			fs = append(fs, field{name, jen.Index().Add(typ).Add(table(vals...))})
		}
	}
	optional("Masks", jen.Qual(runtimePath, "MaskSpec"), e.masks())
	optional("Params", jen.Qual(runtimePath, "VectorSpec"), e.vectors(l.Params))
	optional("States", jen.Qual(runtimePath, "VectorSpec"), e.vectors(l.States))
	optional("Stats", jen.Qual(runtimePath, "StatSpec"), e.stats())
	optional("Updates", jen.Qual(runtimePath, "UpdateSpec").Types(jen.Id("T")), e.updateValues())
	optional("Requires", jen.Qual(runtimePath, "Require").Types(jen.Id("T")), e.requires(l.Modes[0]))
	optional("FrozenNeeds", jen.Qual(runtimePath, "Require").Types(jen.Id("T")), e.requires(l.Modes[1]))
	fs = append(fs, field{"Train", e.variants(e.unit.Train, "")})
	if e.unit.Eval != e.unit.Train {
		fs = append(fs, field{"Frozen", e.variants(e.unit.Eval, "Frozen")})
	}
	fs = append(fs, field{"Infer", e.inferVariants()}, field{"Arrays", jen.Qual(runtimePath, "Arrays").Add(record(e.arrayFields()...))}, field{"Scratch", e.scratch()})
	if len(e.assembly) > 0 {
		fs = append(fs, field{"Assembly", jen.Id(e.assemblyName())})
	}
	e.shapesAre(shapes)
	dst.Line().Comment(comment(name + " lists the parts of " + e.unit.Name + " for the engine.")).Line().
		Func().Id(name).Types(jen.Id("T").Qual(runtimePath, "Float")).Params().Add(pointer("Spec")).
		Block(jen.Return(jen.Op("&").Qual(runtimePath, "Spec").Types(jen.Id("T")).Add(tall(fs...))))
}

// shapesAre fills in the shapes, when all are known.
func (e *emitter) shapesAre(dst *jen.Statement) {
	var out []jen.Code
	for _, s := range e.shapes {
		out = append(out, e.shapeList(s))
	}
	dst.Index().Qual(runtimePath, "Shape").Values(out...)
}

func (e *emitter) axisList(axes []int) *jen.Statement {
	var out []jen.Code
	for _, d := range axes {
		out = append(out, jen.Lit(e.unit.Layer.Axes[d].Name))
	}
	return jen.Index().String().Values(out...)
}

// tensorList lists inputs or outputs; one that is not whole has a row for each
// segment.
func (e *emitter) tensorList(ls []*ir.Leaf) *jen.Statement {
	var out []jen.Code
	for _, l := range ls {
		fs := []field{{"Name", jen.Lit(l.Name)}}
		if e.unit.Partly(l) {
			fs = append(fs, field{"Segment", jen.True()}, field{"Shape", jen.Lit(e.shape(e.unit.Small(l.Axes())))})
		}
		out = append(out, record(fs...))
	}
	return jen.Index().Qual(runtimePath, "TensorSpec").Values(out...)
}

// gradList lists the inputs with a gradient of their own.
func (e *emitter) gradList() *jen.Statement {
	var out []jen.Code
	for _, l := range e.unit.Grads {
		out = append(out, jen.Lit(leafIndex(e.unit.Layer.Inputs, l)))
	}
	return jen.Index().Int().Values(out...)
}

// scratch lists the most that one sweep needs.
func (e *emitter) scratch() *jen.Statement {
	var fs []field
	for _, f := range []struct {
		name string
		n    int
	}{{"Acc", e.need.Acc}, {"Temp", e.need.Temp}, {"Panel", e.need.Panel}} {
		if f.n > 0 {
			fs = append(fs, field{f.name, jen.Lit(f.n)})
		}
	}
	return jen.Qual(runtimePath, "Scratch").Add(record(append(fs, e.shapeField("Values", e.values)...)...))
}

// vectors lists parameters or states.
func (e *emitter) vectors(ls []*ir.Leaf) []jen.Code {
	var out []jen.Code
	for _, l := range ls {
		fs := []field{{"Name", jen.Lit(l.Name)}}
		if n := e.shape(l.Axes()); n > 0 {
			fs = append(fs, field{"Shape", jen.Lit(n)})
		}
		fs = append(fs, e.initial(l)...)
		out = append(out, record(append(fs, invariant(l)...)...))
	}
	return out
}

// initial prints what gives a parameter or state its first value; nothing for 0.
func (e *emitter) initial(l *ir.Leaf) []field {
	switch {
	case l.From != nil:
		return []field{{"From", e.initialFunc(l.From)}}
	case l.Init == 0:
		return nil
	}
	return []field{{"Init", number(l.Init)}}
}

// invariant prints what the values of a state fulfil, to check those that are loaded.
func invariant(l *ir.Leaf) []field {
	w := l.Where
	if w == nil {
		return nil
	}
	holds := jen.Func().Params(jen.Id("v").Float64()).Bool().Block(jen.Return(jen.Id("v").Op(w.Op).Add(number(w.Than))))
	text := fmt.Sprintf("%s %s %v", l.Name, w.Op, w.Than)
	return []field{{"Where", jen.Qual(runtimePath, "Invariant").Add(record(field{"Text", jen.Lit(text)}, field{"Holds", holds}))}}
}

// requires lists the conditions that a mode sets on sizes and knobs.
func (e *emitter) requires(m *ir.Mode) []jen.Code {
	var out []jen.Code
	for _, r := range m.Requires {
		x := e.allWide()
		cond := r.Func.Outs[0].Value
		for _, v := range r.Func.Values {
			switch {
			case v.Op == ir.Size:
				x.names[v] = e.sizeOf("f", v.Over)
			case v.Op == ir.Load:
				x.names[v] = jen.Id("f").Dot("Knob").Index(jen.Lit(e.knobIndex(v.Leaf.Name)))
			}
		}
		holds := jen.Func().Params(jen.Id("f").Add(pointer("Frame"))).Bool().Block(jen.Return(x.value(cond)))
		out = append(out, record(field{"Text", jen.Lit(e.unit.Layer.Equation(cond))}, field{"Holds", holds}))
	}
	return out
}

// initialFunc prints a value that depends on sizes and knobs.
func (e *emitter) initialFunc(f *ir.Func) *jen.Statement {
	x := e.allWide()
	for _, v := range f.Values {
		switch {
		case v.Op == ir.Size:
			x.names[v] = jen.Float64().Call(e.sizeProduct(v.Over))
		case v.Op == ir.Load:
			x.names[v] = jen.Id("knob").Index(jen.Lit(e.knobIndex(v.Leaf.Name)))
		}
	}
	return jen.Func().Params(jen.Id("size").Index().Int(), jen.Id("knob").Index().Float64()).Float64().Block(jen.Return(x.value(f.Outs[0].Value)))
}

// sizeProduct prints the number of elements along axes of known size.
func (e *emitter) sizeProduct(a ir.Axes) *jen.Statement {
	out := &jen.Statement{}
	for i, d := range e.unit.Order(a) {
		if i > 0 {
			out.Op("*")
		}
		at := indexOf(e.allAxes(), d)
		if at < 0 {
			e.fail("the initial value depends on the size of axis %s, which only a pass knows", e.unit.Layer.Axes[d].Name)
		}
		out.Id("size").Index(jen.Lit(at))
	}
	return out
}

// needsShape reports whether a pass must know the sizes of the row axes.
func (e *emitter) needsShape() bool { return e.unit.Segments > 0 || e.transposed() }

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

func (e *emitter) inRowOrder(m *ir.Leaf) bool { return slices.Equal(m.Dims, e.unit.Rows) }

func (e *emitter) transposed() bool {
	for _, m := range e.unit.Layer.Masks {
		if !e.inRowOrder(m) {
			return true
		}
	}
	return false
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
		small := e.unit.Small(s.Axes)
		if n := e.shape(small); n > 0 {
			fs = append(fs, field{"Shape", jen.Lit(n)})
		}
		rows := s.Over &^ e.unit.Small(s.Over)
		if s.Axes == small {
			fs = append(fs, field{"Batch", jen.True()})
			if rows == 0 {
				fs = append(fs, field{"Columns", jen.True()})
			}
		}
		if e.unit.Segments > 0 && rows == set(e.unit.Rows[:e.unit.Segments]) {
			fs = append(fs, field{"Segments", jen.True()})
		}
		if inside := e.unit.Small(s.Over); inside != 0 {
			fs = append(fs, field{"Inside", jen.Lit(1 + e.shape(inside))})
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
