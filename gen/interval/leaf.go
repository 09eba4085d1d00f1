package interval

import "github.com/normgen/normgen/gen/ir"

// most is more elements or steps than there can be.
const most = 1 << 53

func (s *scope) leaf(v *ir.Value) Interval {
	l := v.Leaf
	switch l.Kind {
	case ir.KnobLeaf:
		return s.a.finite(point(l.Init))
	case ir.MaskLeaf:
		return Interval{Lo: 0, Hi: 1}
	case ir.CountLeaf:
		return Interval{Lo: 1, Hi: most}
	case ir.StateLeaf:
		return s.a.state(l)
	case ir.StatLeaf:
		if i, ok := s.a.stats[l.Name]; ok {
			return i
		}
		return everything
	}
	return s.a.whole()
}

// state is what a state's where leaves of the finite numbers.
func (f Format) state(l *ir.Leaf) Interval {
	i := f.whole()
	if l.Min != nil {
		i.Lo, i.Nonzero = *l.Min, l.Open && *l.Min == 0
	}
	return i
}

// size bounds the product of the sizes of the axes of.
func (a *Analysis) size(of ir.Axes) Interval {
	n := point(1)
	for i, axis := range a.layer.Axes {
		if !of.Has(1 << i) {
			continue
		}
		one := Interval{Lo: 1, Hi: most}
		if axis.Size > 0 {
			one = point(float64(axis.Size))
		} else if k := a.layer.Knob(axis.Knob); k != nil {
			one = point(max(1, k.Default))
		}
		n = Interval{Lo: n.Lo * one.Lo, Hi: min(most, n.Hi*one.Hi)}
	}
	return n
}

// count is the number of elements of a domain; at least 1, even of an empty one.
func (s *scope) count(v *ir.Value) Interval {
	if m := v.Mask(); m != nil {
		return Interval{Lo: 1, Hi: max(1, s.a.size(v.Over|m.Axes).Hi)}
	}
	return s.a.size(v.Over)
}
