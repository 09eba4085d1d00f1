package elementary

// erf is odd. Up to a bound it is x + x*P(x*x), where P starts with
// 2/sqrt(pi) - 1; above it is
//
//	1 - erfc(x) = 1 - e**(-2*x + Q(x))
//
// since the logarithm of erfc is smooth: one polynomial does for all of it.
// Where an error of Q would be seen, it is small beside 2*x, which is exact.
// From erfOne on erf is 1.
func (p *Program) erf(x *Value) *Value {
	f := p.Format
	sign, a := p.magnitude(x)
	near := a.add(a.mul(a.mul(a).as("z").poly(f.erf)))

	b := upTo(a, f.erfOne)
	e := scaled(exponential(b.mul(p.number(-2)).as("c"), b.poly(f.erfc).as("d"))).as("e")
	far := p.number(1).sub(e)

	return a.less(p.number(f.erfNear)).choose(near, far).or(sign)
}
