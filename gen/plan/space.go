package plan

import (
	"fmt"
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// A space is the view of a layer's axes as rows and columns. The columns are
// the axes whose size a layer knows when it is made: from the outermost axis
// that a parameter or state varies over to the innermost. All others are rows.
// If some values vary over the outer rows alone, those are the segments, such as
// the samples of a batch.
type space struct {
	layer            *ir.Layer
	dims             []int // all axes of a tensor in memory order
	rows, segs, cols ir.Axes
}

// Columns returns the column axes of a layer. Factors of a split axis stay
// together.
func Columns(layer *ir.Layer) ir.Axes {
	dims := layer.Inputs[0].Dims
	first := max(0, len(dims)-1)
	for _, leaves := range [][]*ir.Leaf{layer.Params, layer.States} {
		for _, l := range leaves {
			for i, d := range dims {
				if l.Axes().Has(1 << d) {
					first = min(first, i)
				}
			}
		}
	}
	for _, p := range layer.Products {
		if i := position(dims, p.Factors); i >= 0 && i < first && first < i+len(p.Factors) {
			first = i
		}
	}
	return set(dims[first:])
}

// position is where factors stand in dims one after another, or -1.
func position(dims, factors []int) int {
	for i := range dims {
		if i+len(factors) <= len(dims) && slices.Equal(dims[i:i+len(factors)], factors) {
			return i
		}
	}
	return -1
}

func set(axes []int) ir.Axes {
	var a ir.Axes
	for _, d := range axes {
		a |= 1 << d
	}
	return a
}

// layout finds rows, columns and segments.
func layout(layer *ir.Layer, variants []Funcs) (space, error) {
	sp := space{layer: layer, dims: layer.Inputs[0].Dims, cols: Columns(layer)}
	sp.rows = set(sp.dims) &^ sp.cols
	for _, v := range variants {
		for _, f := range []*ir.Func{v.Forward, v.Backward} {
			if err := sp.findSegments(f); err != nil {
				return sp, err
			}
		}
	}
	return sp, sp.checkLeaves()
}

// findSegments records the part of the rows that values of the function vary
// over without the rest. Masks may vary over any part: they are spread.
func (s *space) findSegments(f *ir.Func) error {
	for _, v := range f.Values {
		r := v.Axes & s.rows
		if r == 0 || r == s.rows || v.Op == ir.Load && v.Leaf.Kind == ir.MaskLeaf {
			continue
		}
		switch {
		case !s.leads(r, s.rows):
			return s.layer.Refuse(v.Line, "%s varies over %s: of the rows %s a value may vary over all or over the outer ones",
				describe(v), s.names(r), s.names(s.rows))
		case s.segs != 0 && s.segs != r:
			return s.layer.Refuse(v.Line, "%s varies over the rows %s, another value over %s", describe(v), s.names(r), s.names(s.segs))
		}
		s.segs = r
	}
	return nil
}

// checkLeaves refuses tensors that are neither whole nor one row for each
// segment, and arrays in another order than the tensors.
func (s *space) checkLeaves() error {
	l := s.layer
	for _, leaves := range [][]*ir.Leaf{l.Inputs, l.Outputs} {
		for _, x := range leaves {
			switch r := x.Axes() & s.rows; {
			case x.Axes() == s.rows|s.cols, r == s.segs && s.segs != 0 && s.rows.Has(r):
			default:
				return l.Refuse(x.Line, "%s varies over %s: a tensor varies over all axes %s, or over the segments of the rows and a part of the columns",
					x.Name, s.names(x.Axes()), s.names(s.rows|s.cols))
			}
		}
	}
	for _, leaves := range [][]*ir.Leaf{l.Inputs, l.Outputs, l.Params, l.States} {
		for _, x := range leaves {
			if !slices.Equal(x.Dims, s.order(x.Axes())) {
				return l.Refuse(x.Line, "%s lies in another order than %s", x.Name, l.Inputs[0].Name)
			}
		}
	}
	for _, m := range l.Masks {
		if m.Axes() == 0 || !s.rows.Has(m.Axes()) {
			return l.Refuse(m.Line, "mask %s varies over %s: a mask selects rows, which are %s here", m.Name, s.names(m.Axes()), s.names(s.rows))
		}
	}
	return nil
}

// order lists axes outermost first: those that only states have, then in the
// memory order of the tensors.
func (s *space) order(a ir.Axes) []int {
	var out []int
	for d := range s.layer.Axes {
		if a.Has(1<<d) && !(s.rows | s.cols).Has(1<<d) {
			out = append(out, d)
		}
	}
	return append(out, s.list(a)...)
}

// list returns the tensor axes of a in memory order.
func (s *space) list(a ir.Axes) []int {
	var out []int
	for _, d := range s.dims {
		if a.Has(1 << d) {
			out = append(out, d)
		}
	}
	return out
}

// leads reports whether part is the outer part of whole, so that what is left
// of whole is one run of memory for each of its elements.
func (s *space) leads(part, whole ir.Axes) bool {
	for _, d := range s.list(whole) {
		if !part.Has(1 << d) {
			return part&whole == 0
		}
		part &^= 1 << d
	}
	return true
}

// rank classifies the value of a kernel.
func (s *space) rank(v *ir.Value) (Rank, error) {
	if v.Op == ir.Load && v.Leaf.Kind == ir.MaskLeaf {
		return Row, nil
	}
	r, c, rest := v.Axes&s.rows, v.Axes&s.cols, v.Axes&^(s.rows|s.cols)
	switch {
	case v.Axes == 0 && steady(v):
		return Uniform, nil
	case r == 0:
		return Col, nil
	case rest != 0:
		return 0, fmt.Errorf("varies over rows and over %s, which no tensor has", s.names(rest))
	case r == s.segs:
		return Seg, nil
	case r == s.rows && c == s.cols:
		return Full, nil
	case r == s.rows && c == 0:
		return Row, nil
	case r == s.rows && s.leads(c, s.cols):
		return Group, nil
	}
	return 0, fmt.Errorf("varies over %s: in a row the planner knows groups of neighbours, the outer part of the columns %s",
		s.names(v.Axes), s.names(s.cols))
}

// steady reports whether v is known before the pass and the same everywhere:
// it depends on numbers, knobs, the step, sizes and counts.
func steady(v *ir.Value) bool {
	switch {
	case v.Op == ir.Count:
		return true
	case v.Op == ir.Load:
		return v.Leaf.Kind == ir.KnobLeaf || v.Leaf.Kind == ir.CountLeaf
	case v.Op.Reduces():
		return false
	}
	for _, a := range v.Args {
		if !steady(a) {
			return false
		}
	}
	return true
}

func (s *space) names(a ir.Axes) string {
	out := "["
	for _, d := range s.order(a) {
		if len(out) > 1 {
			out += " "
		}
		out += s.layer.Axes[d].Name
	}
	return out + "]"
}

// Strip returns the value under any number of Widens: a Widen costs nothing, it
// only says that the operand is repeated.
func Strip(v *ir.Value) *ir.Value {
	for v.Op == ir.Widen {
		v = v.Args[0]
	}
	return v
}

func isMoment(v *ir.Value) bool { return v.Op >= ir.MomentMean && v.Op <= ir.MomentSS }

// isLeaf reports whether v is read rather than computed.
func isLeaf(v *ir.Value) bool { return v.Op == ir.Load || v.Op == ir.Const }
