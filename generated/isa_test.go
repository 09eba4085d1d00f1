package generated_test

import (
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
)

// crowded are the sweeps whose values do not fit the sixteen registers of AVX2: two
// row sums take half of them. They run as Go.
var crowded = map[string]bool{"adaLNZeroBackwardSweep1": true}

// Every other sweep of float32 has assembly for the best set of the machine.
func TestAssembly(t *testing.T) {
	best, err := runtime.BestISA()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names() {
		r := newRig[float32](t, name, normtest.EvenSizes(planned(t)[name], 64, 64))
		if r.ISA() != best {
			t.Errorf("%s uses %v of %v", name, r.ISA(), best)
		}
		for _, k := range r.Kernels() {
			want := best
			if best == runtime.AVX2 && crowded[k.Sweep] {
				want = runtime.Portable
			}
			if k.ISA != want {
				t.Errorf("%s: %s %d (%s) uses %v", name, k.Pass, k.Stage, k.Sweep, k.ISA)
			}
		}
	}
}
