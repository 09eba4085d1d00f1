package generated_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/runtime"
)

// A trial is one step's arguments for a layer of one input and one output. Rows
// come in pairs where the spec has two row axes.
type trial[T runtime.Float] struct {
	rows, cols int
	x, dy      []T
	keep       []bool // by row; nil keeps all
}

func newTrial[T runtime.Float](seed uint64, rows, cols int, keep []bool) trial[T] {
	r := rand.New(rand.NewPCG(seed, uint64(rows)))
	return trial[T]{rows, cols, filled[T](r, "scales", rows*cols), filled[T](r, "randn", rows*cols), keep}
}

// slice is rows lo to hi as a trial of their own.
func (c trial[T]) slice(lo, hi int) trial[T] {
	out := trial[T]{hi - lo, c.cols, c.x[lo*c.cols : hi*c.cols], c.dy[lo*c.cols : hi*c.cols], nil}
	if c.keep != nil {
		out.keep = c.keep[lo:hi]
	}
	return out
}

// mask turns the mask into the order that norm name declares, and tells w.
func (c trial[T]) mask(t testing.TB, name string, w *runtime.WorkOf[T]) []bool {
	t.Helper()
	if name != "PowerNormReleased" {
		return c.keep
	}
	if err := w.Shape(c.rows/2, 2); err != nil {
		t.Fatal(err)
	}
	if c.keep == nil {
		return nil
	}
	out := make([]bool, 0, c.rows)
	for b := range 2 {
		for i := range c.rows / 2 {
			out = append(out, c.keep[2*i+b])
		}
	}
	return out
}

// An outcome is what a step leaves, by name; float64 holds either type.
type outcome map[string][]float64

func note[T runtime.Float](o outcome, name string, x []T) { o[name] = append(o[name], widen(x)...) }

// noteLayer adds gradients, statistics and state.
func noteLayer[T runtime.Float](o outcome, l runtime.NormOf[T], w *runtime.WorkOf[T]) {
	for _, g := range l.Grads() {
		note(o, "grad "+g.Name, g.Data)
	}
	for _, s := range w.Stats() {
		note(o, "stat "+s.Name, s.Values)
		note(o, "count of "+s.Name, []float64{s.Count})
	}
	for _, s := range l.State() {
		note(o, "state "+s.Name, s.Data)
	}
}

func sameOutcome(t testing.TB, what string, got, want outcome) {
	t.Helper()
	if a, b := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(a, b) {
		t.Fatalf("%s: has %v, want %v", what, a, b)
	}
	for name, v := range want {
		g := got[name]
		if len(g) != len(v) {
			t.Fatalf("%s: %s has %d values, want %d", what, name, len(g), len(v))
		}
		for i := range v {
			if !sameBits(g[i], v[i]) {
				t.Fatalf("%s: %s[%d] = %v, want %v", what, name, i, g[i], v[i])
			}
		}
	}
}

func noNaN(t testing.TB, what string, o outcome) {
	t.Helper()
	for name, v := range o {
		if slices.ContainsFunc(v, math.IsNaN) {
			t.Fatalf("%s: %s holds a NaN", what, name)
		}
	}
}

// newLayer makes a layer of the table whose parameters are not all alike.
func newLayer[T runtime.Float](t testing.TB, name string, cols int) runtime.NormOf[T] {
	t.Helper()
	groups := 1
	if name == "PowerNormReleased" {
		groups = 4
	}
	var l runtime.NormOf[T]
	var err error
	switch p := any(&l).(type) {
	case *runtime.Norm:
		*p, err = makers[name].f32(cols, groups)
	case *runtime.Norm64:
		*p, err = makers[name].f64(cols, groups)
	}
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, uint64(cols)))
	for _, p := range l.Params() {
		fillParam(r, p.Data, make([]T, cols))
	}
	return l
}

// step runs forward, backward and commit of a whole batch.
func step[T runtime.Float](t testing.TB, l runtime.NormOf[T], w *runtime.WorkOf[T], c trial[T]) outcome {
	t.Helper()
	y, dx := make([]T, len(c.x)), make([]T, len(c.x))
	forwardTo(t, l, w, c, y)
	if err := l.Backward(w, runtime.Matrix(dx, c.rows, c.cols), runtime.Matrix(c.dy, c.rows, c.cols), runtime.Overwrite); err != nil {
		t.Fatal(err)
	}
	if err := l.Commit(w); err != nil {
		t.Fatal(err)
	}
	o := outcome{}
	note(o, "y", y)
	note(o, "dx", dx)
	noteLayer(o, l, w)
	return o
}

func forwardTo[T runtime.Float](t testing.TB, l runtime.NormOf[T], w *runtime.WorkOf[T], c trial[T], y []T) {
	t.Helper()
	keep := c.mask(t, l.Name(), w)
	if err := l.Forward(w, runtime.Matrix(y, c.rows, c.cols), runtime.Matrix(c.x, c.rows, c.cols), keep); err != nil {
		t.Fatal(err)
	}
}

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

// TestWorkers holds every number of workers, and a second run, to the same bits.
func TestWorkers(t *testing.T) {
	for name := range makers {
		t.Run(name, func(t *testing.T) {
			const rows, cols = 330, 36
			var want []outcome
			for _, n := range []int{1, 2, 3, 7, 16, 1} {
				pool := runtime.NewGoroutines(n)
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
