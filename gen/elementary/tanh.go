package elementary

// tanh is odd. Up to a bound it is x + x*z*P(z) with z = x*x; above it is
//
//	1 - 2/(e**(2*x) + 1)
//
// where the quotient is small enough to make its error small too. From tanhOne
// on it is 1.
func (p *Program) tanh(x *Value) *Value {
	f := p.Format
	sign, a := p.magnitude(x)
	z := a.mul(a).as("z")
	near := a.add(a.mul(z.mul(z.poly(f.tanh))))

	b := upTo(a, f.tanhOne)
	e := scaled(exponential(b.add(b).as("c"), nil)).as("e")
	far := p.number(1).sub(p.number(2).div(e.add(p.number(1))))

	return a.less(p.number(f.tanhNear)).choose(near, far).or(sign)
}

// magnitude returns the sign bit of x, and |x|.
func (p *Program) magnitude(x *Value) (sign, a *Value) {
	s := p.Format.sign()
	return x.and(p.bits(s)).as("sign"), x.and(p.bits(s - 1)).as("a")
}

// upTo is the smaller of a and most; NaN stays.
func upTo(a *Value, most float64) *Value {
	m := a.p.number(most)
	return m.less(a).choose(m, a).as("b")
}
