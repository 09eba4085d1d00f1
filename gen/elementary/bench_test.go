package elementary

import (
	"math"
	"math/rand/v2"
	"testing"
)

// BenchmarkFunctions takes random numbers of size one, so that tanh and erf use
// both of their polynomials.
func BenchmarkFunctions(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	x := make([]float64, 4096)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	for _, f := range functions {
		in32 := func(x float64) float64 { return float64(f.in32(float32(x))) }
		for name, fn := range map[string]func(float64) float64{"float32": in32, "float64": f.in64, "math": f.math} {
			b.Run(f.op.String()+"/"+name, func(b *testing.B) {
				sum := 0.0
				for b.Loop() {
					for _, v := range x {
						sum += fn(math.Abs(v))
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(x)), "ns/number")
			})
		}
	}
}
