package generated_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

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
	r := newRig[T](t, name, sizes).randomize()
	inner := along(r.unit.Rows[1:], sizes)
	for i := range len(cuts) - 1 {
		if replicas && i%2 == 0 {
			r = newRig[T](t, name, sizes).randomize()
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
		out = append(out, g.rigs[i].mount(w, s.slice(g.rigs[i].unit, g.cuts[i], g.cuts[i+1]), 0))
	}
	return out
}

func (g *group[T]) step(t testing.TB, s sample[T]) outcome {
	t.Helper()
	mounts, inner := g.mounts(t, s), along(g.rigs[0].unit.Rows[1:], s.sizes)
	for i, m := range mounts {
		if err := m.enter(); err != nil {
			t.Fatal(err)
		}
		if err := m.w.Shard(g.first(i, inner)); err != nil {
			t.Fatal(err)
		}
		if err := m.w.StartForward(); err != nil {
			t.Fatal(err)
		}
	}
	g.join(t)
	for _, m := range mounts {
		m.turn()
		if err := m.w.StartBackward(runtime.Overwrite); err != nil {
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
	if g.rigs[i].unit.Segments == 0 {
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
		m.outputs(t, all)
		m.gradients(t, all)
		m.left(o)
		for name, x := range o {
			switch {
			case m.own(name):
				all[name] = append(all[name], x...)
			case i == 0:
				all[name] = x
			default:
				sameOutcome(t, fmt.Sprint("shard ", i), outcome{name: x}, outcome{name: all[name]})
			}
		}
	}
	return all
}

// own reports whether a result is a statistic of single rows or segments.
func (r *rig[T]) own(result string) bool {
	name, ok := strings.CutPrefix(result, "stat ")
	if !ok {
		return false
	}
	axes := (&reference[T]{unit: r.unit}).stat(name).Axes
	return axes.Has(1 << r.unit.Rows[0])
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

// shardMasks are masks over rows: none, random, holes of whole blocks, nothing.
func shardMasks(rows int) map[string][]bool {
	r := rand.New(rand.NewPCG(3, uint64(rows)))
	random, holes := make([]bool, rows), make([]bool, rows)
	for i := range rows {
		random[i] = r.IntN(3) > 0
		holes[i] = i/32%3 == 1 && r.IntN(4) > 0
	}
	return map[string][]bool{"all": nil, "random": random, "holes": holes, "nothing": make([]bool, rows)}
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
		if oneRow(planned(t)[name]) {
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
	return splitSizes(u, outer*inner, 12, func(axis, n int) int {
		if axis == u.Rows[0] {
			return outer
		}
		return 2
	}), cuts
}

func shardsOf[T runtime.Float](t *testing.T, name, kind string, rows []int, replicas bool, pool runtime.Pool) {
	t.Helper()
	sizes, cuts := shardSizes(t, name, rows)
	whole := newRig[T](t, name, sizes).randomize()
	all := along(whole.unit.Rows, sizes)
	w := whole.NewWork(all)
	g := newGroup[T](t, name, sizes, cuts, replicas, pool)
	for i, mask := range []string{"all", "random", "nothing", "holes", "all"} {
		if i > 0 && len(whole.unit.Layer.Masks) == 0 && len(whole.unit.Layer.States) == 0 {
			break // every step is as the first
		}
		s := newSample[T](whole.unit, rand.New(rand.NewPCG(uint64(i), uint64(all))), sizes, "scales", shardMasks(all)[mask])
		want, got := whole.mount(w, s, 0).step(t), g.step(t, s)
		sameOutcome(t, name+" "+kind+" "+mask, got, want)
		noNaN(t, name+" "+kind+" "+mask, got)
	}
}
