// Package symmetry finds which changes of a layer's inputs change its results in a
// known way: factors that come out as a power, shifts that nothing notices, rows
// that may change places, rows that a mask hides. Whatever computes the layer must
// keep them.
//
// Nothing but the operations decides. What is found holds; what is not found may
// hold nevertheless.
package symmetry

import (
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// A Scaling says what a positive factor on some leaves does to the outputs of a
// function: it comes out with a power, or is not known.
type Scaling struct {
	Leaves []*ir.Leaf           // that are multiplied
	Along  ir.Axes              // the factor may differ along these axes
	Zero   string               // the knob that must be 0; "" if none has to
	Powers map[*ir.Leaf]float64 // of outputs
	Grads  map[*ir.Leaf]float64 // of those gradients where it is known, for one factor on everything
}

// A Shift says that adding a number to an input changes no output, as long as masks
// keep something: the mean of nothing is 0, shifted or not.
type Shift struct {
	Input *ir.Leaf
	Along ir.Axes // the number may differ along these axes
}

// Scalings lists what factors on the inputs do to the outputs of a mode's forward:
// on each alone, and on all together. Each has a power for all outputs.
func Scalings(l *ir.Layer, m *ir.Mode) []Scaling {
	sets := [][]*ir.Leaf{}
	for _, x := range l.Inputs {
		sets = append(sets, []*ir.Leaf{x})
	}
	if len(l.Inputs) > 1 {
		sets = append(sets, l.Inputs)
	}
	var out []Scaling
	for _, leaves := range sets {
		if s, ok := scaling(l, m.Forward, leaves); ok {
			s.gradients(m)
			out = append(out, s)
		}
	}
	return out
}

// scaling tries without a knob that is 0 first, and with the widest factor.
func scaling(l *ir.Layer, f *ir.Func, leaves []*ir.Leaf) (Scaling, bool) {
	zeros := []string{""}
	for _, k := range l.Knobs {
		zeros = append(zeros, k.Name)
	}
	for _, zero := range zeros {
		for _, along := range domains(f, shared(leaves)) {
			s := Scaling{Leaves: leaves, Along: along, Zero: zero, Powers: map[*ir.Leaf]float64{}, Grads: map[*ir.Leaf]float64{}}
			p := powers{zero: zero, along: along, of: map[*ir.Leaf]float64{}, seen: map[*ir.Value]power{}}
			for _, x := range leaves {
				p.of[x] = 1
			}
			known := true
			for _, o := range f.Outs {
				if o.Kind != ir.TensorOut {
					continue
				}
				q := p.value(o.Value)
				known = known && q.known
				s.Powers[o.Leaf] = q.n
			}
			if known {
				return s, true
			}
		}
	}
	return Scaling{}, false
}

// gradients finds the powers of the gradients.
func (s *Scaling) gradients(m *ir.Mode) {
	p := powers{zero: s.Zero, of: map[*ir.Leaf]float64{}, seen: map[*ir.Value]power{}}
	for _, x := range s.Leaves {
		p.of[x] = 1
	}
	for y, n := range s.Powers {
		p.of[y] = n
	}
	for _, o := range m.Backward.Outs {
		if q := p.value(o.Value); o.Kind == ir.GradOut && q.known {
			s.Grads[o.Leaf] = q.n
		}
	}
}

// Linear reports whether a factor on the cotangents comes out of every gradient as
// it is.
func Linear(m *ir.Mode) bool {
	p := powers{of: map[*ir.Leaf]float64{}, seen: map[*ir.Value]power{}}
	for _, c := range m.Cotangents {
		p.of[c] = 1
	}
	for _, o := range m.Backward.Outs {
		if o.Kind != ir.GradOut {
			continue
		}
		if q := p.value(o.Value); !q.known || q.n != 1 && !q.zero {
			return false
		}
	}
	return true
}

// Shifts lists the shifts of single inputs that no output of a mode notices.
func Shifts(l *ir.Layer, m *ir.Mode) []Shift {
	var out []Shift
	for _, x := range l.Inputs {
		for _, along := range domains(m.Forward, x.Axes()) {
			s := shifts{leaf: x, along: along, seen: map[*ir.Value]moved{}}
			blind := true
			for _, o := range m.Forward.Outs {
				if o.Kind == ir.TensorOut {
					q := s.value(o.Value)
					blind = blind && q.known && q.by == 0
				}
			}
			if blind {
				out = append(out, Shift{x, along})
				break
			}
		}
	}
	return out
}

// domains are the axes that a change may differ along, the most first: all but
// those of some reduction, or none.
func domains(f *ir.Func, axes ir.Axes) []ir.Axes {
	out := []ir.Axes{axes, 0}
	var all ir.Axes
	for _, v := range f.Values {
		if v.Op.Reduces() {
			out, all = append(out, axes&^v.Over), all|v.Over
		}
	}
	out = append(out, axes&^all)
	slices.SortFunc(out, func(a, b ir.Axes) int { return count(b) - count(a) })
	return slices.Compact(out)
}

func count(a ir.Axes) int {
	n := 0
	for ; a != 0; a &= a - 1 {
		n++
	}
	return n
}

func shared(leaves []*ir.Leaf) ir.Axes {
	all := leaves[0].Axes()
	for _, l := range leaves {
		all &= l.Axes()
	}
	return all
}
