package pass

import "github.com/normgen/normgen/gen/ir"

// Center makes deviations exact and one pass enough for mean and variance. A
// deviation x - mean becomes (x - hi) - lo, with the mean in two parts; the sum
// of its squares and every mean become moments of x, which need one reading.
func Center(f *ir.Func) *ir.Func {
	centred := map[*ir.Value]*ir.Value{} // a deviation: the mean it subtracts
	for _, v := range f.Values {
		if m := subtracted(v); m != nil {
			centred[v] = m
		}
	}
	return rewrite(f, func(g *ir.Func, v *ir.Value, args []*ir.Value) *ir.Value {
		switch {
		case v.Op == ir.Mean:
			return moment(g, ir.MomentMean, v, args)
		case centred[v] != nil:
			return deviation(g, args[0], args[1].Args[0])
		case v.Op == ir.Sum:
			return squares(g, v, centred, args)
		}
		return nil
	})
}

// subtracted returns the mean in v = e - widen(mean(e)), or nil.
func subtracted(v *ir.Value) *ir.Value {
	if v.Op != ir.Sub || v.Args[1].Op != ir.Widen {
		return nil
	}
	if m := v.Args[1].Args[0]; m.Op == ir.Mean && m.Args[0] == v.Args[0] {
		return m
	}
	return nil
}

func moment(g *ir.Func, op ir.Op, v *ir.Value, args []*ir.Value) *ir.Value {
	return g.New(ir.Value{Op: op, Args: args, Axes: v.Axes, Over: v.Over})
}

func deviation(g *ir.Func, e, m *ir.Value) *ir.Value {
	hi := g.Sub(e, moment(g, ir.MomentHi, m, m.Args))
	hi.Atom = true
	v := g.Sub(hi, moment(g, ir.MomentLo, m, m.Args))
	v.Atom = true
	return v
}

// squares rewrites a sum of squared deviations over the domain of their mean.
func squares(g *ir.Func, v *ir.Value, centred map[*ir.Value]*ir.Value, args []*ir.Value) *ir.Value {
	sq := v.Args[0]
	if sq.Op != ir.Mul || sq.Args[0] != sq.Args[1] {
		return nil
	}
	m := centred[sq.Args[0]]
	if m == nil || m.Over != v.Over || m.Mask() != v.Mask() {
		return nil
	}
	// args[0] is the square of (e - hi) - lo.
	e := args[0].Args[0].Args[0].Args[0]
	return moment(g, ir.MomentSS, v, append([]*ir.Value{e}, args[1:]...))
}
