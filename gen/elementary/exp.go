package elementary

import "math"

// exponential is e**(x + rest) as (1 + s) * 2**n, before the two are added and
// multiplied; rest, which may be nil, is what x was rounded by.
//
// n is the integer next to (x + rest)/ln 2: adding 1.5 * 2^Fraction leaves it in
// the low bits of t. Then |r| <= ln(2)/2 and
//
//	x + rest = n*ln2 + r,  e**r = 1 + r + r*r*P(r)
//
// ln2 is split so that n times its high part is exact, as is high; what r has
// lost by rounding is put back to first order.
func exponential(x, rest *Value) (s, power *Value) {
	p, f := x.p, x.p.Format
	shifter := p.number(1.5 * f.ones())
	whole := x
	if rest != nil {
		whole = x.add(rest)
	}
	t := whole.mul(p.number(1/math.Ln2)).add(shifter).as("t", "n is the integer next to the exponent over ln(2), and in the low bits of t.")
	n := t.sub(shifter).as("n")
	high := x.sub(n.mul(p.number(f.ln2High))).as("high", "The exponent less n*ln(2) in two parts.")
	low := n.mul(p.number(f.ln2Low))
	if rest != nil {
		low = low.sub(rest)
	}
	low.as("low")
	r := high.sub(low).as("r")
	tail := r.mul(r).mul(r.poly(f.exp)).as("tail", "exp(r) - 1 = r + r*r*p.")
	s = high.add(tail.sub(low)).as("s")
	return s, t.shl(f.Fraction)
}

// exp clamps x to where the result is neither Inf nor 0, and just beyond. The
// power of two may have no normal representation: it is divided by scale, which
// is 2^64 or for negative x 2^-64 (2^512 in float64), and the result multiplied by
// it: the only rounding of a denormal result.
func (p *Program) exp(x *Value) *Value {
	f := p.Format
	clamped := clamp(x, f.expMin, f.expMax)
	s, power := exponential(clamped, nil)
	half := math.Ldexp(1, (f.bias()+1)/2)
	twice := p.bits(2 * f.Pattern(1))
	sign := clamped.and(p.bits(f.sign()))
	scale := p.number(half).minus(sign.shr(1)).as("scale", "2**n is power*scale: it may be too small or too large for one number.")
	power = power.plus(twice.minus(scale)).as("power")
	return p.number(1).add(s).mul(power).mul(scale)
}

// scaled is the product of what exponential returns, if 2**n is a normal number.
func scaled(s, power *Value) *Value {
	one := s.p.number(1)
	return one.add(s).mul(power.plus(one).as("power", "2**n, by its exponent."))
}

// clamp leaves NaN as it is.
func clamp(x *Value, low, high float64) *Value {
	lo, hi := x.p.number(low), x.p.number(high)
	x = x.less(lo).choose(lo, x).as("x")
	return hi.less(x).choose(hi, x).as("x")
}
