package symmetry

import "github.com/normgen/normgen/gen/ir"

// A power is how often a value contains the factor: s^n, if known. Zero contains
// any power of it.
type power struct {
	n     float64
	zero  bool
	known bool
}

// powers finds those of values. The factor differs along some axes: what reduces
// them must not contain it.
type powers struct {
	of    map[*ir.Leaf]float64
	zero  string
	along ir.Axes
	seen  map[*ir.Value]power
}

func (p *powers) value(v *ir.Value) power {
	if q, ok := p.seen[v]; ok {
		return q
	}
	q := p.find(v)
	p.seen[v] = q
	return q
}

func (p *powers) find(v *ir.Value) power {
	switch {
	case v.Op == ir.Const:
		return power{0, v.F == 0, true}
	case v.Op == ir.Load:
		return power{p.of[v.Leaf], v.Leaf.Kind == ir.KnobLeaf && v.Leaf.Name == p.zero, true}
	}
	args := make([]power, len(v.Args))
	for i, a := range v.Args {
		if args[i] = p.value(a); !args[i].known {
			return power{}
		}
	}
	if v.Op.Reduces() && (args[0].n != 0 && v.Over&p.along != 0 || len(args) > 1 && !args[1].plain()) {
		return power{}
	}
	if rule := powerRules[v.Op]; rule != nil {
		return rule(args, v)
	}
	for _, a := range args { // what contains no factor gives what contains none
		if !a.plain() {
			return power{}
		}
	}
	return power{0, false, true}
}

// plain reports whether a value does not contain the factor.
func (p power) plain() bool { return p.known && (p.n == 0 || p.zero) }

func (p power) times(f float64) power { return power{p.n * f, p.zero, p.known} }

// same is the power of what is chosen or added up from both.
func same(a, b power) power {
	switch {
	case a.zero:
		return b
	case b.zero:
		return a
	}
	return power{a.n, false, a.n == b.n}
}

// powerRules are the operations through which a factor comes out.
var powerRules = [ir.NumOps]func(a []power, v *ir.Value) power{
	ir.Neg:    func(a []power, v *ir.Value) power { return a[0] },
	ir.Abs:    func(a []power, v *ir.Value) power { return a[0] },
	ir.Detach: func(a []power, v *ir.Value) power { return a[0] },
	ir.Add:    func(a []power, v *ir.Value) power { return same(a[0], a[1]) },
	ir.Sub:    func(a []power, v *ir.Value) power { return same(a[0], a[1]) },
	ir.Max:    func(a []power, v *ir.Value) power { return same(a[0], a[1]) },
	ir.Min:    func(a []power, v *ir.Value) power { return same(a[0], a[1]) },
	ir.Mul: func(a []power, v *ir.Value) power {
		return power{a[0].n + a[1].n, a[0].zero || a[1].zero, true}
	},
	ir.Div: func(a []power, v *ir.Value) power {
		return power{a[0].n - a[1].n, a[0].zero, !a[1].zero}
	},
	ir.Pow: func(a []power, v *ir.Value) power {
		e := v.Args[1]
		for e.Op == ir.Widen {
			e = e.Args[0]
		}
		if e.Op != ir.Const {
			return power{0, false, a[0].plain() && a[1].plain()}
		}
		return power{a[0].n * e.F, a[0].zero, !a[0].zero || e.F > 0}
	},
	ir.Sqrt:   func(a []power, v *ir.Value) power { return a[0].times(0.5) },
	ir.Rsqrt:  func(a []power, v *ir.Value) power { return power{-a[0].n / 2, false, !a[0].zero} },
	ir.Less:   compared,
	ir.LessEq: compared,
	ir.Equal:  compared,
	ir.Select: func(a []power, v *ir.Value) power {
		q := same(a[1], a[2])
		q.known = q.known && a[0].plain()
		return q
	},
	ir.Sum:        first,
	ir.Mean:       first,
	ir.MaxOf:      first,
	ir.Widen:      first,
	ir.MomentMean: first,
	ir.MomentHi:   first,
	ir.MomentLo:   first,
	ir.MomentSS:   func(a []power, v *ir.Value) power { return a[0].times(2) },
}

func first(a []power, v *ir.Value) power { return a[0] }

// compared: the order of two values stays if both contain the same power.
func compared(a []power, v *ir.Value) power { return power{0, false, same(a[0], a[1]).known} }
