package generated_test

import (
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// rowShapes are rows around those that assembly computes at once, and columns around
// the elements that a shift is taken of, a step, a block, and what the first cache
// holds of several rows.
var rowShapes = []struct{ rows, cols int }{
	{9, 48}, {1, 16}, {35, 64}, {3, 15}, {4, 17}, {37, 16}, {6, 63}, {7, 255}, {5, 256}, {10, 513}, {6, 770}, {3, 1600},
}

// ramps are rows whose first elements are far from their mean, and some that are not.
var ramps = map[string]func(r *rand.Rand, i int) float64{
	"ramp": func(r *rand.Rand, i int) float64 { return float64(i/64%3*(i%64)) + r.NormFloat64() },
}

// TestRows holds sweeps with row values to plan.Eval for all numbers of rows in
// flight: with rows whose shift is far from their mean beside others, with rows that
// lie apart, and with stores past the caches.
func TestRows(t *testing.T) {
	alone := runtime.NewGoroutines(1)
	defer alone.Close()
	for _, stream := range []bool{false, true} {
		if stream {
			runtime.StreamAbove(1)
			defer runtime.StreamAbove(0)
		}
		compared := 0
		for _, name := range names() {
			if !rowValues(planned(t)[name]) {
				continue
			}
			for i, s := range rowShapes {
				apart := []int{0, 16, 5}[i%3]
				if stream && i%2 == 0 || testing.Short() && i%3 > 0 {
					continue
				}
				c := normtest.Trial[float32]{Fill: "ramp", Fills: ramps, Apart: apart, Random: rand.New(rand.NewPCG(5, uint64(i))), Pool: alone, First: 4}
				c.Sizes = normtest.RandomSizes(planned(t)[name], c.Random, s.rows, s.cols)
				if normtest.OneRow(planned(t)[name]) && s.rows != 1 {
					continue
				}
				var rigs []*rig[float32]
				for _, isa := range normtest.ISAs() {
					rigs = append(rigs, newRigOf[float32](t, name, c.Sizes, isa).Randomize())
				}
				c.Run(t, rigs...)
				compared += c.Compared
			}
		}
		if compared == 0 {
			t.Errorf("streaming %v: no norm has row values", stream)
		}
	}
}

// rowValues reports whether a sweep of a unit reduces rows.
func rowValues(u *plan.Unit) bool {
	for _, v := range u.Train.Variants {
		for _, k := range []*plan.Kernel{v.Forward, v.Backward} {
			for _, st := range k.Stages {
				for _, ph := range st.Sweep.Phases {
					if ph.Level == 0 && len(ph.RowSums)+len(ph.RowMoments) > 0 {
						return true
					}
				}
			}
		}
	}
	return false
}
