package generated_test

import (
	"sync"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
)

// eachRig calls fn with a layer of every kind over so many rows and columns, one
// row of weights, and their sizes.
func eachRig(t *testing.T, rows, cols int, fn func(t *testing.T, r *rig[float32], sizes []int)) {
	for _, name := range names() {
		u, rows := planned(t)[name], rows
		if normtest.OneRow(u) {
			rows = 1
		}
		sizes := normtest.EvenSizes(u, rows, cols)
		t.Run(name, func(t *testing.T) { fn(t, newRig[float32](t, name, sizes).Randomize(), sizes) })
	}
}

// TestSideBySide runs passes of several works of one layer, and inferences, at
// once over one pool, and holds them to the bits they have alone.
func TestSideBySide(t *testing.T) {
	pool := runtime.NewGoroutines(3)
	pool.ShareFrom(0)
	defer pool.Close()
	eachRig(t, 100, 12, func(t *testing.T, r *rig[float32], sizes []int) {
		mountNew(r, 9, sizes, "all", pool).Train(t)
		var all sync.WaitGroup
		for i := range uint64(4) {
			trained, inferred := mountNew(r, i, sizes, "random", pool), mountNew(r, i, sizes, "all", pool)
			run := func() (o outcome) {
				o = outcome{}
				if err, err2 := trained.Forward(), inferred.Infer(); err != nil || err2 != nil {
					t.Error(err, err2)
				}
				trained.Outputs(t, o)
				inferred.Outputs(t, o)
				return o
			}
			want := run()
			all.Go(func() {
				for range 3 {
					if got := run(); !same(got, want) {
						t.Errorf("work %d differs from one alone", i)
					}
				}
			})
		}
		all.Wait()
	})
}
