package gocode

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A sink is where a loop puts a root for each element.
type sink struct {
	root *ir.Value
	dst  string // slice
	add  bool   // added to, not stored

	sum *ir.Value // the row sum that an assembly loop returns; dst is none
}

// sinks decides where the roots of a phase go, and returns the slice that holds
// each root of a row reduction. A row reduction of a bare tensor reads the
// tensor's row; any other needs a scratch row.
func (s *sweepEmitter) sinks(ph *plan.Phase) (map[*ir.Value]string, []sink) {
	temps := map[*ir.Value]string{}
	var sinks []sink
	scratch := func(v *ir.Value) {
		switch {
		case temps[v] != "":
		case v.Op == ir.Load:
			temps[v] = s.row(v.Leaf, false)
		default:
			name := s.scratchRow()
			temps[v] = name
			sinks = append(sinks, sink{root: v, dst: name})
		}
	}
	for _, v := range ph.RowSums {
		if s.returned(ph, v) {
			sinks = append(sinks, s.returnedSum(v, sinks)...)
			continue
		}
		scratch(v.Args[0])
	}
	for _, m := range ph.RowMoments {
		scratch(m.Of)
	}
	for _, v := range ph.ColSums {
		sinks = append(sinks, sink{root: v.Args[0], dst: s.accumulator(v), add: true})
	}
	for _, m := range ph.ColMoments {
		if m.Of.Op != ir.Load {
			sinks = append(sinks, sink{root: m.Of, dst: s.panel(m)})
		}
	}
	for _, st := range ph.Stores {
		sinks = append(sinks, sink{root: st.Value, dst: s.row(st.Leaf, true)})
	}
	return temps, sinks
}

// returned reports whether an assembly loop returns the row sum v: it is over
// the whole run.
func (s *sweepEmitter) returned(ph *plan.Phase, v *ir.Value) bool {
	return s.e.vec != nil && v.Op == ir.Sum && ph.Run == ph.Level
}

// returnedSum names the result for v, unless another sum of the same value has
// one.
func (s *sweepEmitter) returnedSum(v *ir.Value, sinks []sink) []sink {
	root := plan.Strip(v.Args[0])
	if s.sumOf[root] != "" && slices.ContainsFunc(sinks, func(k sink) bool { return k.sum != nil && plan.Strip(k.root) == root }) {
		return nil
	}
	s.sumOf[root] = s.fresh(valueName(v, "sum") + "Of")
	return []sink{{root: v.Args[0], sum: v}}
}

// scratchRow declares a row of scratch.
func (s *sweepEmitter) scratchRow() string {
	s.temps++
	s.e.need.Temp = max(s.e.need.Temp, s.temps)
	return s.vector("Temp", s.temps-1, "term")
}

// accumulator declares the row's target of a column sum: the block's
// accumulator, or nowhere for a row that the mask leaves out.
func (s *sweepEmitter) accumulator(v *ir.Value) string {
	acc := s.vector("Acc", s.red[v].index, valueName(v, "sum")+"Acc")
	if len(v.Args) == 1 {
		return acc
	}
	target := s.fresh(valueName(v, "sum") + "To")
	s.add(jen.Id(target).Op(":=").Id(acc),
		jen.If(jen.Op("!").Add(enclosed(s.value(v.Args[1])))).Block(jen.Id(target).Op("=").Id("b").Dot("Drop").Index(jen.Op(":").Id("n"))))
	return target
}

// panel declares the scratch row that keeps the operand of column moments.
func (s *sweepEmitter) panel(m plan.Moments) string {
	name := s.fresh("panel")
	s.add(jen.Id(name).Op(":=").Id("b").Dot("Panel").Index(jen.Lit(s.red[m.Values[0]].panel)).Dot("Row").Call(jen.Id("i")).Index(jen.Op(":").Id("n")))
	return name
}

// vector declares an array of the block as long as a row, once.
func (s *scope) vector(field string, index int, want string) string {
	s.whole = true
	defer func() { s.whole = false }()
	return s.array(field, index, want)
}

// argument prints the value of v for element j.
func (s *sweepEmitter) argument(v *ir.Value, j jen.Code) *jen.Statement {
	switch s.e.k.Rank(v) {
	case plan.Full:
		return jen.Id(s.slice(s.row(v.Leaf, false))).Index(j)
	case plan.Col, plan.Seg:
		if name := s.hoisted[v]; name != "" {
			return jen.Id(name)
		}
		return s.columnOperand(v, j)
	case plan.Uniform:
		s.uniform(v)
	}
	return s.narrowLocal(v)
}

// narrowLocal names a scalar operand in the storage type.
func (s *sweepEmitter) narrowLocal(v *ir.Value) *jen.Statement {
	if v.Op == ir.Const {
		return round(number(v.F))
	}
	if s.width(v) != plan.Wide {
		return s.value(v)
	}
	if n, ok := s.rounded[v]; ok {
		return jen.Id(n)
	}
	name := s.fresh(valueName(v, "c") + "T")
	s.rounded[v] = name
	decl := jen.Id(name).Op(":=").Add(round(s.value(v)))
	if s.e.k.Rank(v) == plan.Uniform {
		s.head = append(s.head, decl)
	} else {
		s.add(decl)
	}
	return jen.Id(name)
}

// unroll is how many elements an iteration of a simple loop computes: the
// counter then costs little beside the arithmetic.
const unroll = 4

// emitLoop writes the loop over n elements, or the d of a group.
func (s *sweepEmitter) emitLoop(fn elementFunc, sinks []sink) {
	length := jen.Id("n")
	if s.level != nil {
		length = jen.Id(s.length(s.level.part))
	}
	for _, k := range sinks {
		s.slice(k.dst)
	}
	if len(sinks) == 1 && !sinks[0].add && len(fn.roots) == 1 {
		s.unrolled(fn, sinks[0].dst, length)
		return
	}
	body := s.iteration(fn, sinks)
	s.add(jen.For(jen.Id("j").Op(":=").Range().Add(length)).Block(body...))
}

func (s *sweepEmitter) unrolled(fn elementFunc, dst string, length *jen.Statement) {
	if !s.counter {
		s.counter = true
		s.head = append(s.head, jen.Var().Id("j").Int())
	}
	at := func(u int) jen.Code {
		j := jen.Id("j")
		if u > 0 {
			j = j.Op("+").Lit(u)
		}
		return jen.Id(dst).Index(j).Op("=").Add(fn.call(j.Clone()))
	}
	var body []jen.Code
	for u := range unroll {
		body = append(body, at(u))
	}
	s.add(jen.For(jen.Id("j").Op("=").Lit(0), jen.Id("j").Op("<").Add(length).Op("-").Lit(unroll-1), jen.Id("j").Op("+=").Lit(unroll)).Block(body...),
		jen.For(jen.Empty(), jen.Id("j").Op("<").Add(length), jen.Id("j").Op("++")).Block(at(0)))
}

// iteration computes one element and puts its roots where they go. All reads
// come before the first write, so that an output may be an input.
func (s *sweepEmitter) iteration(fn elementFunc, sinks []sink) []jen.Code {
	var body []jen.Code
	at := map[*ir.Value]*jen.Statement{}
	var results []jen.Code
	for i, r := range fn.roots {
		name := fmt.Sprintf("%s%d", "r", i)
		at[r] = jen.Id(name)
		results = append(results, jen.Id(name))
	}
	if len(results) > 0 {
		body = append(body, jen.List(results...).Op(":=").Add(fn.call(jen.Id("j"))))
	}
	var writes []jen.Code
	for _, k := range sinks {
		op := "="
		if k.add {
			op = "+="
		}
		code, ok := at[k.root]
		if !ok {
			code = s.argument(plan.Strip(k.root), jen.Id("j"))
		}
		w := jen.Id(k.dst).Index(jen.Id("j")).Op(op).Add(code)
		if k.add {
			body = append(body, w)
		} else {
			writes = append(writes, w)
		}
	}
	return append(body, writes...)
}
