package gocode

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// small writes the loop that reduces an array along some of its axes, and prints
// its result.
func (s *scope) small(v *ir.Value) *jen.Statement {
	x := plan.Strip(v.Args[0])
	k := counter{"k", s.e.unit.Order(v.Over)}
	at := append([]counter{k}, s.counters...)
	return s.reduceSmall(v, k, func() *jen.Statement {
		if s.width(x) == plan.Narrow {
			return jen.Float64().Call(s.stored(x, at))
		}
		return s.stored(x, at)
	})
}

// reduceSmall writes the loops of a reduction over counter k, and prints its
// result.
func (s *scope) reduceSmall(v *ir.Value, k counter, element func() *jen.Statement) *jen.Statement {
	loop := func(c ...jen.Code) jen.Code {
		return jen.For(jen.Id(k.name).Op(":=").Range().Id(s.length(v.Over))).Block(c...)
	}
	total := func(want string, of *jen.Statement) *jen.Statement {
		name := s.fresh(want)
		s.add(jen.Id(name).Op(":=").Lit(0.0), loop(jen.Id(name).Op("+=").Add(of)))
		return jen.Id(name)
	}
	switch v.Op {
	case ir.MaxOf:
		top := s.fresh("top")
		s.add(jen.Id(top).Op(":=").Qual("math", "Inf").Call(jen.Lit(-1)),
			loop(jen.Id(top).Op("=").Qual(runtimePath, "Larger").Call(jen.Id(top), element())))
		if s.width(v) == plan.Narrow {
			return round(jen.Id(top))
		}
		return jen.Id(top)
	case ir.Sum:
		return total(valueName(v, "sum"), element())
	case ir.Mean:
		return total("total", element()).Op("/").Float64().Call(jen.Id(s.length(v.Over)))
	}
	mean := s.smallMean(v, total, element)
	switch v.Op {
	case ir.MomentHi:
		return partOf(mean, plan.High)
	case ir.MomentLo:
		return partOf(mean, plan.Low)
	case ir.MomentSS:
		d := jen.Parens(element().Op("-").Add(mean))
		return total("squares", jen.Float64().Call(jen.Add(d).Op("*").Add(d.Clone())))
	}
	return mean
}

// smallMean declares the mean of an array, corrected by the mean of what is left.
// Moments of one operand share it.
func (s *scope) smallMean(v *ir.Value, total func(string, *jen.Statement) *jen.Statement, element func() *jen.Statement) *jen.Statement {
	key := fmt.Sprintf("mean of v%d over %s", plan.Strip(v.Args[0]).ID, s.e.axisNames(v.Over))
	if mean, ok := s.means[key]; ok {
		return jen.Id(mean)
	}
	n := jen.Float64().Call(jen.Id(s.length(v.Over)))
	sum := total("total", element())
	mean := s.fresh("mean")
	s.add(jen.Id(mean).Op(":=").Add(sum).Op("/").Add(n))
	rest := total("rest", element().Op("-").Id(mean))
	s.add(jen.Id(mean).Op("+=").Add(rest).Op("/").Add(n.Clone()))
	s.means[key] = mean
	return jen.Id(mean)
}
