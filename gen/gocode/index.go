package gocode

import (
	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A counter is a loop variable over the elements of some axes, outermost first.
type counter struct {
	name string
	axes []int
}

// shape returns the index of a set of axes among the spec's shapes; the columns
// are the first.
func (e *emitter) shape(a ir.Axes) int {
	for i, s := range e.shapes {
		if s == a {
			return i
		}
	}
	e.shapes = append(e.shapes, a)
	return len(e.shapes) - 1
}

// extent prints the number of elements of a shape as an int.
func (e *emitter) extent(frame string, a ir.Axes) *jen.Statement {
	if a == e.cols() && frame != "u" {
		return jen.Id(frame).Dot("Cols")
	}
	return jen.Id(frame).Dot("Extent").Index(jen.Lit(e.shape(a)))
}

func (e *emitter) cols() ir.Axes { return set(e.unit.Cols) }

// index prints where an array over axes has the element that the counters are
// at. Each axis belongs to one counter.
func (s *scope) index(axes ir.Axes, counters ...counter) *jen.Statement {
	var out *jen.Statement
	order := s.e.unit.Order(axes)
	for len(order) > 0 {
		at, n := s.run(order, counters)
		run := set(order[:n])
		order = order[n:]
		if out == nil {
			out = at
			continue
		}
		out = enclosed(out).Op("*").Id(s.length(run)).Op("+").Add(at)
	}
	if out == nil {
		return jen.Lit(0)
	}
	return out
}

// run prints the position along the first axes of order that one counter counts
// one after another, and how many these are.
func (s *scope) run(order []int, counters []counter) (at *jen.Statement, n int) {
	for _, c := range counters {
		from := indexOf(c.axes, order[0])
		if from < 0 {
			continue
		}
		for n < len(order) && from+n < len(c.axes) && c.axes[from+n] == order[n] {
			n++
		}
		at = jen.Id(c.name)
		if from+n < len(c.axes) {
			at = at.Op("/").Id(s.length(set(c.axes[from+n:])))
		}
		if from > 0 {
			at = at.Op("%").Id(s.length(set(order[:n])))
		}
		return at, n
	}
	s.fail("axis %s has no counter", s.e.unit.Layer.Axes[order[0]].Name)
	return jen.Lit(0), len(order)
}

// length names the number of elements along axes, and declares it once.
func (s *scope) length(a ir.Axes) string {
	if s.rowLength && a == s.e.cols() {
		return "n"
	}
	key := "length " + s.e.axisNames(a)
	if name, ok := s.read[key]; ok {
		return name
	}
	name := "size"
	for _, d := range s.e.unit.Order(a) {
		name += exported(s.e.unit.Layer.Axes[d].Name)
	}
	name = s.fresh(name)
	s.read[key] = name
	s.head = append(s.head, jen.Id(name).Op(":=").Add(s.e.extent(s.frame, a)))
	return name
}

// enclosed puts an expression that is more than a name into parentheses.
func enclosed(code *jen.Statement) *jen.Statement {
	if len(*code) > 1 {
		return jen.Parens(code)
	}
	return code
}

func set(axes []int) ir.Axes {
	var a ir.Axes
	for _, d := range axes {
		a |= 1 << d
	}
	return a
}

func indexOf(xs []int, x int) int {
	for i, y := range xs {
		if y == x {
			return i
		}
	}
	return -1
}

// sizeOf prints the number of elements along any axes as a float64.
func (e *emitter) sizeOf(frame string, over ir.Axes) *jen.Statement {
	rows := set(e.unit.Rows)
	segs := set(e.unit.Rows[:e.unit.Segments])
	field := func(f string) *jen.Statement { return jen.Id(frame).Dot(f) }
	var parts []jen.Code
	all := field("Count").Index(jen.Lit(0))
	switch r := over & rows; {
	case r == 0:
	case r == rows:
		parts = append(parts, all)
	case r == segs:
		parts = append(parts, all.Op("/").Add(field("SegmentRows")))
	default:
		parts = append(parts, field("SegmentRows"))
	}
	if c := over &^ rows; c != 0 {
		parts = append(parts, jen.Float64().Call(e.extent(frame, c)))
	}
	switch len(parts) {
	case 0:
		return jen.Lit(1.0)
	case 1:
		return jen.Add(parts[0])
	}
	return jen.Float64().Call(jen.Add(parts[0]).Op("*").Add(parts[1]))
}

// count prints the number of elements of a domain over rows, at least 1; of the
// segment at hand if the result varies over segments.
func (e *emitter) count(frame string, v *ir.Value) *jen.Statement {
	if len(v.Args) == 0 {
		return e.sizeOf(frame, v.Over)
	}
	kept := jen.Id(frame)
	if v.Axes != 0 {
		kept = kept.Dot("Segment")
	}
	kept = kept.Dot("Count").Index(jen.Lit(e.maskIndex(plan.Strip(v.Args[0]))))
	if others := set(e.unit.Rows) &^ v.Over; v.Axes == 0 && others != 0 { // of all rows; the others repeat the mask
		kept = jen.Max(jen.Lit(1), kept.Op("/").Parens(e.sizeOf(frame, others)))
	}
	if c := v.Over &^ set(e.unit.Rows); c != 0 {
		return jen.Float64().Call(kept.Op("*").Float64().Call(e.extent(frame, c)))
	}
	return kept
}
