package generated_test

import (
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// rowShapes are rows around those that assembly computes at once, and columns around
// the elements that a shift is taken of, a step, a block, and what the first cache
// holds of several rows.
var rowShapes = []struct{ rows, cols int }{
	{1, 16}, {3, 15}, {4, 17}, {37, 16}, {9, 48}, {6, 63}, {35, 64}, {7, 255}, {5, 256}, {10, 513}, {6, 770}, {3, 1600},
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
				compared += bitsOf[float32](t, bits{name, s.rows, s.cols, []string{"outlier", "randn"}[i/6], apart, 4, uint64(i), alone}, normtest.ISAs()...)
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
