package generated_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/runtime"
)

// TestForeignWork holds that a work serves its own layer only.
func TestForeignWork(t *testing.T) {
	const rows, cols = 4, 8
	m := newMemory(rows * cols)
	v := m.view(0, rows, cols, cols)
	x := runtime.Matrix(make([]float32, rows*cols), rows, cols)
	for _, name := range norms(t) {
		l, other := newLayer[float32](t, name, cols), newLayer[float32](t, name, cols)
		for _, w := range []*runtime.Work{other.NewWork(rows), nil} {
			mustPanic(t, name, "another layer", func() { l.Forward(w, v, x, nil) })
			mustPanic(t, name, "another layer", func() { l.Backward(w, v, x, runtime.Overwrite) })
			mustPanic(t, name, "another layer", func() { l.StartForward(w, v, x, nil) })
		}
	}
	m.checkUntouched(t, "foreign work")
}

// TestOrderOfCalls holds that calls out of order are refused.
func TestOrderOfCalls(t *testing.T) {
	const rows, cols = 64, 8
	c := newTrial[float32](1, rows, cols, nil)
	x := runtime.Matrix(c.x, rows, cols)
	out := runtime.Matrix(make([]float32, rows*cols), rows, cols)
	for _, name := range norms(t) {
		l := newLayer[float32](t, name, cols)
		w, v := l.NewWork(rows), l.NewWork(rows)
		wantError(t, l.Backward(w, out, x, runtime.Overwrite), "without a Forward")
		if !w.Done() {
			t.Fatal("a new work has sweeps to run")
		}
		mustPanic(t, name, "Sweep without", w.Sweep)
		wantError(t, runtime.Join(w), "not run Sweep")
		wantError(t, runtime.Join[float32](), "Join of nothing")
		start := func(w *runtime.Work, first int) {
			t.Helper()
			if err := w.Shard(first); err != nil {
				t.Fatal(err)
			}
			if err := l.StartForward(w, out, x, nil); err != nil {
				t.Fatal(err)
			}
			w.Sweep()
		}
		wantError(t, w.Shard(33), "multiple")
		wantError(t, w.Shard(-32), "multiple")
		start(w, 0)
		mustPanic(t, name, "Sweep without", w.Sweep)
		start(v, 32)
		wantError(t, runtime.Join(w, v), "the rows before end at 64")
		start(w, 0)
		start(v, 64)
		wantError(t, runtime.Join(v, w), "the rows before end at 0")
		start(w, 0)
		wantError(t, runtime.Join(w, w), "twice")
		start(w, 0)
		wantError(t, l.Backward(w, out, x, runtime.Overwrite), "without a Forward")
	}
}

// TestShardsOfAnotherBatch holds that a backward joins the shards of its forward
// and no others.
func TestShardsOfAnotherBatch(t *testing.T) {
	sizes, cuts := shardSizes(t, "BatchNorm", []int{0, 64, 128})
	g, h := newGroup[float32](t, "BatchNorm", sizes, cuts, false, runtime.Serial), newGroup[float32](t, "BatchNorm", sizes, cuts, false, runtime.Serial)
	s := normtest.NewSample[float32](g.rigs[0].Unit, rand.New(rand.NewPCG(1, 2)), sizes, "randn", nil)
	g.step(t, s)
	h.step(t, s)
	a, b := g.mounts(t, s), h.mounts(t, s)
	wantError(t, a[0].Backward(runtime.Overwrite), "one of 2 shards")
	begin := func(m *mount[float32]) {
		t.Helper()
		m.Turn()
		if err := m.Work.StartBackward(runtime.Overwrite); err != nil {
			t.Fatal(err)
		}
		m.Work.Sweep()
	}
	begin(a[0])
	wantError(t, runtime.Join(g.works[0]), "not shards of one batch")
	begin(a[0])
	begin(b[1])
	wantError(t, runtime.Join(g.works[0], h.works[1]), "not shards of one batch")
}

// TestShardsDiffer holds that a mask in some of the shards only is refused.
func TestShardsDiffer(t *testing.T) {
	const rows, cols = 32, 8
	l := newLayer[float32](t, "BatchNorm", cols)
	a, b := l.NewWork(rows), l.NewWork(rows)
	c := newTrial[float32](1, rows, cols, nil)
	out := runtime.Matrix(make([]float32, rows*cols), rows, cols)
	if err := b.Shard(32); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*runtime.Work{a, b} {
		if err := l.StartForward(w, out, runtime.Matrix(c.x, rows, cols), c.keep); err != nil {
			t.Fatal(err)
		}
		w.Sweep()
		c.keep = make([]bool, rows)
	}
	wantError(t, runtime.Join(a, b), "mask")
}

// TestShape holds a transposed mask to what it means, and Shape to the rows.
func TestShape(t *testing.T) {
	const cols = 8
	l, err := powernorm.NewPowerNormReleased(cols, powernorm.PowerNormReleasedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w := l.NewWork(12)
	c := newTrial[float32](1, 12, cols, nil)
	x, y := runtime.Matrix(c.x, 12, cols), runtime.Matrix(make([]float32, 12*cols), 12, cols)
	keep := make([]bool, 12) // [B, T] of 4 and 3: T is outermost in the rows
	keep[1*3+2], keep[3*3+0] = true, true
	wantError(t, l.Forward(w, y, x, keep), "call Shape")
	for _, sizes := range [][]int{{12}, {3, 4, 1}, {3, 5}, {-3, -4}, {1 << 62, 4}, {-1, 4}} {
		if w.Shape(sizes...) == nil {
			t.Fatalf("Shape(%v) passed", sizes)
		}
	}
	if err := w.Shape(2, 4); err != nil {
		t.Fatal(err)
	}
	wantError(t, l.Forward(w, y, x, keep), "call Shape")
	if err := w.Shape(3, 4); err != nil {
		t.Fatal(err)
	}
	if err := l.Forward(w, y, x, keep); err != nil {
		t.Fatal(err)
	}
	kept := []float64{} // rows t*4+b: 2*4+1 and 0*4+3
	for j := range cols {
		s := 0.0
		for _, r := range []int{9, 3} {
			u := normalized(x.Row(r))[j]
			s += u * u
		}
		kept = append(kept, s/2)
	}
	got := w.Stats()[0]
	if got.Count != 2 {
		t.Fatalf("the mask keeps %v rows, want 2", got.Count)
	}
	for j, v := range kept {
		if d := got.Values[j] - v; d > 1e-6*v || d < -1e-6*v {
			t.Fatalf("v[%d] = %v, want %v", j, got.Values[j], v)
		}
	}
	if l2 := newLayer[float32](t, "BatchNorm", cols); l2.NewWork(4).Shape(2, 2) == nil {
		t.Fatal("Shape of a layer without row axes passed")
	}
}

// normalized divides a row by its root mean square.
func normalized(x []float32) []float64 {
	ss := 0.0
	for _, v := range x {
		ss += float64(v) * float64(v)
	}
	out := normtest.Widen(x)
	for j := range out {
		out[j] /= math.Sqrt(ss/float64(len(x)) + 1e-5)
	}
	return out
}
