package gocode

import (
	"maps"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// walk writes a sweep of independent rows whose loop over the rows is assembly too,
// in parts that end soon. It returns nil if the loop has no vector form.
func (s *sweepEmitter) walk(ph *plan.Phase) []jen.Code {
	head, read, names, rounded := s.head, maps.Clone(s.read), maps.Clone(s.names), maps.Clone(s.rounded)
	var sinks []sink
	for _, v := range ph.ColSums {
		sinks = append(sinks, sink{root: v.Args[0], dst: s.accumulator(v), add: true})
	}
	for _, st := range ph.Stores {
		sinks = append(sinks, sink{root: st.Value, dst: s.matrix(st.Leaf, true)})
	}
	w := walkParams{params{s: s, loop: &plan.Loop{Kernel: s.e.k, Left: ph.Left}, used: map[string]bool{"n": true, "g": true, "rows": true, "near": true, "stream": true}}}
	body, external := s.vectorBody(ph, sinks)
	w.loop.Body = body
	for _, k := range sinks {
		if k.add {
			w.columns(plan.AddParam, k.dst, plan.Strip(k.root))
		} else {
			w.matrix(plan.StoreParam, k.dst, plan.Strip(k.root))
		}
	}
	for _, v := range external {
		w.operand(v)
	}
	switch {
	case s.e.vec.file.Check(w.loop) != nil:
		s.head, s.read, s.names, s.rounded = head, read, names, rounded
		return nil
	case s.e.vec.trying:
		return []jen.Code{jen.Null()}
	}
	return s.parts(w.loop, w.args)
}

// parts writes the loops over the parts of a block that are one call each.
func (s *sweepEmitter) parts(l *plan.Loop, args arguments) []jen.Code {
	rows, cols := s.fresh("rows"), s.fresh("columns")
	i, j := jen.Id("i"), jen.Id("j")
	all := append([]jen.Code{jen.Min(jen.Id(rows), jen.Id("b").Dot("N").Op("-").Add(i)), jen.Min(jen.Id(cols), jen.Id("n").Op("-").Add(j))}, args.from(j)...)
	all = append(all, jen.Id("b").Dot("Near"))
	if l.Stores() {
		all = append(all, jen.Id("b").Dot("Stream"))
	}
	call := jen.Id(s.loopFunction(l)).Call(all...)
	return []jen.Code{
		jen.List(jen.Id(rows), jen.Id(cols)).Op(":=").Id("b").Dot("Part").Call(),
		jen.For(i.Clone().Op(":=").Lit(0), i.Clone().Op("<").Id("b").Dot("N"), i.Clone().Op("+=").Id(rows)).Block(
			jen.For(j.Clone().Op(":=").Lit(0), j.Clone().Op("<").Id("n"), j.Clone().Op("+=").Id(cols)).Block(between(longerThan("CallColumns")), call)),
	}
}

// matrix declares the block's view of a tensor.
func (s *sweepEmitter) matrix(l *ir.Leaf, written bool) string {
	name := s.e.tensorName(l, written)
	return s.declare("matrix "+name, name+"Rows", jen.Op("&").Add(s.e.view(l, written)))
}

// walkParams are the parameters of a loop that walks, and the arguments of the part
// from row i and column j on.
type walkParams struct{ params }

func (p *walkParams) columns(kind plan.ParamKind, slice string, v *ir.Value) {
	p.loop.Params = append(p.loop.Params, plan.Param{Kind: kind, Name: p.name(slice), Value: v})
	p.args.pointer(func() *jen.Statement { return jen.Id(slice) })
}

func (p *walkParams) matrix(kind plan.ParamKind, view string, v *ir.Value) {
	p.loop.Params = append(p.loop.Params, plan.Param{Kind: kind, Name: p.name(view), Value: v, Matrix: true})
	p.args.pointer(func() *jen.Statement { return jen.Id(view).Dot("Row").Call(jen.Id("i")) })
	p.args.add(jen.Id(view).Dot("Stride"))
}

func (p *walkParams) operand(v *ir.Value) {
	switch p.s.e.k.Rank(v) {
	case plan.Full:
		p.matrix(plan.VectorParam, p.s.matrix(v.Leaf, false), v)
		return
	case plan.Col, plan.Seg:
		if name, vector := p.s.columnSliceOf(v); vector {
			p.columns(plan.VectorParam, name, v)
			return
		}
	}
	p.params.operand(v, 0)
}
