package elementary

import (
	"math"
	"math/big"
)

// The functions in precision, by their series: nothing here is shared with what
// is tested. precision leaves more than 100 good bits after all cancellation:
// the series of erf loses 52 of them at 6, log near 1 and tanh near 0 as many
// as their results are small.
const precision = 256

func float(x float64) *big.Float      { return new(big.Float).SetPrec(precision).SetFloat64(x) }
func number() *big.Float              { return new(big.Float).SetPrec(precision) }
func sum(a, b *big.Float) *big.Float  { return number().Add(a, b) }
func diff(a, b *big.Float) *big.Float { return number().Sub(a, b) }
func prod(a, b *big.Float) *big.Float { return number().Mul(a, b) }
func quo(a, b *big.Float) *big.Float  { return number().Quo(a, b) }

// small reports whether a term no longer matters beside a sum.
func small(term, sum *big.Float) bool {
	return term.Sign() == 0 || term.MantExp(nil) < sum.MantExp(nil)-precision
}

// bigExp halves x until the series is short, and squares as often.
func bigExp(x *big.Float) *big.Float {
	halvings := max(0, x.MantExp(nil)+12)
	r := number().SetMantExp(x, -halvings)
	total, term := float(1), float(1)
	for n := 1; !small(term, total); n++ {
		term = quo(prod(term, r), float(float64(n)))
		total = sum(total, term)
	}
	for range halvings {
		total = prod(total, total)
	}
	return total
}

// bigLog is Halley's iteration on exp, which triples the good bits.
func bigLog(x *big.Float) *big.Float {
	if x.Cmp(float(1)) == 0 {
		return number()
	}
	m := number()
	e := x.MantExp(m)
	f, _ := m.Float64()
	y := sum(float(math.Log(f)), prod(float(float64(e)), bigLn2))
	for range 3 {
		p := bigExp(y)
		y = sum(y, prod(float(2), quo(diff(x, p), sum(x, p))))
	}
	return y
}

var bigLn2 = bigAtanhSeries(quo(float(1), float(3)))

// bigAtanhSeries is 2*atanh(x); for 1/3 it is the logarithm of 2.
func bigAtanhSeries(x *big.Float) *big.Float {
	z, term := prod(x, x), prod(float(2), x)
	total := term
	for n := 3; !small(term, total); n += 2 {
		term = prod(term, z)
		total = sum(total, quo(term, float(float64(n))))
	}
	return total
}

// bigTanh takes the start of the series where exp would have no bits left.
func bigTanh(x *big.Float) *big.Float {
	if x.MantExp(nil) < -60 {
		return diff(x, quo(prod(x, prod(x, x)), float(3)))
	}
	e := bigExp(prod(float(2), x))
	return quo(diff(e, float(1)), sum(e, float(1)))
}

// bigPi is 16 atan(1/5) - 4 atan(1/239).
var bigPi = diff(prod(float(16), arctan(5)), prod(float(4), arctan(239)))

func arctan(inverse float64) *big.Float {
	term := quo(float(1), float(inverse))
	total, z := term, float(-inverse*inverse)
	for n := 3; !small(term, total); n += 2 {
		term = quo(term, z)
		total = sum(total, quo(term, float(float64(n))))
	}
	return total
}

var twoOverRootPi = quo(float(2), number().Sqrt(bigPi))

// bigErf is 2/sqrt(pi) times the sum of (-1)^n x^(2n+1) / (n! (2n+1)), and 1
// with 63 bits above 6.5.
func bigErf(x *big.Float) *big.Float {
	if number().Abs(x).Cmp(float(6.5)) > 0 {
		return float(float64(x.Sign()))
	}
	z := prod(x, x)
	z.Neg(z)
	term := x
	total := x
	for n := 1; !small(term, total); n++ {
		term = quo(prod(term, z), float(float64(n)))
		total = sum(total, quo(term, float(float64(2*n+1))))
	}
	return prod(total, twoOverRootPi)
}
