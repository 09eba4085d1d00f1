package generated_test

import (
	"sync"
	"testing"

	"github.com/normgen/normgen/runtime"
)

// isas are the instruction sets that the machine, the build and NORM_ISA allow.
var isas = sync.OnceValue(func() []runtime.ISA {
	best, err := runtime.BestISA()
	if err != nil {
		panic(err)
	}
	var out []runtime.ISA
	for i := runtime.Portable; i <= best; i++ {
		out = append(out, i)
	}
	return out
})

// caps is held while layers are made for less than the best set.
var caps sync.Mutex

// capped calls f while layers are made for no more than isa.
func capped(t testing.TB, isa runtime.ISA, f func()) {
	t.Helper()
	caps.Lock()
	defer caps.Unlock()
	all := isas() // before any cap
	defer runtime.CapISA(all[len(all)-1])
	if err := runtime.CapISA(isa); err != nil {
		t.Fatal(err)
	}
	f()
}

// newRigOf makes a rig whose layer uses one instruction set.
func newRigOf[T runtime.Float](t testing.TB, name string, sizes []int, isa runtime.ISA) (r *rig[T]) {
	t.Helper()
	capped(t, isa, func() { r = newRig[T](t, name, sizes) })
	if r.ISA() > isa {
		t.Fatalf("%s uses %v, capped to %v", name, r.ISA(), isa)
	}
	return r
}

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
		r := newRig[float32](t, name, evenSizes(planned(t)[name], 64, 64))
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
