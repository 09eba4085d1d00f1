package generated_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/runtime"
)

// mustPanic wants f to panic with a message that says so.
func mustPanic(t testing.TB, what, says string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if p := fmt.Sprint(recover()); !strings.Contains(p, says) {
			t.Fatalf("%s: panic %q, want one that says %q", what, p, says)
		}
	}()
	f()
}

// A memory is one slice that views are cut from, with values that show writes.
type memory []float32

func newMemory(n int) memory {
	m := make(memory, n)
	for i := range m {
		m[i] = float32(1 + i%13)
	}
	return m
}

func (m memory) view(from, rows, cols, stride int) runtime.View {
	return runtime.View{Data: m[from:], Rows: rows, Cols: cols, Stride: stride}
}

func (m memory) checkUntouched(t testing.TB, what string) {
	t.Helper()
	for i, v := range newMemory(len(m)) {
		if m[i] != v {
			t.Fatalf("%s: element %d was written", what, i)
		}
	}
}

// TestBadViews holds that every argument is checked, with a clear message,
// before anything is written.
func TestBadViews(t *testing.T) {
	const rows, cols, max = 6, 8, 10
	m := newMemory(4 * max * cols)
	good, fine := m.view(0, rows, cols, cols), m.view(2*max*cols, rows, cols, cols)
	bad := map[string]struct {
		v    runtime.View
		says string
	}{
		"nil":        {runtime.View{Rows: rows, Cols: cols, Stride: cols}, "need more"},
		"short":      {runtime.View{Data: m[:rows*cols-1], Rows: rows, Cols: cols, Stride: cols}, "need more"},
		"very short": {runtime.View{Data: m[:1], Rows: 1, Cols: cols, Stride: cols}, "need more"},
		"long stride": {runtime.View{Data: m[:rows*cols], Rows: rows, Cols: cols, Stride: cols + 1},
			"need more"},
		"huge stride": {runtime.View{Data: m, Rows: rows, Cols: cols, Stride: 1 << 62}, "need more"},
		"fewer rows":  {m.view(0, rows-1, cols, cols), "rows"},
		"more rows":   {m.view(0, max+1, cols, cols), "was made for 10"},
		"minus rows":  {m.view(0, -1, cols, cols), "-1 rows"},
		"fewer cols":  {m.view(0, rows, cols-1, cols), "columns"},
		"more cols":   {m.view(0, rows, cols+1, cols+1), "columns"},
		"no cols":     {m.view(0, rows, 0, 0), "columns"},
		"stride":      {m.view(0, rows, cols, cols-1), "stride"},
		"no stride":   {m.view(0, rows, cols, 0), "stride"},
		"backwards":   {m.view(80, rows, cols, -cols), "stride"},
	}
	for name := range makers {
		l := newLayer[float32](t, name, cols)
		w := l.NewWork(max)
		for what, b := range bad {
			mustPanic(t, name+" y "+what, b.says, func() { l.Forward(w, b.v, fine, nil) })
			mustPanic(t, name+" x "+what, b.says, func() { l.Forward(w, fine, b.v, nil) })
			if what != "fewer rows" && what != "more rows" {
				mustPanic(t, name+" infer y "+what, b.says, func() { l.Infer(b.v, fine) })
				mustPanic(t, name+" infer x "+what, b.says, func() { l.Infer(fine, b.v) })
			}
			m.checkUntouched(t, what)
			if err := l.Forward(w, runtime.Matrix(make([]float32, rows*cols), rows, cols), good, nil); err != nil {
				t.Fatal(err)
			}
			mustPanic(t, name+" dx "+what, b.says, func() { l.Backward(w, b.v, fine, runtime.Overwrite) })
			mustPanic(t, name+" dy "+what, b.says, func() { l.Backward(w, fine, b.v, runtime.Accumulate) })
			m.checkUntouched(t, what)
		}
		short := m.view(0, rows-1, cols, cols)
		mustPanic(t, name, "after a forward of 6", func() { l.Backward(w, short, short, runtime.Overwrite) })
	}
	mustPanic(t, "Matrix", "need more", func() { runtime.Matrix(m[:7], 2, 4) })
	mustPanic(t, "Matrix", "-1 rows", func() { runtime.Matrix(m, -1, 4) })
	mustPanic(t, "Slice", "rows 2:1 of 6", func() { good.Slice(2, 1) })
	mustPanic(t, "NewWork", "-1 rows", func() { newLayer[float32](t, "LayerNorm", 4).NewWork(-1) })
}

// TestOverlap holds that overlap by any distance panics, and that in place works
// where it is documented.
func TestOverlap(t *testing.T) {
	const rows, cols = 5, 8
	for name := range makers {
		l := newLayer[float32](t, name, cols)
		w := l.NewWork(rows)
		m := newMemory(rows*cols + 64)
		x := m.view(32, rows, cols, cols)
		apart := runtime.Matrix(make([]float32, rows*cols), rows, cols)
		if err := l.Forward(w, apart, x, nil); err != nil {
			t.Fatal(err)
		}
		for d := -16; d <= 16; d++ {
			o := m.view(32+d, rows, cols, cols)
			mustPanic(t, fmt.Sprint(name, " forward ", d), "overlaps", func() { l.Forward(w, o, x, nil) })
			if err := l.Forward(w, apart, x, nil); err != nil {
				t.Fatal(err)
			}
			if d == 0 {
				continue
			}
			what := fmt.Sprint(name, " at ", d)
			mustPanic(t, what, "overlaps", func() { l.Infer(o, x) })
			mustPanic(t, what, "overlaps", func() { l.Backward(w, o, x, runtime.Overwrite) })
			mustPanic(t, what, "overlaps", func() { l.Backward(w, o, apart, runtime.Overwrite) })
		}
		m.checkUntouched(t, name)
	}
}

// TestInPlace holds dx == dy, dx == x and Infer's y == x to the bits of separate
// memory.
func TestInPlace(t *testing.T) {
	const rows, cols = 70, 8
	for name := range makers {
		c := newTrial[float32](1, rows, cols, shardMasks(rows)["random"])
		l := newLayer[float32](t, name, cols)
		w := l.NewWork(rows)
		step(t, l, w, c)
		want := make([]float32, rows*cols)
		x := append([]float32{}, c.x...)
		check := func(what string, got, want []float32) {
			t.Helper()
			sameOutcome(t, name+" "+what, outcome{"": widen(got)}, outcome{"": widen(want)})
		}
		infer(t, l, want, c.x, cols)
		infer(t, l, x, x, cols)
		check("Infer", x, want)

		forwardTo(t, l, w, c, make([]float32, rows*cols))
		backward(t, l, w, want, c.dy, runtime.Overwrite)
		dy := append([]float32{}, c.dy...)
		backward(t, l, w, dy, dy, runtime.Overwrite)
		check("dx == dy", dy, want)

		copy(dy, c.dy)
		backward(t, l, w, dy, dy, runtime.Accumulate)
		for i := range want {
			x[i] = c.dy[i] + want[i]
		}
		check("dx == dy, Accumulate", dy, x)

		d := c
		d.x = append([]float32{}, c.x...)
		forwardTo(t, l, w, d, make([]float32, rows*cols))
		backward(t, l, w, d.x, c.dy, runtime.Overwrite)
		check("dx == x", d.x, want)
		v := runtime.Matrix(d.x, rows, cols)
		wantError(t, l.Backward(w, v, v, runtime.Overwrite), "overwritten")
	}
}

func infer(t testing.TB, l runtime.Norm, y, x []float32, cols int) {
	t.Helper()
	if err := l.Infer(runtime.Matrix(y, len(y)/cols, cols), runtime.Matrix(x, len(x)/cols, cols)); err != nil {
		t.Fatal(err)
	}
}

func backward(t testing.TB, l runtime.Norm, w *runtime.Work, dx, dy []float32, mode runtime.GradMode) {
	t.Helper()
	c := l.Cols()
	if err := l.Backward(w, runtime.Matrix(dx, len(dx)/c, c), runtime.Matrix(dy, len(dy)/c, c), mode); err != nil {
		t.Fatal(err)
	}
}

// TestAccumulate holds adding to the sum of what was there and what a plain
// backward gives, for dx and for the parameters, twice over.
func TestAccumulate(t *testing.T) {
	const rows, cols = 101, 12
	pool := runtime.NewGoroutines(3)
	defer pool.Close()
	for name := range makers {
		c := newTrial[float32](1, rows&^1, cols, shardMasks(rows &^ 1)["holes"])
		l := newLayer[float32](t, name, cols)
		w := l.NewWork(rows)
		w.SetPool(pool)
		step(t, l, w, newTrial[float32](2, 64, cols, nil))
		forwardTo(t, l, w, c, make([]float32, len(c.x)))
		dx := make([]float32, len(c.x))
		backward(t, l, w, dx, c.dy, runtime.Overwrite)
		want := outcome{}
		note(want, "dx", dx)
		for _, g := range l.Grads() {
			note(want, g.Name, g.Data)
		}
		r := rand.New(rand.NewPCG(1, 1))
		start := func(name string, x []float32) {
			for i := range x {
				old := float32(r.NormFloat64())
				v := float32(want[name][i])
				want[name][i] = float64((old + v) + v)
				x[i] = old
			}
		}
		start("dx", dx)
		for _, g := range l.Grads() {
			start(g.Name, g.Data)
		}
		backward(t, l, w, dx, c.dy, runtime.Accumulate)
		backward(t, l, w, dx, c.dy, runtime.Accumulate)
		got := outcome{}
		note(got, "dx", dx)
		for _, g := range l.Grads() {
			note(got, g.Name, g.Data)
		}
		sameOutcome(t, name, got, want)
		l.ZeroGrads()
		clear(dx)
		backward(t, l, w, dx, c.dy, runtime.Overwrite)
		once := append([]float32{}, dx...)
		backward(t, l, w, dx, c.dy, runtime.Accumulate)
		for i := range dx {
			if dx[i] != 2*once[i] {
				t.Fatalf("%s: dx[%d] = %v, want twice %v", name, i, dx[i], once[i])
			}
		}
	}
}

// TestStrided holds the parts of a packed projection, each row C of 3*C, to the
// bits of dense tensors, and leaves the gaps alone.
func TestStrided(t *testing.T) {
	const rows, cols = 70, 8
	for name := range makers {
		c := newTrial[float32](1, rows, cols, shardMasks(rows)["random"])
		l, dense := newLayer[float32](t, name, cols), newLayer[float32](t, name, cols)
		w := l.NewWork(rows)
		want := step(t, dense, dense.NewWork(rows), c)
		packed, grads := newMemory(rows*4*cols), newMemory(rows*4*cols)
		part := func(m memory, k int) runtime.View { return m.view(k*cols, rows, cols, 4*cols) }
		x, y, dy, dx := part(packed, 0), part(packed, 2), part(grads, 3), part(grads, 1)
		for i := range rows {
			copy(x.Row(i), c.x[i*cols:])
			copy(dy.Row(i), c.dy[i*cols:])
		}
		if err := l.Forward(w, y, x, c.mask(t, name, w)); err != nil {
			t.Fatal(err)
		}
		if err := l.Backward(w, dx, dy, runtime.Overwrite); err != nil {
			t.Fatal(err)
		}
		got := outcome{}
		for i := range rows {
			note(got, "y", y.Row(i))
			note(got, "dx", dx.Row(i))
		}
		commit(t, l, w)
		noteLayer(got, l, w)
		sameOutcome(t, name, got, want)
		for i, v := range newMemory(len(packed)) {
			if k := i / cols % 4; k%2 == 1 && packed[i] != v || k%2 == 0 && grads[i] != v {
				t.Fatalf("%s: a gap was written at %d", name, i)
			}
		}
	}
}

// TestMaskArguments holds that a mask of another length panics, that a mask
// does not outlive its pass, and that all true is all.
func TestMaskArguments(t *testing.T) {
	const rows, cols = 40, 8
	for _, name := range stateful {
		l, plain := newLayer[float32](t, name, cols), newLayer[float32](t, name, cols)
		w, v := l.NewWork(rows), plain.NewWork(rows)
		c := newTrial[float32](1, rows, cols, nil)
		m := newMemory(rows * cols)
		for _, n := range []int{0, rows - 1, rows + 1} {
			mustPanic(t, name, "elements for 40 rows", func() {
				l.Forward(w, m.view(0, rows, cols, cols), runtime.Matrix(c.x, rows, cols), make([]bool, n))
			})
		}
		m.checkUntouched(t, name)
		masked := c
		masked.keep = shardMasks(rows)["random"]
		forwardTo(t, l, w, masked, make([]float32, rows*cols))
		want := step(t, plain, v, c)
		sameOutcome(t, name, step(t, l, w, c), want)
	}
}

// TestForeignWork holds that a work serves its own layer only.
func TestForeignWork(t *testing.T) {
	const rows, cols = 4, 8
	m := newMemory(rows * cols)
	v := m.view(0, rows, cols, cols)
	x := runtime.Matrix(make([]float32, rows*cols), rows, cols)
	for name := range makers {
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
	for name := range makers {
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
	const cols = 8
	g, h := newGroup[float32](t, "BatchNorm", cols, []int{0, 64, 128}, false, runtime.Serial), newGroup[float32](t, "BatchNorm", cols, []int{0, 64, 128}, false, runtime.Serial)
	c := newTrial[float32](1, 128, cols, nil)
	g.step(t, c)
	h.step(t, c)
	v, dx := runtime.Matrix(c.dy[:64*cols], 64, cols), runtime.Matrix(make([]float32, 64*cols), 64, cols)
	wantError(t, g.layers[0].Backward(g.works[0], dx, v, runtime.Overwrite), "one of 2 shards")
	begin := func(l runtime.Norm, w *runtime.Work) {
		t.Helper()
		if err := l.StartBackward(w, dx, v, runtime.Overwrite); err != nil {
			t.Fatal(err)
		}
		w.Sweep()
	}
	begin(g.layers[0], g.works[0])
	wantError(t, runtime.Join(g.works[0]), "not shards of one batch")
	begin(g.layers[0], g.works[0])
	begin(h.layers[1], h.works[1])
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
	out := widen(x)
	for j := range out {
		out[j] /= math.Sqrt(ss/float64(len(x)) + 1e-5)
	}
	return out
}
