package ir

import "math"

// The gradient rules. Each is one line of calculus: the adjoints of the
// operands of v, given v's adjoint g. Kinks get a subgradient by selection,
// never by multiplication, so that an infinite branch not taken stays out.

func gradNone(f *Func, v, g *Value) []*Value { return make([]*Value, len(v.Args)) }

func gradNeg(f *Func, v, g *Value) []*Value { return []*Value{f.Neg(g)} }
func gradAdd(f *Func, v, g *Value) []*Value { return []*Value{g, g} }
func gradSub(f *Func, v, g *Value) []*Value { return []*Value{g, f.Neg(g)} }

func gradMul(f *Func, v, g *Value) []*Value {
	return []*Value{f.Mul(g, v.Args[1]), f.Mul(g, v.Args[0])}
}

func gradDiv(f *Func, v, g *Value) []*Value {
	d := f.Div(g, v.Args[1])
	return []*Value{d, f.Neg(f.Mul(d, v))}
}

// gradPow: the exponent is uniform and has no gradient.
func gradPow(f *Func, v, g *Value) []*Value {
	a, p := v.Args[0], v.Args[1]
	c := p
	if c.Op == Widen {
		c = c.Args[0]
	}
	if c.Op == Const {
		return []*Value{f.Mul(f.Mul(g, p), f.Pow(a, f.Const(c.F-1))), nil}
	}
	return []*Value{f.Mul(f.Mul(g, p), f.Pow(a, f.Sub(p, f.Const(1)))), nil}
}

func gradSqrt(f *Func, v, g *Value) []*Value {
	return []*Value{f.Div(f.Mul(f.Const(0.5), g), v)}
}

func gradRsqrt(f *Func, v, g *Value) []*Value {
	return []*Value{f.Mul(f.Mul(f.Mul(f.Mul(f.Const(-0.5), g), v), v), v)}
}

func gradExp(f *Func, v, g *Value) []*Value { return []*Value{f.Mul(g, v)} }
func gradLog(f *Func, v, g *Value) []*Value { return []*Value{f.Div(g, v.Args[0])} }

// gradTanh keeps 1 - v*v whole: expanded, its two halves cancel.
func gradTanh(f *Func, v, g *Value) []*Value {
	d := f.Sub(f.Const(1), f.Mul(v, v))
	d.Atom = true
	return []*Value{f.Mul(g, d)}
}

func gradErf(f *Func, v, g *Value) []*Value {
	a := v.Args[0]
	return []*Value{f.Mul(f.Mul(f.Const(2/math.SqrtPi), g), f.Exp(f.Neg(f.Mul(a, a))))}
}

// gradAbs is 0 at 0.
func gradAbs(f *Func, v, g *Value) []*Value {
	a, zero := v.Args[0], f.Const(0)
	return []*Value{f.Select(f.Less(zero, a), g, f.Select(f.Less(a, zero), f.Neg(g), zero))}
}

func gradMod(f *Func, v, g *Value) []*Value {
	return []*Value{g, f.Neg(f.Mul(g, f.Floor(f.Div(v.Args[0], v.Args[1]))))}
}

func gradMax(f *Func, v, g *Value) []*Value { return branch(f, f.Less(v.Args[1], v.Args[0]), g) }
func gradMin(f *Func, v, g *Value) []*Value { return branch(f, f.Less(v.Args[0], v.Args[1]), g) }

func gradSelect(f *Func, v, g *Value) []*Value {
	return append([]*Value{nil}, branch(f, v.Args[0], g)...)
}

// branch sends g to the branch that c takes.
func branch(f *Func, c, g *Value) []*Value {
	zero := f.Const(0)
	return []*Value{f.Select(c, g, zero), f.Select(c, zero, g)}
}

func gradSum(f *Func, v, g *Value) []*Value { return spread(f, v, g) }

func gradMean(f *Func, v, g *Value) []*Value {
	return spread(f, v, f.Div(g, f.Count(v.Over, v.Mask())))
}

// gradMaxOf shares g equally among the elements that equal the maximum: the
// only rule that does not depend on their order.
func gradMaxOf(f *Func, v, g *Value) []*Value {
	a := v.Args[0]
	hit := f.Equal(a, f.Widen(v, a.Axes))
	if m := v.Mask(); m != nil {
		hit = f.And(hit, f.Widen(m, a.Axes))
	}
	ties := f.Sum(f.Select(hit, f.Const(1), f.Const(0)), v.Over, nil)
	out := []*Value{f.Select(hit, f.Div(g, ties), f.Const(0))}
	return append(out, make([]*Value, len(v.Args)-1)...)
}

// spread is the adjoint of a sum: g on every element of the domain.
func spread(f *Func, v, g *Value) []*Value {
	w := f.Widen(g, v.Args[0].Axes)
	if m := v.Mask(); m != nil {
		return []*Value{f.Select(m, w, f.Const(0)), nil}
	}
	return []*Value{w}
}

func gradWiden(f *Func, v, g *Value) []*Value {
	a := v.Args[0]
	return []*Value{f.Sum(g, v.Axes&^a.Axes, nil)}
}
