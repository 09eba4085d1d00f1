package affine

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
)

// A search looks for the form of each value of f, and appends the values that
// the forms are made of.
type search struct {
	layer *ir.Layer
	f     *ir.Func
	cols  ir.Axes
	data  map[*ir.Value]bool      // depends on the input
	forms map[*ir.Value]form      // of values that do
	small map[*ir.Value]*ir.Value // of values that do not: the same over no more axes than it needs
}

// known marks what depends on the data, and requires that all else is known
// once the layer is made.
func (s *search) known(out string) error {
	for _, v := range s.f.Values {
		s.data[v] = v.Op == ir.Load && v.Leaf.Kind == ir.InputLeaf
		for _, a := range v.Args {
			s.data[v] = s.data[v] || s.data[a]
		}
	}
	for _, unknown := range []func(*ir.Value) string{s.statistic, s.late} {
		for _, v := range s.f.Values {
			if what := unknown(v); what != "" {
				return &Reason{v.Line, fmt.Sprintf("%s depends on %s", out, what)}
			}
		}
	}
	return nil
}

// statistic describes v if it is one of the data.
func (s *search) statistic(v *ir.Value) string {
	if !v.Op.Reduces() || !s.data[v] {
		return ""
	}
	return s.describe(v) + ", a statistic of the data"
}

// late describes v if it comes with the batch and is none of its elements.
func (s *search) late(v *ir.Value) string {
	switch outside := s.axes(v) &^ s.cols; {
	case v.Op == ir.Load && v.Leaf.Kind == ir.MaskLeaf:
		return "the mask " + v.Leaf.Name
	case s.data[v] || outside == 0:
		return ""
	case v.Op == ir.Index:
		return s.layer.Equation(v) + ", a place in the batch"
	case v.Op == ir.Load:
		return fmt.Sprintf("%s, which varies over %s", v.Leaf.Name, s.layer.AxesString(outside))
	case v.Op == ir.Size, v.Op == ir.Count, v.Op.Reduces():
		return s.layer.Equation(v) + ", which the size of the batch decides"
	}
	return ""
}

// axes are those that v itself asks about.
func (s *search) axes(v *ir.Value) ir.Axes {
	if v.Op == ir.Load {
		return v.Axes
	}
	return v.Over
}

// describe writes a statistic. The parts of a centred mean are a mean.
func (s *search) describe(v *ir.Value) string {
	w := *v
	if v.Op == ir.MomentMean || v.Op == ir.MomentHi || v.Op == ir.MomentLo {
		w.Op = ir.Mean
	}
	text := s.layer.Equation(&w)
	if v.Name != "" {
		text = v.Name + " = " + text
	}
	return text
}

// narrow returns v, which does not depend on the data, over no more axes than
// it needs: what the function computes for every element, once for each column.
func (s *search) narrow(v *ir.Value) *ir.Value {
	if w := s.small[v]; w != nil {
		return w
	}
	w := s.rebuilt(v)
	if w != v && v.Op != ir.Widen {
		w.Name, w.Line, w.Atom = v.Name, v.Line, v.Atom
	}
	s.small[v] = w
	return w
}

func (s *search) rebuilt(v *ir.Value) *ir.Value {
	if len(v.Args) == 0 {
		return v
	}
	args := make([]*ir.Value, len(v.Args))
	for i, a := range v.Args {
		args[i] = s.narrow(a)
	}
	switch {
	case v.Op == ir.Widen:
		return args[0]
	case v.Op == ir.Count:
		return s.f.Count(v.Over, args[0])
	case v.Op.Reduces():
		return s.f.Reduce(v.Op, args[0], v.Over, append(args, nil)[1])
	}
	return s.f.Apply(v.Op, args...)
}
