package trial

import (
	"math"
	"math/rand/v2"
)

// A Fill draws element i of an input.
type Fill struct {
	Name string
	draw func(r *rand.Rand, i int) float64
}

// Fills are the numbers that layers are tried on: easy ones, means far from zero,
// outliers that trip guards, rows without deviation, zeros of both signs, and
// magnitudes from denormal to where squares of squares overflow.
var Fills = []Fill{
	{"randn", func(r *rand.Rand, i int) float64 { return r.NormFloat64() }},
	{"offset", func(r *rand.Rand, i int) float64 { return 1e4 + r.NormFloat64() }},
	{"far", func(r *rand.Rand, i int) float64 { return 1e7 + r.NormFloat64() }},
	{"ramp", func(r *rand.Rand, i int) float64 { return float64(i%1000) / 8 }},
	{"const", func(r *rand.Rand, i int) float64 { return 0.1 }},
	{"zeros", func(r *rand.Rand, i int) float64 { return math.Copysign(0, float64(r.IntN(2))-0.5) }},
	{"negative zeros", func(r *rand.Rand, i int) float64 { return math.Copysign(0, -1) }},
	{"outlier", func(r *rand.Rand, i int) float64 { return math.Exp(12*float64(1/(1+i%97))) * r.NormFloat64() }},
	{"scales", func(r *rand.Rand, i int) float64 { return r.NormFloat64() * math.Exp2(20*r.Float64()-10) }},
	{"signs", func(r *rand.Rand, i int) float64 { return float64(1 - 2*(i%2)) }},
	{"one", func(r *rand.Rand, i int) float64 { return float64(1 / (1 + i%61)) }},
	{"integers", func(r *rand.Rand, i int) float64 { return float64(r.IntN(17) - 8) }},
	{"denormal", func(r *rand.Rand, i int) float64 { return 1e-39 * r.NormFloat64() }},
	{"large", func(r *rand.Rand, i int) float64 { return 1e8 * r.NormFloat64() }},
}

func (f Fill) numbers(r *rand.Rand, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(f.draw(r, i))
	}
	return out
}

// masks are ways to choose rows.
var masks = []func(r *rand.Rand, i int) bool{
	func(r *rand.Rand, i int) bool { return r.IntN(3) > 0 },
	func(r *rand.Rand, i int) bool { return true },
	func(r *rand.Rand, i int) bool { return i/32%3 == 1 },
	func(r *rand.Rand, i int) bool { return false },
	func(r *rand.Rand, i int) bool { return i == 1 },
}
