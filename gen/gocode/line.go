package gocode

import (
	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/plan"
)

// past reports whether a loop writes nothing but tensors, of which no other reads what is
// held back until a line is whole.
func past(ph *plan.Phase, sinks []sink) bool {
	stored := 0
	for _, k := range sinks {
		switch {
		case k.sum != nil:
			return false
		case !k.add:
			stored++
		}
	}
	return stored > 0 && stored == len(ph.Stores) && stored <= plan.LineTensors
}

// line declares the line of the tensors that a phase writes, and in each row where it keeps
// elements. Both are arguments of loops, and how many are held is what they return.
func (s *sweepEmitter) line(ph *plan.Phase) (past, held *jen.Statement) {
	name, at := s.fresh("line"), s.fresh("past")
	args := []jen.Code{jen.Id("b").Dot("Stream")}
	for _, st := range ph.Stores {
		args = append(args, jen.Id(s.row(st.Leaf, true)))
	}
	s.lines = append(s.lines, name)
	s.rows = append(s.rows, jen.Id(at).Op(":=").Id(name).Dot("To").Call(args...))
	return jen.Id(at), jen.Id(name).Dot("Held")
}

// betweenLines puts the declarations of lines before the loop over the rows, and what
// writes the last of them behind it.
func (s *sweepEmitter) betweenLines(loop jen.Code) []jen.Code {
	var before, after []jen.Code
	for _, name := range s.lines {
		before = append(before, jen.Var().Id(name).Qual(runtimePath, "Line"))
		after = append(after, jen.Id(name).Dot("Flush").Call())
	}
	return append(append(before, loop), after...)
}
