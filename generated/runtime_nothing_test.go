package generated_test

import (
	"math"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

// TestNothingKept holds that an empty domain updates no state, and that finite
// inputs give finite outputs; PowerNormReleased's e ignores the mask.
func TestNothingKept(t *testing.T) {
	for _, name := range stateful {
		for _, rows := range []int{0, 2, 70} {
			const cols = 8
			l := newLayer[float32](t, name, cols)
			w := l.NewWork(rows)
			first := state(l)
			for range 3 {
				o := step(t, l, w, newTrial[float32](1, rows, cols, make([]bool, rows)))
				noNaN(t, name, o)
			}
			after := state(l)
			after["step"] = first["step"]
			if name == "PowerNormReleased" && rows > 0 {
				delete(after, "e")
				delete(first, "e")
			}
			normtest.Same(t, name, after, first)
		}
	}
}

// TestPaddingUnseen holds that what a mask hides changes no statistic, no state
// and no other row.
func TestPaddingUnseen(t *testing.T) {
	const rows, cols = 100, 8
	for _, name := range []string{"BatchNorm", "PNV", "PowerNorm"} {
		for kind, keep := range normtest.Masks(rows) {
			a, b := newLayer[float32](t, name, cols), newLayer[float32](t, name, cols)
			wa, wb := a.NewWork(rows), b.NewWork(rows)
			for i := range 3 {
				clean := newTrial[float32](uint64(i), rows, cols, keep)
				dirty := newTrial[float32](uint64(i), rows, cols, keep)
				for r := range rows {
					for j := range cols {
						if keep != nil && !keep[r] {
							dirty.x[r*cols+j] = float32(math.NaN())
						}
					}
				}
				ya, yb := make([]float32, rows*cols), make([]float32, rows*cols)
				forwardTo(t, a, wa, clean, ya)
				forwardTo(t, b, wb, dirty, yb)
				for r := range rows {
					if keep == nil || keep[r] {
						normtest.Same(t, name, outcome{"y": normtest.Widen(yb[r*cols : (r+1)*cols])}, outcome{"y": normtest.Widen(ya[r*cols : (r+1)*cols])})
					}
				}
				pass(t, a, wa, clean)
				pass(t, b, wb, dirty)
				commit(t, a, wa)
				commit(t, b, wb)
				oa, ob := state(a), state(b)
				for _, s := range wa.Stats() {
					oa[s.Name] = s.Values
				}
				for _, s := range wb.Stats() {
					ob[s.Name] = s.Values
				}
				normtest.Same(t, name+" "+kind, ob, oa)
			}
		}
	}
}

// TestGate11OneRow holds that one row is refused before anything is written,
// and that what was pending stays.
func TestGate11OneRow(t *testing.T) {
	g := gates.Open(t, 11, "state: one row")
	const cols = 4
	l := newLayer[float32](t, "BatchNorm", cols)
	w := l.NewWork(8)
	c := newTrial[float32](1, 8, cols, nil)
	pass(t, l, w, c)
	before := state(l)
	y := []float32{7, 7, 7, 7, 7, 7, 7, 7}
	wantError(t, l.Forward(w, runtime.Matrix(y, 1, cols), runtime.Matrix(c.x, 1, cols), nil), "unbiased")
	wantError(t, l.Forward(w, runtime.Matrix(y, 2, cols), runtime.Matrix(c.x, 2, cols), []bool{false, true}), "unbiased")
	for _, v := range y {
		if v != 7 {
			t.Fatal("the refused forward wrote y")
		}
	}
	normtest.Same(t, "refused", state(l), before)
	dx := runtime.Matrix(make([]float32, 8*cols), 8, cols)
	wantError(t, l.Backward(w, dx, dx, runtime.Overwrite), "without a Forward")
	commit(t, l, w)
	want := newLayer[float32](t, "BatchNorm", cols)
	v := want.NewWork(8)
	pass(t, want, v, c)
	commit(t, want, v)
	normtest.Same(t, "pending", state(l), state(want))
	l.SetMode(runtime.Frozen)
	forwardTo(t, l, w, c.slice(0, 1), make([]float32, cols)) // no statistic, no error
	g.Figure("refused before anything changes")
}

// TestUnbiasedShards holds that the rows of all shards count.
func TestUnbiasedShards(t *testing.T) {
	const cols = 4
	l := newLayer[float32](t, "BatchNorm", cols)
	a, b := l.NewWork(32), l.NewWork(32)
	c := newTrial[float32](1, 64, cols, make([]bool, 64))
	start := func() {
		t.Helper()
		if err := b.Shard(32); err != nil {
			t.Fatal(err)
		}
		for i, w := range []*runtime.Work{a, b} {
			s := c.slice(32*i, 32*i+32)
			y := runtime.Matrix(make([]float32, 32*cols), 32, cols)
			if err := l.StartForward(w, y, runtime.Matrix(s.x, 32, cols), s.keep); err != nil {
				t.Fatal(err)
			}
			w.Sweep()
		}
	}
	c.keep[40] = true
	start()
	wantError(t, runtime.Join(a, b), "unbiased")
	wantError(t, runtime.Join(a, b), "not run Sweep")
	wantError(t, l.Commit(a), "without a training pass")
	c.keep[3] = true
	start()
	if err := runtime.Join(a, b); err != nil {
		t.Fatal(err)
	}
}

// TestFrozenHasNoUpdates holds that a frozen pass leaves nothing to commit.
func TestFrozenHasNoUpdates(t *testing.T) {
	for _, name := range norms(t) {
		const rows, cols = 40, 8
		l := newLayer[float32](t, name, cols)
		w := l.NewWork(rows)
		step(t, l, w, newTrial[float32](1, rows, cols, nil))
		before := state(l)
		l.SetMode(runtime.Frozen)
		pass(t, l, w, newTrial[float32](2, rows, cols, nil))
		wantError(t, l.Commit(w), "without a training pass")
		normtest.Same(t, name, state(l), before)
	}
}

// TestResume holds that state and step are all that a checkpoint needs.
func TestResume(t *testing.T) {
	for _, name := range stateful {
		const rows, cols = 48, 8
		l := newLayer[float32](t, name, cols)
		w := l.NewWork(rows)
		for i := range 4 {
			next := newLayer[float32](t, name, cols)
			for k, s := range next.State() {
				copy(s.Data, l.State()[k].Data)
			}
			if err := next.SetStep(l.Step()); err != nil {
				t.Fatal(err)
			}
			c := newTrial[float32](uint64(i), rows, cols, nil)
			normtest.Same(t, name, step(t, next, next.NewWork(rows), c), step(t, l, w, c))
		}
		if l.SetStep(0) == nil {
			t.Fatal("step 0 passed")
		}
	}
}

// TestCommitInBetween holds that a pass works with the state of its forward.
func TestCommitInBetween(t *testing.T) {
	const rows, cols = 48, 8
	c, d := newTrial[float32](1, rows, cols, nil), newTrial[float32](2, rows, cols, nil)
	dx := func(between bool) []float32 {
		l, err := powernorm.NewPowerNorm(cols, powernorm.PowerNormOptions{Alpha: 0.5})
		if err != nil {
			t.Fatal(err)
		}
		a, b := l.NewWork(rows), l.NewWork(rows)
		pass[float32](t, l, b, d)
		forwardTo[float32](t, l, a, c, make([]float32, rows*cols))
		if between {
			commit[float32](t, l, b)
		}
		out := make([]float32, rows*cols)
		if err := l.Backward(a, runtime.Matrix(out, rows, cols), runtime.Matrix(c.dy, rows, cols), runtime.Overwrite); err != nil {
			t.Fatal(err)
		}
		return out
	}
	normtest.Same(t, "dx", outcome{"dx": normtest.Widen(dx(true))}, outcome{"dx": normtest.Widen(dx(false))})
}
