package generated_test

import (
	"math/rand/v2"
	"testing"
	"math"

	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/generated/pointwise"
	"github.com/normgen/normgen/runtime"
)

func TestISAQuick(t *testing.T) {
	mks := map[string]func(c int) (runtime.Norm, error){
		"ln": func(c int) (runtime.Norm, error) { return standard.NewLayerNorm(c, standard.LayerNormOptions{}) },
		"rms": func(c int) (runtime.Norm, error) { return standard.NewRMSNorm(c, standard.RMSNormOptions{}) },
		"bn": func(c int) (runtime.Norm, error) { return standard.NewBatchNorm(c, standard.BatchNormOptions{}) },
		"pn": func(c int) (runtime.Norm, error) { return powernorm.NewPowerNorm(c, powernorm.PowerNormOptions{}) },
		"pnv": func(c int) (runtime.Norm, error) { return powernorm.NewPNV(c, powernorm.PNVOptions{}) },
		"pnr": func(c int) (runtime.Norm, error) { return powernorm.NewPowerNormReleased(c, powernorm.PowerNormReleasedOptions{W:1}) },
		"dyt": func(c int) (runtime.Norm, error) { return pointwise.NewDyT(c, pointwise.DyTOptions{}) },
		"derf": func(c int) (runtime.Norm, error) { return pointwise.NewDerf(c, pointwise.DerfOptions{}) },
	}
	runtime.StreamAbove(1)
	defer runtime.StreamAbove(0)
	for name, mk := range mks {
		for c := 1; c < 600; c = c + 1 + c/7 {
			var ref [][]float32
			for _, isa := range []runtime.ISA{runtime.Portable, runtime.AVX2, runtime.AVX512} {
				if err := runtime.CapISA(isa); err != nil { t.Fatal(err) }
				l, err := mk(c)
				if err != nil { t.Fatal(err) }
				rows := 37
				r := rand.New(rand.NewPCG(1, uint64(c)))
				w := l.NewWork(rows)
				var got [][]float32
				for step := 0; step < 2; step++ {
					draw := func() []float32 { x := make([]float32, rows*c); for i := range x { x[i] = float32(r.NormFloat64()*3+1) }; return x }
					x, dy, y, dx := draw(), draw(), make([]float32, rows*c), make([]float32, rows*c)
					var keep []bool
					if step == 1 && name != "pnr" { keep = make([]bool, rows); for i := range keep { keep[i] = i%3 != 0 } }
					if err := l.Forward(w, runtime.Matrix(y, rows, c), runtime.Matrix(x, rows, c), keep); err != nil { t.Fatal(err) }
					if err := l.Backward(w, runtime.Matrix(dx, rows, c), runtime.Matrix(dy, rows, c), runtime.Overwrite); err != nil { t.Fatal(err) }
					if err := l.Commit(w); err != nil { t.Fatal(err) }
					got = append(got, y, dx)
					for _, g := range l.Grads() { got = append(got, append([]float32{}, g.Data...)) }
					for _, g := range l.State() { got = append(got, append([]float32{}, g.Data...)) }
				}
				if isa == runtime.Portable { ref = got; continue }
				for i := range got {
					for j := range got[i] {
						if math.Float32bits(got[i][j]) != math.Float32bits(ref[i][j]) {
							t.Fatalf("%s c=%d %v result %d [%d]: %x want %x", name, c, isa, i, j, got[i][j], ref[i][j])
						}
					}
				}
			}
		}
	}
}
