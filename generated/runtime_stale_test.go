package generated_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/normgen/normgen/runtime"
)

// TestWorkers holds every number of workers, and a second run, to the same bits.
func TestWorkers(t *testing.T) {
	for name := range makers {
		t.Run(name, func(t *testing.T) {
			const rows, cols = 330, 36
			var want []outcome
			for _, n := range []int{1, 2, 3, 7, 16, 1} {
				pool := runtime.NewGoroutines(n)
				pool.ShareFrom(0)
				l := newLayer[float32](t, name, cols)
				w := l.NewWork(rows)
				w.SetPool(pool)
				for i, kind := range []string{"all", "holes", "random", "all"} {
					got := step(t, l, w, newTrial[float32](uint64(i), rows, cols, shardMasks(rows)[kind]))
					if n == 1 && len(want) == i {
						want = append(want, got)
					}
					sameOutcome(t, fmt.Sprint(n, " workers, step ", i), got, want[i])
				}
				pool.Close()
			}
		})
	}
}

// TestRowsAlone holds the rows of a norm inside rows to the bits they have alone.
func TestRowsAlone(t *testing.T) {
	for _, name := range []string{"LayerNorm", "RMSNorm"} {
		const rows, cols = 40, 300
		l := newLayer[float32](t, name, cols)
		w := l.NewWork(rows)
		all := newTrial[float32](1, rows, cols, nil)
		want := step(t, l, w, all)
		for lo := 0; lo < rows; lo += 7 {
			hi := min(lo+1+lo/2, rows)
			got := step(t, l, w, all.slice(lo, hi))
			for _, what := range []string{"y", "dx"} {
				sameOutcome(t, name, outcome{what: got[what]}, outcome{what: want[what][lo*cols : hi*cols]})
			}
		}
	}
}

// TestStaleWork holds a work that has seen NaN, more rows and other masks to the
// bits of a new one: nothing of a pass lives on.
func TestStaleWork(t *testing.T) {
	for name := range makers {
		t.Run(name, func(t *testing.T) {
			const rows, cols = 100, 16
			for kind, keep := range shardMasks(rows) {
				l := newLayer[float32](t, name, cols)
				used := l.NewWork(2 * rows)
				bad := newTrial[float32](5, 2*rows, cols, nil)
				for i := range bad.x {
					bad.x[i] = float32(math.NaN())
				}
				forwardTo(t, l, used, bad, make([]float32, len(bad.x)))
				bad.keep = make([]bool, bad.rows)
				forwardTo(t, l, used, bad, make([]float32, len(bad.x)))
				c := newTrial[float32](6, rows, cols, keep)
				got := step(t, l, used, c)
				fresh := newLayer[float32](t, name, cols)
				sameOutcome(t, kind, got, step(t, fresh, fresh.NewWork(rows), c))
				noNaN(t, kind, got)
			}
		})
	}
}
