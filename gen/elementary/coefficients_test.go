package elementary

import (
	"math"
	"math/big"
	"slices"
	"testing"
)

// The functions that the polynomials stand for, and how much an error of the
// polynomial counts as a relative error of the result.
func fitExp(n int) fit {
	// A few in a million beyond ln(2)/2: n is not always the next integer.
	return fit{n, -0.3467, 0.3467,
		func(r *big.Float) *big.Float { return quo(diff(diff(bigExp(r), float(1)), r), prod(r, r)) },
		func(r *big.Float) *big.Float { return quo(prod(r, r), bigExp(r)) }}
}

func fitLog(n int) fit {
	s := (math.Sqrt2 - 1) / (math.Sqrt2 + 1)
	return fit{n, 0, s * s * (1 + 1e-6),
		func(z *big.Float) *big.Float {
			s := number().Sqrt(z)
			return quo(diff(quo(bigAtanhSeries(s), s), float(2)), z)
		},
		func(z *big.Float) *big.Float { s := number().Sqrt(z); return quo(prod(s, z), bigAtanhSeries(s)) }}
}

func fitTanh(n int, near float64) fit {
	return fit{n, 0, near * near,
		func(z *big.Float) *big.Float {
			x := number().Sqrt(z)
			return quo(diff(quo(bigTanh(x), x), float(1)), z)
		},
		func(z *big.Float) *big.Float { x := number().Sqrt(z); return quo(prod(x, z), bigTanh(x)) }}
}

func fitErf(n int, near float64) fit {
	return fit{n, 0, near * near,
		func(z *big.Float) *big.Float { x := number().Sqrt(z); return diff(quo(bigErf(x), x), float(1)) },
		func(z *big.Float) *big.Float { x := number().Sqrt(z); return quo(x, bigErf(x)) }}
}

func fitErfc(n int, near, one float64) fit {
	erfc := func(x *big.Float) *big.Float { return diff(float(1), bigErf(x)) }
	return fit{n, near, one,
		func(x *big.Float) *big.Float { return sum(bigLog(erfc(x)), sum(x, x)) },
		func(x *big.Float) *big.Float { return quo(erfc(x), bigErf(x)) }}
}

// A polynomial of a format, how it was fitted, and how far in relative error
// its function may be off because of it: a small part of half a unit.
type polynomial struct {
	name string
	c    []float64
	fit  fit
}

func polynomials(f *Format) []polynomial {
	return []polynomial{
		{"exp", f.exp, fitExp(len(f.exp))},
		{"log", f.log, fitLog(len(f.log))},
		{"tanh", f.tanh, fitTanh(len(f.tanh), f.tanhNear)},
		{"erf", f.erf, fitErf(len(f.erf), f.erfNear)},
		{"erfc", f.erfc, fitErfc(len(f.erfc), f.erfNear, f.erfOne)},
	}
}

// TestCoefficients requires that the coefficients are what Remez' exchange
// gives, rounded, and that the rounded polynomials are still good to a quarter
// of a unit.
func TestCoefficients(t *testing.T) {
	for _, f := range []*Format{Float32, Float64} {
		for _, p := range polynomials(f) {
			c, exact := p.fit.solve()
			var want []float64
			for _, x := range c {
				v, _ := x.Float64()
				want = append(want, f.Number(f.Pattern(v)))
			}
			if !slices.Equal(round(f, p.c), want) {
				t.Errorf("%d bits: %s has %v, want %v", f.Width, p.name, p.c, want)
			}
			rounded := p.fit.worst(want)
			if unit := math.Ldexp(1, -int(f.Fraction)); rounded > unit/4 {
				t.Errorf("%d bits: %s is 2^%.1f off, more than a quarter of a unit", f.Width, p.name, math.Log2(rounded))
			}
			t.Logf("%d bits: %-4s 2^%.1f, 2^%.1f with coefficients rounded", f.Width, p.name, math.Log2(exact), math.Log2(rounded))
		}
	}
}

// round rounds to a format, as a program does with its constants.
func round(f *Format, x []float64) []float64 {
	var out []float64
	for _, v := range x {
		out = append(out, f.Number(f.Pattern(v)))
	}
	return out
}
