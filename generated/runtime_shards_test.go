package generated_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/runtime"
)

// A group is a batch in shards: works of one layer, or of a layer each.
type group[T runtime.Float] struct {
	layers []runtime.NormOf[T]
	works  []*runtime.WorkOf[T]
	cuts   []int // first rows, and the end
}

func newGroup[T runtime.Float](t testing.TB, name string, cols int, cuts []int, replicas bool, pool runtime.Pool) *group[T] {
	g := &group[T]{cuts: cuts}
	l := newLayer[T](t, name, cols)
	for i := range len(cuts) - 1 {
		if replicas && i%2 == 0 {
			l = newLayer[T](t, name, cols)
		}
		w := l.NewWork(max(cuts[i+1]-cuts[i], 1))
		w.SetPool(pool)
		g.layers, g.works = append(g.layers, l), append(g.works, w)
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

func (g *group[T]) step(t testing.TB, c trial[T]) outcome {
	t.Helper()
	y, dx := make([]T, len(c.x)), make([]T, len(c.x))
	for i, w := range g.works {
		lo, hi := g.cuts[i], g.cuts[i+1]
		if err := w.Shard((lo + 31) / 32 * 32); err != nil {
			t.Fatal(err)
		}
		s := c.slice(lo, hi)
		keep := s.mask(t, g.layers[i].Name(), w)
		if err := g.layers[i].StartForward(w, runtime.Matrix(y[lo*c.cols:], hi-lo, c.cols), runtime.Matrix(s.x, hi-lo, c.cols), keep); err != nil {
			t.Fatal(err)
		}
	}
	g.join(t)
	for i, w := range g.works {
		lo, hi := g.cuts[i], g.cuts[i+1]
		s := c.slice(lo, hi)
		if err := g.layers[i].StartBackward(w, runtime.Matrix(dx[lo*c.cols:], hi-lo, c.cols), runtime.Matrix(s.dy, hi-lo, c.cols), runtime.Overwrite); err != nil {
			t.Fatal(err)
		}
	}
	g.join(t)
	o := outcome{}
	note(o, "y", y)
	note(o, "dx", dx)
	g.commit(t)
	noteLayer(o, g.layers[0], g.works[0])
	for i, l := range g.layers {
		v := outcome{"y": o["y"], "dx": o["dx"]}
		noteLayer(v, l, g.works[i])
		if !perRow(l.Name()) {
			sameOutcome(t, fmt.Sprint("shard ", i), v, o)
		}
	}
	return o
}

// perRow says that a norm's statistics are those of rows: each shard has its own.
func perRow(name string) bool {
	return name == "LayerNorm" || len(name) > 6 && name[:7] == "RMSNorm"
}

// commit commits one shard of each layer, the last, and no second one.
func (g *group[T]) commit(t testing.TB) {
	t.Helper()
	for i, l := range g.layers {
		if i+1 < len(g.layers) && g.layers[i+1] == l {
			continue
		}
		if err := l.Commit(g.works[i]); err != nil {
			t.Fatal(err)
		}
		if err := l.Commit(g.works[i]); err == nil {
			t.Fatal("a second commit of a shard passed")
		}
		if i > 0 && g.layers[i-1] == l && l.Commit(g.works[i-1]) == nil {
			t.Fatal("a commit of another shard passed")
		}
	}
}

var sharded = []string{"BatchNorm", "PNV", "PowerNorm", "PowerNormReleased", "LayerNorm", "RMSNorm"}

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

// TestShards holds batches in shards to the bits of the whole.
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
	pool := runtime.NewGoroutines(3)
	pool.ShareFrom(0)
	defer pool.Close()
	for _, name := range sharded {
		for kind, cut := range cuts {
			t.Run(name+"/"+kind, func(t *testing.T) {
				shardsOf[float32](t, name, cut, false, pool)
				shardsOf[float32](t, name, cut, true, runtime.Serial)
				shardsOf[float64](t, name, cut, false, runtime.Serial)
			})
		}
	}
}

func shardsOf[T runtime.Float](t *testing.T, name string, cuts []int, replicas bool, pool runtime.Pool) {
	t.Helper()
	const cols = 12
	rows := cuts[len(cuts)-1]
	whole := newLayer[T](t, name, cols)
	w := whole.NewWork(rows)
	g := newGroup[T](t, name, cols, cuts, replicas, pool)
	for i, kind := range []string{"all", "random", "nothing", "holes", "all"} {
		c := newTrial[T](uint64(i), rows, cols, shardMasks(rows)[kind])
		want, got := step(t, whole, w, c), g.step(t, c)
		if perRow(name) {
			for _, s := range w.Stats() {
				delete(want, "stat "+s.Name)
				delete(got, "stat "+s.Name)
			}
		}
		sameOutcome(t, kind, got, want)
		noNaN(t, kind, got)
	}
}
