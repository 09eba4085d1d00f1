package generated_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/normgen/normgen/runtime"
)

// TestSideBySide runs passes of several works of one layer, and inferences, at
// once over one pool, and holds them to the bits they have alone.
func TestSideBySide(t *testing.T) {
	pool := runtime.NewGoroutines(3)
	pool.ShareFrom(0)
	defer pool.Close()
	const rows, cols = 100, 12
	for name := range makers {
		l := newLayer[float32](t, name, cols)
		w := l.NewWork(rows)
		step(t, l, w, newTrial[float32](1, rows, cols, nil))
		var all sync.WaitGroup
		for i := range 4 {
			c := newTrial[float32](uint64(i), rows, cols, shardMasks(rows)["random"])
			want, inferred := make([]float32, rows*cols), make([]float32, rows*cols)
			forwardTo(t, l, w, c, want)
			infer(t, l, inferred, c.x, cols)
			v := l.NewWork(rows)
			v.SetPool(pool)
			keep := c.mask(t, name, v)
			all.Go(func() {
				y, z := make([]float32, rows*cols), make([]float32, rows*cols)
				x := runtime.Matrix(c.x, rows, cols)
				for range 3 {
					err := l.Forward(v, runtime.Matrix(y, rows, cols), x, keep)
					if err2 := l.Infer(runtime.Matrix(z, rows, cols), x); err != nil || err2 != nil {
						t.Error(err, err2)
					}
					if !slices.EqualFunc(y, want, sameBits) || !slices.EqualFunc(z, inferred, sameBits) {
						t.Errorf("%s: work %d differs from one alone", name, i)
					}
				}
			})
		}
		all.Wait()
	}
}
