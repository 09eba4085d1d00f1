package generated_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
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

// TestGate13Views holds that every argument is checked, with a clear message,
// before anything is written.
func TestGate13Views(t *testing.T) {
	g := gates.Open(t, 13, "wrapper: bad views")
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
	for _, name := range norms(t) {
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
	g.Figure("%d norms, %d bad views: each panics before anything is written", len(norms(t)), len(bad))
}

// TestGate13Overlap holds that overlap by any distance panics, and that in place works
// where it is documented.
func TestGate13Overlap(t *testing.T) {
	g := gates.Open(t, 13, "wrapper: overlap")
	const rows, cols = 5, 8
	for _, name := range norms(t) {
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
	g.Figure("%d norms, -16 to 16 elements apart: each panics before anything is written", len(norms(t)))
}

// TestGate13InPlace holds dx == dy, dx == x and Infer's y == x to the bits of separate
// memory.
func TestGate13InPlace(t *testing.T) {
	g := gates.Open(t, 13, "wrapper: in place")
	const rows, cols = 70, 8
	for _, name := range norms(t) {
		c := newTrial[float32](1, rows, cols, normtest.Masks(rows)["random"])
		l := newLayer[float32](t, name, cols)
		w := l.NewWork(rows)
		step(t, l, w, c)
		want := make([]float32, rows*cols)
		x := append([]float32{}, c.x...)
		check := func(what string, got, want []float32) {
			t.Helper()
			normtest.Same(t, name+" "+what, outcome{"": normtest.Widen(got)}, outcome{"": normtest.Widen(want)})
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
	g.Figure("%d norms: the bits of separate memory", len(norms(t)))
}

// TestAccumulate holds adding to the sum of what was there and what a plain
// backward gives, for dx and for the parameters, twice over.
func TestAccumulate(t *testing.T) {
	const rows, cols = 101, 12
	pool := runtime.NewGoroutines(3)
	pool.ShareFrom(0)
	defer pool.Close()
	for _, name := range norms(t) {
		c := newTrial[float32](1, rows&^1, cols, normtest.Masks(rows &^ 1)["holes"])
		l := newLayer[float32](t, name, cols)
		w := l.NewWork(rows)
		w.SetPool(pool)
		step(t, l, w, newTrial[float32](2, 64, cols, nil))
		forwardTo(t, l, w, c, make([]float32, len(c.x)))
		dx := make([]float32, len(c.x))
		backward(t, l, w, dx, c.dy, runtime.Overwrite)
		want := outcome{}
		normtest.Note(want, "dx", dx)
		for _, g := range l.Grads() {
			normtest.Note(want, g.Name, g.Data)
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
		normtest.Note(got, "dx", dx)
		for _, g := range l.Grads() {
			normtest.Note(got, g.Name, g.Data)
		}
		normtest.Same(t, name, got, want)
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
	for _, name := range norms(t) {
		c := newTrial[float32](1, rows, cols, normtest.Masks(rows)["random"])
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
			normtest.Note(got, "y", y.Row(i))
			normtest.Note(got, "dx", dx.Row(i))
		}
		commit(t, l, w)
		noteLayer(got, l, w)
		normtest.Same(t, name, got, want)
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
		masked.keep = normtest.Masks(rows)["random"]
		forwardTo(t, l, w, masked, make([]float32, rows*cols))
		want := step(t, plain, v, c)
		normtest.Same(t, name, step(t, l, w, c), want)
	}
}
