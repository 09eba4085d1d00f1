package generated_test

import (
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
)

// Every sweep of float32 has assembly for the best set of the machine.
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
			if k.ISA != best {
				t.Errorf("%s: %s %d (%s) uses %v", name, k.Pass, k.Stage, k.Sweep, k.ISA)
			}
		}
	}
}
