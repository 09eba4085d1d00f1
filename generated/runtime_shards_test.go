package generated_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
)

// A group is a batch in shards: works of one layer, or of a layer each.
type group[T runtime.Float] struct {
	rigs  []*rig[T]
	works []*runtime.WorkOf[T]
	cuts  []int // where shards start along the outermost axis, and the end
}

func newGroup[T runtime.Float](t testing.TB, name string, sizes, cuts []int, replicas bool, pool runtime.Pool) *group[T] {
	g := &group[T]{cuts: cuts}
	r := newRig[T](t, name, sizes).Randomize()
	inner := normtest.Along(r.Unit.Rows[1:], sizes)
	for i := range len(cuts) - 1 {
		if replicas && i%2 == 0 {
			r = newRig[T](t, name, sizes).Randomize()
		}
		w := r.NewWork(max((cuts[i+1]-cuts[i])*inner, 1))
		w.SetPool(pool)
		g.rigs, g.works = append(g.rigs, r), append(g.works, w)
	}
	return g
}

// join sweeps until all is done.
func (g *group[T]) join(t testing.TB) {
	t.Helper()
	for !g.works[0].Done() {
		for _, w := range g.works {
			w.Sweep()
		}
		if err := runtime.Join(g.works...); err != nil {
			t.Fatal(err)
		}
	}
}

// mounts lay out the shards of a sample.
func (g *group[T]) mounts(t testing.TB, s sample[T]) []*mount[T] {
	t.Helper()
	var out []*mount[T]
	for i, w := range g.works {
		out = append(out, g.rigs[i].Mount(w, s.Slice(g.rigs[i].Unit, g.cuts[i], g.cuts[i+1]), 0))
	}
	return out
}

func (g *group[T]) step(t testing.TB, s sample[T]) outcome {
	t.Helper()
	mounts, inner := g.mounts(t, s), normtest.Along(g.rigs[0].Unit.Rows[1:], s.Sizes)
	for i, m := range mounts {
		if err := m.Enter(); err != nil {
			t.Fatal(err)
		}
		if err := m.Work.Shard(g.first(i, inner)); err != nil {
			t.Fatal(err)
		}
		if err := m.Work.StartForward(); err != nil {
			t.Fatal(err)
		}
	}
	g.join(t)
	for _, m := range mounts {
		m.Turn()
		if err := m.Work.StartBackward(runtime.Overwrite); err != nil {
			t.Fatal(err)
		}
	}
	g.join(t)
	g.commit(t)
	return g.outcome(t, mounts)
}

// first is the first row of shard i. An empty one at the end of a batch may start
// anywhere that a shard can.
func (g *group[T]) first(i, inner int) int {
	row := g.cuts[i] * inner
	if g.rigs[i].Unit.Segments == 0 {
		row = (row + runtime.BlockRows - 1) / runtime.BlockRows * runtime.BlockRows
	}
	return row
}

// outcome puts the shards' tensors together, and what they have of single rows
// and segments. All else must be the same in all of them.
func (g *group[T]) outcome(t testing.TB, mounts []*mount[T]) outcome {
	t.Helper()
	all := outcome{}
	for i, m := range mounts {
		o := outcome{}
		m.Outputs(t, all)
		m.Gradients(t, all)
		m.Left(o)
		for name, x := range o {
			switch {
			case m.Own(name):
				all[name] = append(all[name], x...)
			case i == 0:
				all[name] = x
			default:
				normtest.Same(t, fmt.Sprint("shard ", i), outcome{name: x}, outcome{name: all[name]})
			}
		}
	}
	return all
}

// commit commits one shard of each layer, the last, and no second one.
func (g *group[T]) commit(t testing.TB) {
	t.Helper()
	for i, l := range g.rigs {
		if i+1 < len(g.rigs) && g.rigs[i+1] == l {
			continue
		}
		if err := l.Commit(g.works[i]); err != nil {
			t.Fatal(err)
		}
		if err := l.Commit(g.works[i]); err == nil {
			t.Fatal("a second commit of a shard passed")
		}
		if i > 0 && g.rigs[i-1] == l && l.Commit(g.works[i-1]) == nil {
			t.Fatal("a commit of another shard passed")
		}
	}
}

// TestShards holds batches in shards to the bits of the whole: cut at multiples
// of the row block, and at any segment where there are segments.
func TestShards(t *testing.T) {
	tiny := []int{}
	for i := range 65 {
		tiny = append(tiny, 32*i)
	}
	cuts := map[string][]int{
		"two":         {0, 64, 174},
		"three":       {0, 32, 128, 174},
		"five":        {0, 96, 96, 128, 160, 174},
		"empty first": {0, 0, 64, 190},
		"empty last":  {0, 64, 78, 78},
		"late growth": append([]int{0, 0}, tiny[1:]...),
		"tiny":        tiny,
	}
	for _, name := range names() {
		if normtest.OneRow(planned(t)[name]) {
			continue // one row is not cut
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := runtime.NewGoroutines(3)
			pool.ShareFrom(0)
			defer pool.Close()
			for kind, cut := range cuts {
				shardsOf[float32](t, name, kind, cut, false, pool)
				shardsOf[float32](t, name, kind, cut, true, runtime.Serial)
				shardsOf[float64](t, name, kind, cut, false, runtime.Serial)
			}
		})
	}
}

// shardSizes are the sizes of a batch of so many rows, and its cuts along the
// outermost axis: rows in pairs where there are two axes, or segments of 35 rows
// for each 32 of the cuts.
func shardSizes(t testing.TB, name string, rows []int) (sizes, cuts []int) {
	u, end := planned(t)[name], rows[len(rows)-1]
	unit, inner := 1, 1
	switch {
	case u.Segments > 0:
		unit, inner = 32, 35
	case len(u.Rows) > 1:
		unit, inner = 2, 2
	}
	for _, r := range rows {
		cuts = append(cuts, (r+unit-1)/unit)
	}
	outer := (end + unit - 1) / unit
	return normtest.SplitSizes(u, outer*inner, 12, func(axis, n int) int {
		if axis == u.Rows[0] {
			return outer
		}
		return 2
	}), cuts
}

func shardsOf[T runtime.Float](t *testing.T, name, kind string, rows []int, replicas bool, pool runtime.Pool) {
	t.Helper()
	sizes, cuts := shardSizes(t, name, rows)
	whole := newRig[T](t, name, sizes).Randomize()
	all := normtest.Along(whole.Unit.Rows, sizes)
	w := whole.NewWork(all)
	g := newGroup[T](t, name, sizes, cuts, replicas, pool)
	for i, mask := range []string{"all", "random", "nothing", "holes", "all"} {
		if i > 0 && len(whole.Unit.Layer.Masks) == 0 && len(whole.Unit.Layer.States) == 0 {
			break // every step is as the first
		}
		s := normtest.NewSample[T](whole.Unit, rand.New(rand.NewPCG(uint64(i), uint64(all))), sizes, "scales", normtest.Masks(all)[mask])
		want, got := whole.Mount(w, s, 0).Train(t), g.step(t, s)
		normtest.Same(t, name+" "+kind+" "+mask, got, want)
		noNaN(t, name+" "+kind+" "+mask, got)
	}
}
