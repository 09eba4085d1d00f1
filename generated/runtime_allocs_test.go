package generated_test

import (
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

// TestGate13Allocations holds passes and commits of every layer to none, after the
// first inference.
func TestGate13Allocations(t *testing.T) {
	g := gates.Open(t, 13, "wrapper: allocations")
	pool := runtime.NewGoroutines(3)
	pool.ShareFrom(0)
	defer pool.Close()
	for _, name := range names() {
		u := planned(t)[name]
		for _, rows := range []int{0, 4, 200} {
			if normtest.OneRow(u) {
				rows = 1
			}
			sizes := normtest.EvenSizes(u, rows, 40)
			for _, p := range []runtime.Pool{runtime.Serial, pool} {
				allocations(t, newRig[float32](t, name, sizes), p, sizes)
			}
		}
	}
	g.Figure("%d norms: 0 allocations", len(names()))
}

func allocations(t *testing.T, r *rig[float32], p runtime.Pool, sizes []int) {
	t.Helper()
	rows := normtest.Along(r.Unit.Rows, sizes)
	g := rand.New(rand.NewPCG(1, uint64(rows)))
	var ms []*mount[float32]
	for _, kind := range []string{"random", "all", "random"} {
		w := r.NewWork(rows)
		w.SetPool(p)
		ms = append(ms, r.Mount(w, normtest.NewSample[float32](r.Unit, g, sizes, "scales", normtest.Masks(rows)[kind]), 0))
	}
	a, b, i := ms[0], ms[1], ms[2]
	must := func(err error) {
		if err != nil {
			t.Fatal(r.Name(), sizes, err)
		}
	}
	run := func(m *mount[float32], mode runtime.GradMode) {
		must(m.Forward())
		must(m.Backward(mode))
	}
	one, two := []*runtime.Work{a.Work}, []*runtime.Work{a.Work, b.Work}
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
	if r.Mergeable() {
		zero("a commit of two", func() {
			run(a, runtime.Overwrite)
			run(b, runtime.Accumulate)
			must(r.Commit(two...))
		})
	}
	zero("Join", func() {
		must(a.Enter())
		must(a.Work.StartForward())
		for !a.Work.Done() {
			a.Work.Sweep()
			must(runtime.Join(one...))
		}
		must(r.Commit(one...))
	})
	zero("an inference", func() { must(i.Infer()) })
	if n := r.Norm(); n != nil && len(r.Unit.Layer.Inputs) == 1 {
		zero("Infer", func() { must(n.Infer(i.Out[0], i.In[0])) })
	}
}
