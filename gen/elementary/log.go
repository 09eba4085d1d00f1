package elementary

import "math"

// log is k*ln2 + log(m), where x = m * 2^k and m is between the roots of 1/2
// and 2. With f = m - 1, which is exact, and s = f/(2 + f),
//
//	log(1 + f) = 2*atanh(s) = 2*s + s*R,  R = s*s*P(s*s)
//	           = f - (f*f/2 - s*(f*f/2 + R))
//
// where f, the largest term, has no error (Tang 1990; the form is fdlibm's).
func (p *Program) log(x *Value) *Value {
	f := p.Format
	k, m := p.split(x)
	d := m.sub(p.number(1)).as("f")
	s := d.div(p.number(2).add(d)).as("s")
	z := s.mul(s).as("z")
	square := p.number(0.5).mul(d).mul(d).as("h", "log(m) = f - (h - s*(h + r)).")
	r := z.mul(z.poly(f.log)).as("r")
	low := s.mul(square.add(r)).add(k.mul(p.number(f.ln2Low)))
	sum := k.mul(p.number(f.ln2High)).sub(square.sub(low).sub(d))

	below := x.less(p.number(0)).choose(p.number(math.NaN()), p.number(math.Inf(-1)))
	sum = x.less(p.number(f.smallest())).choose(below, sum)
	return x.less(p.inf()).choose(sum, x).as("y", "Inf and NaN are their own logarithms.")
}

// split returns k and m of x = m * 2^k. A denormal x is scaled up first. Added
// to the bits, the distance from the root of 1/2 to 1 carries into the exponent
// if m would be the root of 2 or more.
func (p *Program) split(x *Value) (k, m *Value) {
	f := p.Format
	root := f.Pattern(math.Sqrt2 / 2)
	bias := f.ones() + float64(f.bias())
	small := x.less(p.number(f.smallestNormal()))
	scale := small.choose(p.number(f.ones()), p.number(1)).as("scale")
	offset := small.choose(p.number(bias+float64(f.Fraction)), p.number(bias)).as("offset")
	bits := x.mul(scale).plus(p.bits(f.Pattern(1) - root)).as("bits")
	k = bits.shr(f.Fraction).or(p.number(f.ones())).sub(offset).as("k")
	m = bits.and(p.bits(f.fractionMask())).plus(p.bits(root)).as("m")
	return k, m
}
