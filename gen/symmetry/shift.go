package symmetry

import "github.com/normgen/normgen/gen/ir"

// moved says by which multiple of the shift a value moves, if known.
type moved struct {
	by    float64
	known bool
}

// shifts finds how values move. The shift differs along some axes: what reduces
// them must not move.
type shifts struct {
	leaf  *ir.Leaf
	along ir.Axes
	seen  map[*ir.Value]moved
}

func (s *shifts) value(v *ir.Value) moved {
	if q, ok := s.seen[v]; ok {
		return q
	}
	q := s.find(v)
	s.seen[v] = q
	return q
}

func (s *shifts) find(v *ir.Value) moved {
	if v.Op == ir.Load && v.Leaf == s.leaf {
		return moved{1, true}
	}
	args, still := make([]moved, len(v.Args)), true
	for i, a := range v.Args {
		if args[i] = s.value(a); !args[i].known {
			return moved{}
		}
		still = still && args[i].by == 0
	}
	if still {
		return moved{0, true}
	}
	if v.Op.Reduces() && v.Over&s.along != 0 {
		return moved{}
	}
	if rule := shiftRules[v.Op]; rule != nil {
		return rule(args, v)
	}
	return moved{}
}

// shiftRules are the operations that move with their operands, in a known way.
var shiftRules = [ir.NumOps]func(a []moved, v *ir.Value) moved{
	ir.Neg:    func(a []moved, v *ir.Value) moved { return moved{-a[0].by, true} },
	ir.Add:    func(a []moved, v *ir.Value) moved { return moved{a[0].by + a[1].by, true} },
	ir.Sub:    func(a []moved, v *ir.Value) moved { return moved{a[0].by - a[1].by, true} },
	ir.Max:    together,
	ir.Min:    together,
	ir.Less:   inOrder,
	ir.LessEq: inOrder,
	ir.Equal:  inOrder,
	ir.Select: func(a []moved, v *ir.Value) moved {
		return moved{a[1].by, a[0].by == 0 && a[1].by == a[2].by}
	},
	ir.Widen:      func(a []moved, v *ir.Value) moved { return a[0] },
	ir.Detach:     func(a []moved, v *ir.Value) moved { return a[0] },
	ir.Mean:       over,
	ir.MomentMean: over,
	ir.MomentHi:   over,
	ir.MaxOf:      over,
	ir.MomentLo:   func(a []moved, v *ir.Value) moved { return moved{0, true} },
	ir.MomentSS:   func(a []moved, v *ir.Value) moved { return moved{0, true} },
}

func together(a []moved, v *ir.Value) moved { return moved{a[0].by, a[0].by == a[1].by} }

func inOrder(a []moved, v *ir.Value) moved { return moved{0, a[0].by == a[1].by} }

// over is what a mean moves by, if its mask, which must not move, keeps something.
func over(a []moved, v *ir.Value) moved { return moved{a[0].by, len(a) == 1 || a[1].by == 0} }
