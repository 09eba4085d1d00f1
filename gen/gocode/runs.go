package gocode

import (
	"maps"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A runCall is a call of assembly for some of the groups of a phase, which lie one after
// another: runs of the row, or of the coarser group at hand. Before it the values of each
// that elements read go to arrays, and after it the sums of each come from others.
type runCall struct {
	s     *sweepEmitter
	ph    *plan.Phase
	count counter // of the runs
	p     params
}

// runs writes the loop over the groups of a phase as calls for some of them at a time. It
// reports false, and leaves no trace, if the phase is none of which there are such calls.
func (s *sweepEmitter) runs(ph *plan.Phase, outer ir.Axes, temps map[*ir.Value]string, sinks []sink) bool {
	if !s.haveRuns(ph, outer, sinks) {
		return false
	}
	c := &runCall{s: s, ph: ph, count: counter{"k", s.e.unit.Order(ph.Level)}}
	if outer != 0 {
		c.count = counter{"q", s.e.unit.Order(ph.Level &^ outer)}
	}
	c.p = s.params(&plan.Loop{Kernel: s.e.k, Left: ph.Left, Rows: 1, Runs: true, Past: past(ph, sinks)})
	head, read, code, rows, known := s.head, maps.Clone(s.read), s.code, s.rows, maps.Clone(s.names)
	s.code = nil
	c.shared(sinks)
	before := c.each(func() { c.values(sinks) })
	if s.e.vec.file.Check(c.p.loop) != nil {
		s.head, s.read, s.code, s.rows, s.names = head, read, code, rows, known
		return false
	}
	var call []jen.Code
	if !s.e.vec.trying {
		call = c.calls()
	}
	after := c.each(func() { c.sums(temps) })
	body := append(append([]jen.Code{between(longerThan("CallElements")), jen.Id("some").Op(":=").Min(jen.Id(c.most()), c.end().Op("-").Id("first"))}, before...), append(call, after...)...)
	inner := append(s.code, jen.For(jen.Id("first").Op(":=").Add(c.start()), jen.Id("first").Op("<").Add(c.end()), jen.Id("first").Op("+=").Id(c.most())).Block(body...))
	s.code = append(code, inner...)
	return true
}

// haveRuns reports whether all that a phase does to its elements is of their group alone,
// and no value that is named for each group before them is read after them.
func (s *sweepEmitter) haveRuns(ph *plan.Phase, outer ir.Axes, sinks []sink) bool {
	if s.e.vec == nil || ph.Run != ph.Level || len(sinks) == 0 || len(ph.RowMoments) > 0 {
		return false
	}
	for _, k := range sinks {
		if k.add || k.sum == nil && !past(ph, sinks) {
			return false
		}
	}
	for _, v := range ph.RowSums {
		if !s.returned(ph, v) {
			return false
		}
	}
	_, external := s.vectorBody(ph, sinks)
	for _, v := range external {
		rank := s.e.k.Rank(v)
		if s.width(v) == plan.Bool || (rank == plan.Col || rank == plan.Seg) && !ph.Level.Has(s.e.unit.Small(v.Axes)) {
			return false
		}
	}
	late := smallReads(ph)
	for _, v := range ph.Tail {
		for _, a := range v.Args {
			late = append(late, plan.Strip(a))
		}
	}
	for _, v := range late {
		if s.e.k.Rank(v) == plan.Group && s.e.k.Group(v)&^outer != 0 && !after(ph, v) {
			return false
		}
	}
	return true
}

// after reports whether the phase computes v from its elements on.
func after(ph *plan.Phase, v *ir.Value) bool {
	return inPhase(ph, v) && !inPhase(&plan.Phase{Tail: ph.Head}, v)
}

// shared adds the tensors, and what all runs read.
func (c *runCall) shared(sinks []sink) {
	s := c.s
	body, external := s.vectorBody(c.ph, sinks)
	c.p.loop.Body = body
	for _, k := range sinks {
		if k.sum == nil {
			c.p.pointer(plan.StoreParam, k.dst, plan.Strip(k.root), 0)
		}
	}
	for _, v := range external {
		if !c.differs(v) {
			c.p.operand(v, 0)
		}
	}
}

// differs reports whether v is another for each run.
func (c *runCall) differs(v *ir.Value) bool {
	switch s := c.s; s.e.k.Rank(v) {
	case plan.Group:
		return s.e.k.Group(v)&set(c.count.axes) != 0
	case plan.Col, plan.Seg:
		return s.e.unit.Small(v.Axes)&set(c.count.axes) != 0
	}
	return false
}

// values computes what a run reads that others do not, and empties its sums.
func (c *runCall) values(sinks []sink) {
	s := c.s
	s.groupOperands(c.ph, c.ph.Level)
	s.scalars(c.ph.Head)
	_, external := s.vectorBody(c.ph, sinks)
	for _, v := range external {
		if c.differs(v) {
			name := valueName(v, "c")
			c.array(plan.RunParam, name, jen.Float32(), v, s.argument(v, jen.Lit(0)))
		}
	}
	for _, k := range sinks {
		if k.sum != nil {
			root := plan.Strip(k.root)
			name := c.array(plan.SumParam, "sum", jen.Float64(), root, jen.Qual(runtimePath, "NoSum").Call())
			s.sumOf[root] = jen.Id(name).Index(c.at()).GoString()
		}
	}
}

// array adds a parameter with an element for each run, and sets that of the run at hand.
func (c *runCall) array(kind plan.ParamKind, want string, of *jen.Statement, v *ir.Value, x *jen.Statement) string {
	s, name := c.s, c.s.fresh(want+"Runs")
	s.head = append(s.head, jen.Var().Id(name).Index(jen.Qual(runtimePath, "MostRuns")).Add(of))
	s.add(jen.Id(name).Index(c.at()).Op("=").Add(x))
	c.p.loop.Params = append(c.p.loop.Params, plan.Param{Kind: kind, Name: c.p.name(want), Value: v})
	c.p.args.add(jen.Op("&").Id(name).Index(jen.Lit(0)))
	return name
}

// at is the run at hand among those of the call.
func (c *runCall) at() *jen.Statement { return jen.Id(c.count.name).Op("-").Id("first") }

// sums is what a run does with its sums.
func (c *runCall) sums(temps map[*ir.Value]string) {
	s := c.s
	s.reduceRow(c.ph, temps)
	s.scalars(c.ph.Tail)
	s.enterSmall(c.ph)
}

// each writes what body adds as a loop over the runs of the call, or nothing.
func (c *runCall) each(body func()) []jen.Code {
	s := c.s
	outer, code, names, known := s.level, s.code, maps.Clone(s.names), maps.Clone(s.rounded)
	s.level = &level{part: s.e.cols() &^ c.ph.Level, sliced: map[string]bool{}, local: map[*ir.Value]string{}}
	s.code, s.counters = nil, append(s.counters, c.count)
	body()
	inner := s.code
	s.level, s.code, s.counters = outer, code, s.counters[:len(s.counters)-1]
	s.forgetGroups(names)
	s.forgetRounded(known)
	if len(inner) == 0 {
		return nil
	}
	k := jen.Id(c.count.name)
	return []jen.Code{jen.For(k.Clone().Op(":=").Id("first"), k.Clone().Op("<").Id("first").Op("+").Id("some"), k.Clone().Op("++")).Block(inner...)}
}

// calls are that of some runs, or of pieces of one that is longer than a call.
func (c *runCall) calls() []jen.Code {
	s, l := c.s, c.p.loop
	size := s.length(s.e.cols() &^ c.ph.Level)
	name := s.loopFunction(l)
	var results []jen.Code
	if l.Past {
		past, held := s.line(c.ph)
		c.p.args.add(past, held)
		results = append(results, held)
	}
	p := piecewise{size, "CallElements", jen.Id("first").Op("*").Id(size), c.p.args, func(args []jen.Code) *jen.Statement {
		return assigned(results, jen.Id(name).Call(append([]jen.Code{jen.Id("some")}, args...)...))
	}}
	return []jen.Code{p.cut(false)}
}

// start and end bound the runs: all there are, or those of the part at hand.
func (c *runCall) start() *jen.Statement {
	if c.s.inPart(c.count) {
		return c.s.ofPart("part", c.count)
	}
	return jen.Lit(0)
}

func (c *runCall) end() *jen.Statement {
	if c.s.inPart(c.count) {
		return c.s.ofPart("end", c.count)
	}
	return jen.Id(c.s.length(set(c.count.axes)))
}

// most names the number of runs of a call.
func (c *runCall) most() string {
	s, size := c.s, c.s.length(c.s.e.cols()&^c.ph.Level)
	return s.declare("runs "+size, "runs", jen.Qual(runtimePath, "RunsTogether").Call(jen.Id(size)))
}
