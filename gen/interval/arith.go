package interval

import "math"

// The arithmetic of intervals. Rounding is monotone, so the ends of a result
// are the rounded results of ends, and hold for rounded values too.

func (f Format) neg(x Interval) Interval { return Interval{-x.Hi, -x.Lo, x.NaN, x.Nonzero} }

func (f Format) add(x, y Interval) Interval {
	r := Interval{Lo: end(x.Lo+y.Lo, -1), Hi: end(x.Hi+y.Hi, 1), NaN: x.NaN || y.NaN}
	r.NaN = r.NaN || math.IsInf(x.Hi, 1) && math.IsInf(y.Lo, -1) || math.IsInf(x.Lo, -1) && math.IsInf(y.Hi, 1)
	r.Nonzero = x.Lo >= 0 && y.Lo >= 0 && (!x.zero() || !y.zero()) || x.Hi <= 0 && y.Hi <= 0 && (!x.zero() || !y.zero())
	return f.settle(r, x, y)
}

// end is the bound x on the side of sign, or no bound if x is inf - inf.
func end(x float64, sign int) float64 {
	if math.IsNaN(x) {
		return math.Inf(sign)
	}
	return x
}

func (f Format) sub(x, y Interval) Interval { return f.add(x, f.neg(y)) }

func (f Format) mul(x, y Interval) Interval {
	r := hull(x.Lo*y.Lo, x.Lo*y.Hi, x.Hi*y.Lo, x.Hi*y.Hi)
	r.NaN = x.NaN || y.NaN || x.infinite() && y.zero() || y.infinite() && x.zero()
	return f.settle(r, x, y)
}

func (f Format) div(x, y Interval) Interval {
	nan := x.NaN || y.NaN || x.infinite() && y.infinite() || x.zero() && y.zero()
	y = y.away()
	if y.Lo <= 0 && y.Hi >= 0 { // -0 divides to the other side
		return Interval{math.Inf(-1), math.Inf(1), nan, false}
	}
	r := hull(x.Lo/y.Lo, x.Lo/y.Hi, x.Hi/y.Lo, x.Hi/y.Hi)
	r.NaN = nan
	return f.settle(r, x, y)
}

// settle keeps what finite operands give finite.
func (f Format) settle(r Interval, operands ...Interval) Interval {
	for _, x := range operands {
		if x.infinite() {
			return r.tidy()
		}
	}
	return f.finite(r)
}

func (f Format) abs(x Interval) Interval {
	r := Interval{Lo: x.smallest(), Hi: x.magnitude(), NaN: x.NaN, Nonzero: x.Nonzero}
	return r.tidy()
}

func (f Format) square(x Interval) Interval {
	a := f.abs(x)
	a.Nonzero = false // the square may be too small
	return f.settle(Interval{Lo: a.Lo * a.Lo, Hi: a.Hi * a.Hi, NaN: a.NaN}, x)
}

func (f Format) sqrt(x Interval) Interval {
	return Interval{math.Sqrt(max(x.Lo, 0)), math.Sqrt(max(x.Hi, 0)), x.NaN || x.Lo < 0, x.Nonzero}.tidy()
}

func (f Format) rsqrt(x Interval) Interval { return f.div(point(1), f.sqrt(x)) }

func (f Format) exp(x Interval) Interval {
	r := Interval{Lo: math.Exp(x.Lo), Hi: math.Exp(x.Hi), NaN: x.NaN}.ulps(8)
	if x.Hi <= f.expLimit() {
		return f.settle(r, x)
	}
	r.Hi = math.Inf(1)
	r.Lo = min(r.Lo, f.Max)
	return r
}

func (f Format) log(x Interval) Interval {
	x, nan := x.away(), x.NaN || x.Lo < 0
	return Interval{Lo: math.Log(max(x.Lo, 0)), Hi: math.Log(max(x.Hi, 0)), NaN: nan}.ulps(8)
}

// saturating is tanh or erf.
func (f Format) saturating(fn func(float64) float64, x Interval) Interval {
	r := Interval{Lo: fn(x.Lo), Hi: fn(x.Hi), NaN: x.NaN}.ulps(8)
	return Interval{max(r.Lo, -1), min(r.Hi, 1), x.NaN, x.Nonzero}.tidy()
}

func (f Format) floor(x Interval) Interval {
	return Interval{Lo: math.Floor(x.Lo), Hi: math.Floor(x.Hi), NaN: x.NaN}
}

// mod lies between 0 and the divisor but for rounding, which for a large x is
// as large as the spacing of numbers there.
func (f Format) mod(x, y Interval) Interval {
	w := f.wide()
	whole := f.settle(w.sub(x, w.mul(y, w.floor(w.div(x, y)))), x, y)
	if y.Lo <= 0 || whole.NaN {
		return whole
	}
	slack := 0x1p-51 * (x.magnitude() + y.Hi)
	return whole.meet(Interval{Lo: -slack, Hi: y.Hi + slack})
}

// larger is a > b ? a : b, which is b where a is NaN.
func (f Format) larger(a, b Interval) Interval {
	r := Interval{max(a.Lo, b.Lo), max(a.Hi, b.Hi), b.NaN, true}
	if a.NaN {
		r.Lo = b.Lo
	}
	r.Nonzero = !a.zero() && !b.zero() || a.Lo >= 0 && !a.zero() && !a.NaN || b.Lo >= 0 && !b.zero()
	return r.tidy()
}

func (f Format) smaller(a, b Interval) Interval { return f.neg(f.larger(f.neg(a), f.neg(b))) }
