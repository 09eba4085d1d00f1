package interval

import "math"

// pow bounds x^p. The exponent is uniform, most often a number.
func (f Format) pow(x, p Interval) Interval {
	switch {
	case !p.isPoint():
		return f.powers(x, p)
	case p.Lo == 0:
		return point(1) // of NaN too
	case p.Lo < 0:
		return f.div(point(1), f.wide().pow(x, point(-p.Lo)))
	case math.Mod(p.Lo, 2) == 0:
		r := f.raise(f.abs(x), p.Lo)
		r.NaN = x.NaN
		return r
	case p.Lo == math.Floor(p.Lo):
		return f.raise(x, p.Lo)
	}
	r := f.raise(Interval{Lo: max(x.Lo, 0), Hi: max(x.Hi, 0)}, p.Lo)
	r.NaN = x.NaN || x.Lo < 0
	return r
}

// raise bounds x^p where it grows with x. A power of what is not zero may be.
func (f Format) raise(x Interval, p float64) Interval {
	r := Interval{Lo: math.Pow(x.Lo, p), Hi: math.Pow(x.Hi, p), NaN: x.NaN}.ulps(8)
	return f.settle(r, x)
}

// powers bounds x^p for exponents between bounds: the ends of both give the
// ends of the result, because p*log(x) is bilinear.
func (f Format) powers(x, p Interval) Interval {
	if x.NaN || p.NaN || x.Lo <= 0 || x.infinite() || p.infinite() {
		return everything
	}
	r := hull(math.Pow(x.Lo, p.Lo), math.Pow(x.Lo, p.Hi), math.Pow(x.Hi, p.Lo), math.Pow(x.Hi, p.Hi)).ulps(8)
	return f.settle(r, x)
}
