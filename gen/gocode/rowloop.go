package gocode

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// rowLoop writes the call of assembly that computes whole rows, row values
// included, and returns it, or nil if the sweep is none that can. Rows that are
// too short for it, or so long that one call would take too long, are left to the
// statements that follow.
func (s *sweepEmitter) rowLoop() []jen.Code {
	if s.e.vec.trying || !s.wholeRows() {
		return nil
	}
	c := &rowCall{s: s, used: map[string]bool{"n": true, "rows": true, "g": true}, loop: &plan.RowLoop{Kernel: s.e.k}}
	if !c.collect() {
		return nil
	}
	if s.e.vec.file.CheckRows(c.loop) != nil {
		return nil
	}
	name := s.e.vec.file.Rows(s.name+"Rows", c.loop)
	s.e.rowStub(name, c.loop)
	args := append([]jen.Code{jen.Id("n"), jen.Id("rows")}, c.args...)
	if c.loop.Stores() {
		args = append(args, jen.Id("b").Dot("Stream"))
	}
	fits := jen.Id("n").Op("<=").Qual(runtimePath, "CallElements")
	if c.loop.Moments() {
		fits = jen.Id("n").Op(">=").Lit(plan.RowShift).Op("&&").Add(fits)
	}
	return []jen.Code{jen.If(fits).Block(
		jen.For(jen.List(jen.Id("i"), jen.Id("rows")).Op(":=").List(jen.Lit(0), jen.Lit(0)), jen.Id("i").Op("<").Id("b").Dot("N"), jen.Id("i").Op("+=").Id("rows")).Block(
			between(longerThan("CallColumns")),
			jen.Id("rows").Op("=").Id("min").Call(jen.Id("b").Dot("CallRows"), jen.Id("b").Dot("N").Op("-").Id("i")),
			jen.Id(name).Call(args...)),
		jen.Return())}
}

// wholeRows reports whether the sweep has row values, and all that its phases do
// is done row by row without masks.
func (s *sweepEmitter) wholeRows() bool {
	values := false
	for _, ph := range s.sw.Phases {
		if ph.Level|ph.Run != 0 || len(ph.ColMoments)+len(ph.SmallSums)+len(ph.SmallMoments) > 0 {
			return false
		}
		if len(ph.RowMoments) > 0 && len(ph.ColSums)+len(ph.Stores) > 0 {
			return false // they may be taken again
		}
		for _, m := range ph.RowMoments {
			if m.Mask != nil {
				return false
			}
		}
		for _, v := range append(append([]*ir.Value{}, ph.RowSums...), ph.ColSums...) {
			if v.Op != ir.Sum || len(v.Args) > 1 {
				return false
			}
		}
		values = values || len(ph.Head)+len(ph.Tail)+len(ph.RowSums)+len(ph.RowMoments) > 0
	}
	return values
}

// A rowCall collects the parameters and arguments of a row loop.
type rowCall struct {
	s    *sweepEmitter
	loop *plan.RowLoop
	args []jen.Code
	used map[string]bool
	done map[*ir.Value]bool // values that are computed or have a parameter
}

// collect lists what the phases read and write. It reports false if something has
// no form.
func (c *rowCall) collect() bool {
	c.done = map[*ir.Value]bool{}
	ok := true
	for _, ph := range c.s.sw.Phases {
		p := c.s.rowPhase(ph)
		c.loop.Phases = append(c.loop.Phases, p)
		for _, v := range ph.Head {
			ok = ok && c.scalar(v)
		}
		for _, v := range p.Reads() {
			ok = ok && c.element(v)
		}
		for _, v := range ph.RowSums {
			c.done[v] = true
		}
		for _, m := range ph.RowMoments {
			for _, v := range m.Values {
				c.done[v] = true
			}
		}
		for _, v := range ph.Tail {
			ok = ok && c.scalar(v)
		}
		for _, v := range ph.ColSums {
			c.columns(plan.AddColumns, c.s.accumulator(v), v)
		}
		for _, st := range ph.Stores {
			c.tensor(plan.WriteTensor, st.Leaf, nil)
		}
	}
	for _, v := range c.s.sw.Saves {
		if slot := c.s.e.k.Slot[v]; slot.Kind == plan.RowSlot {
			ok = ok && c.done[v] && c.s.width(v) != plan.Bool
			c.rows(plan.SaveRows, slot, v)
		}
	}
	return ok
}

// rowPhase finds the part of a phase's body that something is done with.
func (s *sweepEmitter) rowPhase(ph *plan.Phase) plan.RowPhase {
	var sinks []sink
	for _, v := range ph.RowSums {
		sinks = append(sinks, sink{root: v.Args[0]})
	}
	for _, m := range ph.RowMoments {
		sinks = append(sinks, sink{root: m.Of})
	}
	for _, v := range ph.ColSums {
		sinks = append(sinks, sink{root: v.Args[0]})
	}
	for _, st := range ph.Stores {
		sinks = append(sinks, sink{root: st.Value})
	}
	body, _ := s.vectorBody(ph, sinks)
	return plan.RowPhase{Phase: ph, Elements: body}
}

// scalar adds what the row value v reads.
func (c *rowCall) scalar(v *ir.Value) bool {
	if v.Op.Reduces() || c.s.width(v) == plan.Bool {
		return false
	}
	c.done[v] = true
	for _, a := range v.Args {
		a = plan.Strip(a)
		switch rank := c.s.e.k.Rank(a); {
		case a.Op == ir.Const:
		case c.s.width(a) == plan.Bool:
			return false
		case rank == plan.Row:
			if !c.row(a) {
				return false
			}
		case rank == plan.Uniform && c.s.width(a) == plan.Wide:
			c.number(plan.Double, a)
		default:
			return false
		}
	}
	return true
}

// element adds what elements read.
func (c *rowCall) element(v *ir.Value) bool {
	if c.s.width(v) == plan.Bool {
		return false
	}
	switch c.s.e.k.Rank(v) {
	case plan.Full:
		if !c.done[v] {
			c.done[v] = true
			c.tensor(plan.ReadTensor, v.Leaf, v)
		}
	case plan.Col, plan.Seg:
		if c.done[v] {
			return true
		}
		c.done[v] = true
		if name, vector := c.s.columnSliceOf(v); vector {
			c.columns(plan.ReadColumns, name, v)
		} else {
			c.add(plan.RowParam{Kind: plan.Single, Name: c.name(name), Value: v}, jen.Id(name))
		}
	case plan.Row:
		return c.row(v)
	default:
		c.number(plan.Single, v)
	}
	return true
}

// row adds a row value that is kept in an array; others the loop computes.
func (c *rowCall) row(v *ir.Value) bool {
	if c.done[v] {
		return true
	}
	c.done[v] = true
	s := c.s
	slot, ok := s.e.k.SweepArray(v)
	if !ok || s.computes(v) || slot.Kind != plan.RowSlot || s.width(v) != plan.Narrow {
		return false
	}
	c.rows(plan.ReadRows, slot, v)
	return true
}

func (c *rowCall) add(p plan.RowParam, args ...jen.Code) {
	c.loop.Params = append(c.loop.Params, p)
	c.args = append(c.args, args...)
}

// tensor adds the elements of row i and the stride.
func (c *rowCall) tensor(kind plan.RowParamKind, l *ir.Leaf, v *ir.Value) {
	view := func() *jen.Statement { return c.s.e.view(l, kind == plan.WriteTensor) }
	name := c.name(c.s.e.tensorName(l, kind == plan.WriteTensor))
	c.add(plan.RowParam{Kind: kind, Name: name, Value: v, Leaf: l}, jen.Op("&").Add(view()).Dot("Row").Call(jen.Id("i")).Index(jen.Lit(0)), view().Dot("Stride"))
}

func (c *rowCall) columns(kind plan.RowParamKind, slice string, v *ir.Value) {
	c.add(plan.RowParam{Kind: kind, Name: c.name(slice), Value: v}, jen.Op("&").Id(slice).Index(jen.Lit(0)))
}

func (c *rowCall) rows(kind plan.RowParamKind, slot plan.Slot, v *ir.Value) {
	name := c.s.slotArray(slot, valueName(v, "row")+"Row")
	c.add(plan.RowParam{Kind: kind, Name: c.name(name), Value: v}, jen.Op("&").Id(name).Index(jen.Id("i")))
}

// number adds a number that is the same for all rows, once for each precision.
func (c *rowCall) number(kind plan.RowParamKind, v *ir.Value) {
	for _, p := range c.loop.Params {
		if p.Value == v && p.Kind == kind {
			return
		}
	}
	s := c.s
	s.uniform(v)
	arg := s.value(v)
	if kind == plan.Single {
		arg = s.narrowLocal(v)
	}
	c.add(plan.RowParam{Kind: kind, Name: c.name(valueName(v, uniformName(v))), Value: v}, arg)
}

func (c *rowCall) name(want string) string {
	name := local(want)
	for i := 2; c.used[name] || c.used[name+"Stride"]; i++ {
		name = fmt.Sprintf("%s%d", local(want), i)
	}
	c.used[name], c.used[name+"Stride"] = true, true
	return name
}

// rowStub declares the function of a row loop.
func (e *emitter) rowStub(name string, l *plan.RowLoop) {
	e.decl("func", name)
	params := []jen.Code{jen.List(jen.Id("n"), jen.Id("rows")).Int()}
	for _, p := range l.Params {
		switch {
		case p.Tensor():
			params = append(params, jen.Id(p.Name).Op("*").Float32(), jen.Id(p.Name+"Stride").Int())
		case p.Pointer():
			params = append(params, jen.Id(p.Name).Op("*").Float32())
		case p.Kind == plan.Single:
			params = append(params, jen.Id(p.Name).Float32())
		default:
			params = append(params, jen.Id(p.Name).Float64())
		}
	}
	if l.Stores() {
		params = append(params, jen.Id("stream").Bool())
	}
	e.file.Line()
	e.file.Comment(comment(name + " computes rows of " + e.unit.Name + " in assembly."))
	e.file.Comment("//")
	e.file.Comment("//go:noescape")
	e.file.Add(jen.Func().Id(name).Params(params...))
}
