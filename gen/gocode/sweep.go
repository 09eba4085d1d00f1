package gocode

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A sweepEmitter writes the function of one sweep: a loop over the rows of a
// block whose body is the sweep's phases.
type sweepEmitter struct {
	*scope
	sw     *plan.Sweep
	name   string
	loops  int // element functions written
	sums   int // accumulators used
	panels int
	temps  int // scratch rows used

	inRow   map[string]bool      // row slices declared
	rounded map[*ir.Value]string // scalars that have a local in the storage type
	lane    int                  // row at hand of those computed together
	hoisted map[*ir.Value]string // column values read once for all rows at hand
	counter bool                 // j is declared
	inner   *[]jen.Code          // statements of the group loop, if in one
	cuts    []string             // slices that the group loop cuts
	sliced  map[string]bool
}

// emit adds statements at the current level: the row, or the group.
func (s *sweepEmitter) emit(c ...jen.Code) {
	if s.inner != nil {
		*s.inner = append(*s.inner, c...)
		return
	}
	s.add(c...)
}

func (e *kernelEmitter) sweep(stage int, sw *plan.Sweep, v *plan.Variant) {
	s := &sweepEmitter{scope: e.scope("b"), sw: sw, name: e.sweepName(stage), inRow: map[string]bool{},
		rounded: map[*ir.Value]string{}, sliced: map[string]bool{}}
	for _, w := range []string{"b", "i", "j", "n", "k", "d", "from", "to"} {
		s.used[w] = true
	}
	s.reserveRows()
	var body []jen.Code
	if loops := s.rowLoops(); len(loops) > 0 {
		body = append(append(s.lengths(), s.head...), loops...)
	}
	body = append(body, s.columnMoments()...)
	e.function(s.doc(stage, v), s.name, []jen.Code{jen.Id("b").Add(pointer("Block"))}, nil, body)
}

// reserveRows keeps the names of row slices from other values.
func (s *sweepEmitter) reserveRows() {
	reserve := func(name string) {
		s.used[name] = true
		for lane := 1; lane < rowsTogether; lane++ {
			s.used[laneName(name, lane)] = true
		}
	}
	for _, l := range s.sw.Reads {
		reserve(s.e.tensorName(l, false))
	}
	for _, l := range s.sw.Writes {
		reserve(s.e.tensorName(l, true))
	}
}

func laneName(name string, lane int) string { return fmt.Sprintf("%s%d", name, lane+1) }

// rowLoops writes the loop over the rows, or two if several rows can be computed
// at once.
func (s *sweepEmitter) rowLoops() []jen.Code {
	var quick jen.Code
	if s.independent() {
		quick = s.together(s.sw.Phases[0])
		s.code, s.inRow, s.sums, s.loops = nil, map[string]bool{}, 0, 0
	}
	for _, ph := range s.sw.Phases {
		s.phase(ph)
	}
	s.saveRows()
	switch {
	case len(s.code) == 0:
		return nil
	case quick != nil:
		return []jen.Code{jen.Id("i").Op(":=").Lit(0), quick,
			jen.For(jen.Empty(), jen.Id("i").Op("<").Id("b").Dot("N"), jen.Id("i").Op("++")).Block(s.code...)}
	}
	return []jen.Code{jen.For(jen.Id("i").Op(":=").Range().Id("b").Dot("N")).Block(s.code...)}
}

// doc says what a sweep costs in tensor passes.
func (s *sweepEmitter) doc(stage int, v *plan.Variant) string {
	list := func(verb string, ls []*ir.Leaf) string {
		out := ""
		for i, l := range ls {
			if i > 0 {
				out += ", "
			} else {
				out += " " + verb + " "
			}
			out += s.e.tensorName(l, verb == "writes")
		}
		return out
	}
	return fmt.Sprintf("%s is sweep %d of %d%s:%s%s.", s.name, stage+1, len(s.e.k.Stages), s.e.when(v),
		list("reads", s.sw.Reads), list("writes", s.sw.Writes))
}

// tensorName is the local of a tensor; the gradient of an input is d and its name.
func (e *emitter) tensorName(l *ir.Leaf, written bool) string {
	if written && l.Kind == ir.InputLeaf {
		return local("d" + l.Name)
	}
	return local(l.Name)
}

// row declares the slice of a tensor's row, once, and returns its name.
func (s *sweepEmitter) row(l *ir.Leaf, written bool) string {
	name := s.e.tensorName(l, written)
	at := jen.Id("i")
	if s.lane > 0 {
		name = laneName(name, s.lane)
		at.Op("+").Lit(s.lane)
	}
	if !s.inRow[name] {
		s.inRow[name] = true
		s.add(jen.Id(name).Op(":=").Add(s.view(l, written)).Dot("Row").Call(at).Index(jen.Op(":").Id("n")))
	}
	return name
}

// view prints the block's view of a tensor. A backward reads the cotangents
// and then the forward's inputs, and writes the gradients of the inputs.
func (s *sweepEmitter) view(l *ir.Leaf, written bool) *jen.Statement {
	layer := s.e.unit.Layer
	field, index := "In", leafIndex(layer.Inputs, l)
	switch {
	case written && l.Kind == ir.OutputLeaf:
		field, index = "Out", leafIndex(layer.Outputs, l)
	case written:
		field, index = "Out", leafIndex(s.e.unit.Grads, l)
	case l.Kind == ir.OutputLeaf:
		index = len(layer.Outputs) + len(layer.Inputs) + leafIndex(layer.Outputs, l)
	case l.Kind == ir.CotangentLeaf:
		index = s.e.cotangentIndex(l)
	case s.e.isBackward():
		index += len(layer.Outputs)
	}
	return jen.Id("b").Dot(field).Index(jen.Lit(index))
}

// phase writes one loop over the row.
func (s *sweepEmitter) phase(ph *plan.Phase) {
	s.rowOperands(ph)
	if ph.Grouped {
		s.grouped(ph)
		return
	}
	s.scalars(ph.Head)
	s.reduceRow(ph, s.loop(ph))
	s.scalars(ph.Tail)
}

// rowOperands declares the row values that the phase reads from arrays.
func (s *sweepEmitter) rowOperands(ph *plan.Phase) {
	for _, v := range operands(ph) {
		if s.e.k.Rank(v) == plan.Row && s.names[v] == nil {
			if code := s.savedRow(v); code != nil {
				name := s.bind(v, valueName(v, "row"))
				s.add(jen.Id(name).Op(":=").Add(code))
			}
		}
	}
}

// savedRow prints a row value that lives in an array, or nil if the sweep
// computes it.
func (s *sweepEmitter) savedRow(v *ir.Value) *jen.Statement {
	if v.Op == ir.Load && v.Leaf.Kind == ir.MaskLeaf {
		return jen.Id(s.array("Mask", s.e.maskIndex(v)-1, v.Leaf.Name+"Mask")).Index(jen.Id("i"))
	}
	slot, ok := s.e.k.Given[v]
	if !ok && !s.computes(v) {
		slot, ok = s.e.k.Slot[v]
	}
	if !ok {
		return nil
	}
	return s.asElement(v, jen.Id(s.array("Row", slot.Index, valueName(v, "row")+"Row")).Index(jen.Id("i")))
}

// computes reports whether this sweep computes row or group value v.
func (s *sweepEmitter) computes(v *ir.Value) bool {
	for _, ph := range s.sw.Phases {
		for _, list := range [][]*ir.Value{ph.Head, ph.Tail, ph.RowSums} {
			for _, w := range list {
				if w == v {
					return true
				}
			}
		}
		for _, m := range ph.RowMoments {
			for _, w := range m.Values {
				if w == v {
					return true
				}
			}
		}
	}
	return false
}

// operands lists what the values and masks of a phase read, stripped.
func operands(ph *plan.Phase) []*ir.Value {
	var out []*ir.Value
	for _, list := range [][]*ir.Value{ph.Head, ph.Body, ph.ColSums, ph.Tail} {
		for _, v := range list {
			for _, a := range v.Args {
				out = append(out, plan.Strip(a))
			}
		}
	}
	for _, st := range ph.Stores {
		out = append(out, plan.Strip(st.Value))
	}
	return out
}

// scalars declares row values.
func (s *sweepEmitter) scalars(vals []*ir.Value) {
	for _, v := range vals {
		s.scalar(v)
	}
}

func (s *sweepEmitter) scalar(v *ir.Value) {
	s.uniforms(v)
	if s.e.inlined(v) {
		return
	}
	s.emit(s.e.equation(v)...)
	code := s.compute(v)
	if s.op(v) == plan.Wide && s.width(v) == plan.Narrow {
		code = round(code)
	}
	name := s.bind(v, valueName(v, "r"))
	s.emit(jen.Id(name).Op(":=").Add(code))
	s.saveGroup(v)
}

// reduceRow finishes the row reductions of a phase.
func (s *sweepEmitter) reduceRow(ph *plan.Phase, temps map[*ir.Value]string) {
	for _, v := range ph.RowSums {
		s.emit(s.e.equation(v)...)
		code := jen.Qual(runtimePath, "RowSum").Call(jen.Id(temps[v.Args[0]]))
		name := s.bind(v, valueName(v, "sum"))
		s.define(v, name, code)
	}
	for _, m := range ph.RowMoments {
		s.rowMoments(m, temps[m.Of])
	}
}

// define declares v; a value kept in a row array is rounded when it is made.
func (s *sweepEmitter) define(v *ir.Value, name string, wide *jen.Statement) {
	if s.width(v) == plan.Narrow {
		wide = round(wide)
	}
	s.emit(jen.Id(name).Op(":=").Add(wide))
	s.saveGroup(v)
}

// saveRows stores the row values that outlive the row.
func (s *sweepEmitter) saveRows() {
	for _, v := range s.sw.Saves {
		if slot := s.e.k.Slot[v]; slot.Kind == plan.RowSlot {
			name := s.array("Row", slot.Index, valueName(v, "row")+"Row")
			s.add(jen.Id(name).Index(jen.Id("i")).Op("=").Add(s.narrow(v)))
		}
	}
}

// lengths declares the length of a row, and of a group where there are groups.
func (s *sweepEmitter) lengths() []jen.Code {
	out := []jen.Code{jen.Id("n").Op(":=").Id("b").Dot("Width").Call()}
	for _, ph := range s.sw.Phases {
		if ph.Grouped {
			return append(out, jen.Id("d").Op(":=").Id("n").Op("/").Id("b").Dot("Groups"))
		}
	}
	return out
}
