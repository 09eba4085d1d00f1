package generated_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/runtime"
)

func BenchmarkISA(b *testing.B) {
	mks := []struct{n string; f func(c int) (runtime.Norm, error)}{
		{"ln", func(c int) (runtime.Norm, error) { return standard.NewLayerNorm(c, standard.LayerNormOptions{}) }},
		{"rms", func(c int) (runtime.Norm, error) { return standard.NewRMSNorm(c, standard.RMSNormOptions{}) }},
		{"bn", func(c int) (runtime.Norm, error) { return standard.NewBatchNorm(c, standard.BatchNormOptions{}) }},
		{"pn", func(c int) (runtime.Norm, error) { return powernorm.NewPowerNorm(c, powernorm.PowerNormOptions{}) }},
	}
	for _, m := range mks {
		for _, sh := range [][2]int{{8, 64}, {512, 768}, {4096, 768}} {
			for _, isa := range []runtime.ISA{runtime.Portable, runtime.AVX2, runtime.AVX512} {
				runtime.CapISA(isa)
				rows, c := sh[0], sh[1]
				l, _ := m.f(c)
				if b.N == 1 && l.(interface{ ISA() runtime.ISA }).ISA() != isa { b.Fatal("isa") }
				w := l.NewWork(rows)
				x, y, dx := make([]float32, rows*c), make([]float32, rows*c), make([]float32, rows*c)
				for i := range x { x[i] = float32(rand.NormFloat64()) }
				X, Y, DX := runtime.Matrix(x, rows, c), runtime.Matrix(y, rows, c), runtime.Matrix(dx, rows, c)
				b.Run(fmt.Sprintf("%s/%dx%d/fwd/%v", m.n, rows, c, isa), func(b *testing.B) { b.SetBytes(int64(8 * rows * c)); for range b.N { l.Forward(w, Y, X, nil) } })
				b.Run(fmt.Sprintf("%s/%dx%d/bwd/%v", m.n, rows, c, isa), func(b *testing.B) { b.SetBytes(int64(12 * rows * c)); for range b.N { l.Backward(w, DX, Y, runtime.Overwrite) } })
			}
		}
	}
}
