package elementary

import (
	"flag"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/runtime"
)

var exhaustive = flag.Bool("exhaustive", false, "test all float32, and 300000 float64 and more for each function")

// A function is what runtime has for an operation, and what it should be.
type function struct {
	op   ir.Op
	in32 func(float32) float32
	in64 func(float64) float64
	math func(float64) float64
	big  func(*big.Float) *big.Float
	near []float64 // where a program clamps, chooses, or reaches the end of a format

	// The largest error over all float32, in units in the last place and rounded
	// up, as -exhaustive has found it.
	units32 float64
}

var functions = []function{
	{ir.Exp, runtime.Exp[float32], runtime.Exp[float64], math.Exp, bigExp, []float64{
		Float32.expMin, Float32.expMax, Float64.expMin, Float64.expMax,
		88.722839, -87.336548, -103.9721, 709.7827128933841, -708.3964185322641, -745.1332191019412}, 0.90},
	{ir.Log, runtime.Log[float32], runtime.Log[float64], math.Log, bigLog, []float64{
		1, math.Sqrt2, math.Sqrt2 / 2, 2, 0, Float32.smallestNormal(), Float64.smallestNormal(), math.MaxFloat32}, 0.85},
	{ir.Tanh, runtime.Tanh[float32], runtime.Tanh[float64], math.Tanh, bigTanh, []float64{
		Float32.tanhNear, Float32.tanhOne, Float64.tanhNear, Float64.tanhOne, 1, 9.011, 19.062}, 1.06},
	{ir.Erf, runtime.Erf[float32], runtime.Erf[float64], math.Erf, bigErf, []float64{
		Float32.erfNear, Float32.erfOne, Float64.erfNear, Float64.erfOne, 1, 3.8325, 5.864}, 1.00},
}

// unit is the exponent of a unit in the last place of numbers with an exponent,
// as Frexp has it: denormals have the one of the least positive number.
func (f *Format) unit(exponent int) int { return max(exponent-1, 1-f.bias()) - int(f.Fraction) }

// units32 is the distance of got from want in units of want. What is beyond the
// format counts as the number after its largest.
func units32(got float32, want float64) float64 {
	const top = 0x1p128
	g, w := max(-top, min(top, float64(got))), max(-top, min(top, want))
	if g != g || w != w {
		return units(g != g && w != w)
	}
	_, e := math.Frexp(w)
	return math.Abs(g-w) * math.Ldexp(1, -Float32.unit(e))
}

// units is no or an infinite distance.
func units(same bool) float64 {
	if same {
		return 0
	}
	return math.Inf(1)
}

func units64(got float64, want *big.Float) float64 {
	top := number().SetMantExp(float(1), 1024)
	g := number().SetMantExp(top, 0)
	if got != got {
		return units(false)
	} else if !math.IsInf(got, 0) {
		g.SetFloat64(got)
	} else if got < 0 {
		g.Neg(g)
	}
	if number().Abs(want).Cmp(top) > 0 {
		top.Mul(top, float(float64(want.Sign())))
		want = top
	}
	d := number().Abs(diff(g, want))
	u, _ := d.SetMantExp(d, -Float64.unit(want.MantExp(nil))).Float64()
	return u
}

// A worst is the largest error and where it is.
type worst[T runtime.Float] struct {
	units float64
	at    T
}

func (w *worst[T]) add(units float64, at T) {
	if units > w.units {
		*w = worst[T]{units, at}
	}
}

// bound64 is what is promised: not all float64 can be tried.
const bound64 = 2

// TestFloat32 compares with package math in float64, whose own error is 2^-29
// of a unit. It takes one of 1021 patterns, and all around special points.
func TestFloat32(t *testing.T) {
	step := uint64(1021)
	if *exhaustive {
		step = 1
	}
	for _, f := range functions {
		t.Run(f.op.String(), func(t *testing.T) {
			var w worst[float32]
			try := func(pattern uint32) {
				x := math.Float32frombits(pattern)
				got, want := f.in32(x), f.math(float64(x))
				if got != float32(want) { // else the error is half a unit at most
					w.add(units32(got, want), x)
				}
			}
			for p := uint64(0); p < 1<<32; p += step {
				try(uint32(p))
			}
			for _, x := range f.near {
				p := math.Float32bits(float32(x))
				for d := range uint32(1 << 12) {
					try(p + d)
					try(p - d)
					try((p + d) ^ 1<<31)
					try((p - d) ^ 1<<31)
				}
			}
			t.Logf("%.3f units at %v (%#x)", w.units, w.at, math.Float32bits(w.at))
			if w.units > f.units32 {
				t.Errorf("%.3f units off at %v", w.units, w.at)
			}
		})
	}
}

// TestFloat64 compares with series in higher precision.
func TestFloat64(t *testing.T) {
	n := 3000
	if *exhaustive {
		n *= 100
	}
	for _, f := range functions {
		t.Run(f.op.String(), func(t *testing.T) {
			var w worst[float64]
			try := func(x float64) {
				if f.op == ir.Log {
					x = math.Abs(x)
				}
				// Series of arguments beyond are long, and the results known.
				if ordinary := math.Abs(x) <= 800 || f.op == ir.Log && x < math.Inf(1); ordinary && x != 0 {
					w.add(units64(f.in64(x), f.big(float(x))), x)
				}
			}
			r := rand.New(rand.NewPCG(1, 2))
			for i := range n {
				try(hard(r, i))
			}
			for _, x := range f.near {
				p := math.Float64bits(x)
				for d := range uint64(20) {
					try(math.Float64frombits(p + d))
					try(-math.Float64frombits(p - d))
				}
			}
			t.Logf("%.3f units at %v (%#x)", w.units, w.at, math.Float64bits(w.at))
			if w.units > bound64 {
				t.Errorf("%.3f units off at %v", w.units, w.at)
			}
		})
	}
}

// hard draws from all patterns, the range of exp, that of tanh and erf, and
// around 1.
func hard(r *rand.Rand, i int) float64 {
	switch i % 4 {
	case 0:
		return math.Float64frombits(r.Uint64())
	case 1:
		return 1500 * (r.Float64() - 0.5)
	case 2:
		return 12 * (r.Float64() - 0.5)
	}
	return 1 + r.NormFloat64()*0.3
}
