package generated_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/normgen/normgen/runtime"
)

// eachRig calls fn with a layer of every kind over so many rows and columns, one
// row of weights, and their sizes.
func eachRig(t *testing.T, rows, cols int, fn func(t *testing.T, r *rig[float32], sizes []int)) {
	for _, name := range names() {
		u, rows := planned(t)[name], rows
		if oneRow(u) {
			rows = 1
		}
		sizes := evenSizes(u, rows, cols)
		t.Run(name, func(t *testing.T) { fn(t, newRig[float32](t, name, sizes).randomize(), sizes) })
	}
}

// mountNew lays out a sample of wide scales for a work of its own.
func (r *rig[T]) mountNew(seed uint64, sizes []int, mask string, p runtime.Pool) *mount[T] {
	rows := along(r.unit.Rows, sizes)
	w := r.NewWork(rows)
	w.SetPool(p)
	g := rand.New(rand.NewPCG(seed, uint64(rows)))
	return r.mount(w, newSample[T](r.unit, g, sizes, "scales", shardMasks(rows)[mask]), 0)
}

// TestSideBySide runs passes of several works of one layer, and inferences, at
// once over one pool, and holds them to the bits they have alone.
func TestSideBySide(t *testing.T) {
	pool := runtime.NewGoroutines(3)
	pool.ShareFrom(0)
	defer pool.Close()
	eachRig(t, 100, 12, func(t *testing.T, r *rig[float32], sizes []int) {
		r.mountNew(9, sizes, "all", pool).step(t)
		var all sync.WaitGroup
		for i := range uint64(4) {
			trained, inferred := r.mountNew(i, sizes, "random", pool), r.mountNew(i, sizes, "all", pool)
			run := func() (o outcome) {
				o = outcome{}
				if err, err2 := trained.forward(), inferred.infer(); err != nil || err2 != nil {
					t.Error(err, err2)
				}
				trained.outputs(t, o)
				inferred.outputs(t, o)
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
