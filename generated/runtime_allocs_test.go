package generated_test

import (
	"testing"

	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/runtime"
)

// TestAllocations holds passes and commits to none, after the first inference.
func TestAllocations(t *testing.T) {
	pool := runtime.NewGoroutines(3)
	pool.ShareFrom(0)
	defer pool.Close()
	for _, rows := range []int{0, 2, 200} {
		for _, p := range []runtime.Pool{runtime.Serial, pool} {
			const cols = 40
			bn, err := standard.NewBatchNorm(cols, standard.BatchNormOptions{})
			ln, err2 := standard.NewLayerNorm(cols, standard.LayerNormOptions{})
			pn, err3 := powernorm.NewPowerNorm(cols, powernorm.PowerNormOptions{})
			pr, err4 := powernorm.NewPowerNormReleased(cols, powernorm.PowerNormReleasedOptions{K: 4, W: 2})
			for _, e := range []error{err, err2, err3, err4} {
				if e != nil {
					t.Fatal(e)
				}
			}
			allocations(t, bn, p, rows, bn.Commit)
			allocations(t, ln, p, rows, ln.Commit)
			allocations(t, pn, p, rows, pn.Commit)
			allocations(t, pr, p, rows, nil)
		}
	}
}

func allocations(t *testing.T, l runtime.Norm, p runtime.Pool, rows int, commitAll func(...*runtime.Work) error) {
	t.Helper()
	cols := l.Cols()
	a, b := l.NewWork(rows), l.NewWork(rows)
	a.SetPool(p)
	b.SetPool(p)
	c := newTrial[float32](1, rows, cols, shardMasks(rows)["random"])
	keep := c.mask(t, l.Name(), a)
	x, dy := runtime.Matrix(c.x, rows, cols), runtime.Matrix(c.dy, rows, cols)
	y, dx := runtime.Matrix(make([]float32, rows*cols), rows, cols), runtime.Matrix(make([]float32, rows*cols), rows, cols)
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	run := func(w *runtime.Work, keep []bool, mode runtime.GradMode) {
		must(l.Forward(w, y, x, keep))
		must(l.Backward(w, dx, dy, mode))
	}
	one, two := []*runtime.Work{a}, []*runtime.Work{a, b}
	zero := func(what string, f func()) {
		t.Helper()
		if n := testing.AllocsPerRun(20, f); n != 0 {
			t.Errorf("%s, %d rows, %d workers: %s allocates %v times", l.Name(), rows, p.Workers(), what, n)
		}
	}
	zero("a pass", func() {
		run(a, keep, runtime.Overwrite)
		run(a, nil, runtime.Accumulate)
		must(l.Commit(one...))
	})
	if commitAll != nil {
		zero("a commit of two", func() {
			run(a, nil, runtime.Overwrite)
			run(b, keep, runtime.Accumulate)
			must(commitAll(two...))
		})
		zero("Join", func() {
			must(l.StartForward(a, y, x, nil))
			for !a.Done() {
				a.Sweep()
				must(runtime.Join(one...))
			}
			must(commitAll(one...))
		})
	}
	zero("Infer", func() { must(l.Infer(y, x)) })
}
