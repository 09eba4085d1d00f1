package normtest

import (
	"sync"
	"testing"

	"github.com/normgen/normgen/runtime"
)

// ISAs are the instruction sets that the machine, the build and NORM_ISA allow.
var ISAs = sync.OnceValue(func() []runtime.ISA {
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

// Capped calls f while layers are made for no more than isa.
func Capped(t testing.TB, isa runtime.ISA, f func()) {
	t.Helper()
	caps.Lock()
	defer caps.Unlock()
	all := ISAs() // before any cap
	defer runtime.CapISA(all[len(all)-1])
	if err := runtime.CapISA(isa); err != nil {
		t.Fatal(err)
	}
	f()
}

// RigOf makes a rig whose layer uses one instruction set.
func RigOf[T runtime.Float](t testing.TB, n Norm, sizes []int, knobs map[string]float64, isa runtime.ISA) (r *Rig[T]) {
	t.Helper()
	Capped(t, isa, func() {
		var err error
		if r, err = NewRig[T](n, sizes, knobs); err != nil {
			t.Fatal(err)
		}
	})
	if r.ISA() > isa {
		t.Fatalf("%s uses %v, capped to %v", r.Name(), r.ISA(), isa)
	}
	return r
}
