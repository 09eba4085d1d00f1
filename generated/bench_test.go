package generated_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
)

type (
	rig[T runtime.Float]    = normtest.Rig[T]
	mount[T runtime.Float]  = normtest.Mount[T]
	sample[T runtime.Float] = normtest.Sample[T]
	outcome                 = normtest.Outcome
)

// shortKnobs are the steps at which layers change what they do, brought to where
// tests of a few steps see both sides.
var shortKnobs = map[string]float64{"W": 2, "T": 6, "start": 1, "rend": 4, "dend": 3}

// allNames lists the layers in exact and in fast arithmetic.
func allNames(t testing.TB) []string {
	t.Helper()
	return append(names(), slices.Sorted(maps.Keys(fastNorms(t)))...)
}

// normOf is a layer of the tables, with its plan.
func normOf(t testing.TB, name string) normtest.Norm {
	t.Helper()
	if n, ok := fastNorms(t)[name]; ok {
		return n
	}
	u, pair := planned(t)[name], constructors[name]
	if u == nil || pair[0] == nil {
		t.Fatalf("no constructor of %s: add a row to the table", name)
	}
	return normtest.Norm{Unit: u, New: pair[0], New64: pair[1]}
}

// newRig makes a layer whose columns have the sizes of sizes.
func newRig[T runtime.Float](t testing.TB, name string, sizes []int) *rig[T] {
	t.Helper()
	r, err := normtest.NewRig[T](normOf(t, name), sizes, shortKnobs)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// newRigOf makes a rig whose layer uses one instruction set.
func newRigOf[T runtime.Float](t testing.TB, name string, sizes []int, isa runtime.ISA) *rig[T] {
	t.Helper()
	return normtest.RigOf[T](t, normOf(t, name), sizes, shortKnobs, isa)
}

// mountNew lays out a sample of wide scales for a work of its own.
func mountNew[T runtime.Float](r *rig[T], seed uint64, sizes []int, mask string, p runtime.Pool) *mount[T] {
	rows := normtest.Along(r.Unit.Rows, sizes)
	w := r.NewWork(rows)
	w.SetPool(p)
	g := rand.New(rand.NewPCG(seed, uint64(rows)))
	return r.Mount(w, normtest.NewSample[T](r.Unit, g, sizes, "scales", normtest.Masks(rows)[mask]), 0)
}
