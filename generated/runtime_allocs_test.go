package generated_test

import (
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/runtime"
)

// TestAllocations holds passes and commits of every layer to none, after the
// first inference.
func TestAllocations(t *testing.T) {
	pool := runtime.NewGoroutines(3)
	pool.ShareFrom(0)
	defer pool.Close()
	for _, name := range names() {
		u := planned(t)[name]
		for _, rows := range []int{0, 4, 200} {
			if oneRow(u) {
				rows = 1
			}
			sizes := evenSizes(u, rows, 40)
			for _, p := range []runtime.Pool{runtime.Serial, pool} {
				allocations(t, newRig[float32](t, name, sizes), p, sizes)
			}
		}
	}
}

func allocations(t *testing.T, r *rig[float32], p runtime.Pool, sizes []int) {
	t.Helper()
	rows := along(r.unit.Rows, sizes)
	g := rand.New(rand.NewPCG(1, uint64(rows)))
	var ms []*mount[float32]
	for _, kind := range []string{"random", "all", "random"} {
		w := r.NewWork(rows)
		w.SetPool(p)
		ms = append(ms, r.mount(w, newSample[float32](r.unit, g, sizes, "scales", shardMasks(rows)[kind]), 0))
	}
	a, b, i := ms[0], ms[1], ms[2]
	must := func(err error) {
		if err != nil {
			t.Fatal(r.Name(), sizes, err)
		}
	}
	run := func(m *mount[float32], mode runtime.GradMode) {
		must(m.forward())
		must(m.backward(mode))
	}
	one, two := []*runtime.Work{a.w}, []*runtime.Work{a.w, b.w}
	zero := func(what string, f func()) {
		t.Helper()
		if n := testing.AllocsPerRun(5, f); n != 0 {
			t.Errorf("%s, sizes %v, %d workers: %s allocates %v times", r.Name(), sizes, p.Workers(), what, n)
		}
	}
	zero("a pass", func() {
		run(a, runtime.Overwrite)
		run(a, runtime.Accumulate)
		must(r.Commit(one...))
	})
	if r.mergeable() {
		zero("a commit of two", func() {
			run(a, runtime.Overwrite)
			run(b, runtime.Accumulate)
			must(r.Commit(two...))
		})
	}
	zero("Join", func() {
		must(a.enter())
		must(a.w.StartForward())
		for !a.w.Done() {
			a.w.Sweep()
			must(runtime.Join(one...))
		}
		must(r.Commit(one...))
	})
	zero("an inference", func() { must(i.infer()) })
	if n := r.norm(); n != nil && len(r.unit.Layer.Inputs) == 1 {
		zero("Infer", func() { must(n.Infer(i.out[0], i.in[0])) })
	}
}

// mergeable reports whether several passes can be committed at once: no update
// reads a statistic that depends on another one of the batch.
func (r *rig[T]) mergeable() bool {
	for _, up := range r.unit.Train.Mode.Updates {
		for _, s := range up.Stats {
			if s.Merge == ir.MergeNone {
				return false
			}
		}
	}
	return true
}
