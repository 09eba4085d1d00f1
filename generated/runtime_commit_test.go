package generated_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
)

// state is the layer's state and step alone.
func state[T runtime.Float](l runtime.NormOf[T]) outcome {
	o := outcome{"step": {float64(l.Step())}}
	for _, s := range l.State() {
		normtest.Note(o, s.Name, s.Data)
	}
	return o
}

// pass runs forward and backward, and leaves the updates pending.
func pass[T runtime.Float](t testing.TB, l runtime.NormOf[T], w *runtime.WorkOf[T], c trial[T]) {
	t.Helper()
	forwardTo(t, l, w, c, make([]T, len(c.x)))
	dx := make([]T, len(c.x))
	if err := l.Backward(w, runtime.Matrix(dx, c.rows, c.cols), runtime.Matrix(c.dy, c.rows, c.cols), runtime.Overwrite); err != nil {
		t.Fatal(err)
	}
}

func commit[T runtime.Float](t testing.TB, l runtime.NormOf[T], works ...*runtime.WorkOf[T]) {
	t.Helper()
	if err := l.Commit(works...); err != nil {
		t.Fatal(err)
	}
}

// wantError wants an error that says so.
func wantError(t testing.TB, err error, says string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Fatalf("error %v, want one that says %q", err, says)
	}
}

var stateful = []string{"BatchNorm", "PNV", "PowerNorm", "PowerNormReleased"}

// TestCommitOnce holds that updates wait for Commit and happen once, however
// often the forward ran.
func TestCommitOnce(t *testing.T) {
	for _, name := range stateful {
		const rows, cols = 70, 8
		c := newTrial[float32](1, rows, cols, normtest.Masks(rows)["random"])
		once, l := newLayer[float32](t, name, cols), newLayer[float32](t, name, cols)
		want := step(t, once, once.NewWork(rows), c)
		w := l.NewWork(rows)
		before := state(l)
		pass(t, l, w, newTrial[float32](2, rows/2, cols, nil)) // given up by the next forward
		forwardTo(t, l, w, c, make([]float32, len(c.x)))
		pass(t, l, w, c)
		pass(t, l, w, c)
		normtest.Same(t, name+" before Commit", state(l), before)
		commit(t, l, w)
		normtest.Same(t, name, state(l), state(once))
		wantError(t, l.Commit(w), "without a training pass")
		normtest.Same(t, name+" after a second Commit", state(l), state(once))
		noNaN(t, name, want)
	}
}

// TestForwardGivesUpBackward holds that a new forward drops the updates of the
// backward before it.
func TestForwardGivesUpBackward(t *testing.T) {
	const rows, cols = 40, 4
	a, b := newLayer[float32](t, "PowerNorm", cols), newLayer[float32](t, "PowerNorm", cols)
	wa, wb := a.NewWork(rows), b.NewWork(rows)
	c := newTrial[float32](1, rows, cols, nil)
	pass(t, a, wa, newTrial[float32](2, rows, cols, nil))
	forwardTo(t, a, wa, c, make([]float32, rows*cols))
	forwardTo(t, b, wb, c, make([]float32, rows*cols))
	commit(t, a, wa)
	commit(t, b, wb)
	normtest.Same(t, "forward alone", state(a), state(b))
}

// TestCommitMerges holds several works to the state that one work of all their
// rows gives.
func TestCommitMerges(t *testing.T) {
	for _, name := range []string{"BatchNorm", "PNV", "PowerNorm", "BatchNormCumulative"} {
		const rows, cols = 200, 6
		one, many := newLayer[float64](t, name, cols), newLayer[float64](t, name, cols)
		w := one.NewWork(rows)
		for i, kind := range []string{"all", "random", "holes"} {
			c := newTrial[float64](uint64(i), rows, cols, normtest.Masks(rows)[kind])
			pass(t, one, w, c)
			commit(t, one, w)
			var works []*runtime.WorkOf[float64]
			for _, cut := range [][2]int{{0, 10}, {10, 40}, {40, 55}, {55, 200}} { // 0 to 32 of "holes" keep nothing
				v := many.NewWork(cut[1] - cut[0])
				pass(t, many, v, c.slice(cut[0], cut[1]))
				works = append(works, v)
			}
			commit(t, many, works...)
			wantError(t, many.Commit(works...), "without a training pass")
			closeOutcome(t, fmt.Sprint(name, " ", kind), state(many), state(one))
		}
	}
}

func closeOutcome(t testing.TB, what string, got, want outcome) {
	t.Helper()
	for name, v := range want {
		for i, x := range v {
			if g := got[name][i]; math.Abs(g-x) > 1e-12*math.Max(math.Abs(x), 1e-3) || g != g {
				t.Fatalf("%s: %s[%d] = %v, want %v", what, name, i, g, x)
			}
		}
	}
}

// TestCommitErrors holds that a refused Commit changes nothing and can be put
// right.
func TestCommitErrors(t *testing.T) {
	const rows, cols = 64, 8
	for _, name := range stateful {
		l, other := newLayer[float32](t, name, cols), newLayer[float32](t, name, cols)
		a, b := l.NewWork(rows), l.NewWork(rows)
		c := newTrial[float32](1, rows, cols, nil)
		before := state(l)
		wantError(t, l.Commit(), "without a training pass")
		wantError(t, l.Commit(a), "without a training pass")
		pass(t, l, a, c)
		pass(t, l, b, c)
		foreign := other.NewWork(rows)
		pass(t, other, foreign, c)
		wantError(t, l.Commit(foreign), "another layer")
		wantError(t, l.Commit(a, foreign), "another layer")
		wantError(t, l.Commit(nil), "another layer")
		wantError(t, l.Commit(a, b, a), "twice")
		normtest.Same(t, name, state(l), before)
		if name == "PowerNormReleased" {
			wantError(t, l.Commit(a, b), "depends on another batch statistic")
			normtest.Same(t, name, state(l), before)
			commit(t, l, a)
			commit(t, l, b)
		} else {
			commit(t, l, a, b)
		}
	}
}

// TestMergeNothing holds that a pass over nothing merges with any other: a
// statistic that cannot be merged is not.
func TestMergeNothing(t *testing.T) {
	const rows, cols = 64, 8
	for _, name := range stateful {
		a, b := newLayer[float32](t, name, cols), newLayer[float32](t, name, cols)
		wa, wb, none := a.NewWork(rows), b.NewWork(rows), b.NewWork(rows)
		c := newTrial[float32](1, rows, cols, nil)
		pass(t, a, wa, c)
		pass(t, b, wb, c)
		pass(t, b, none, newTrial[float32](2, 0, cols, nil))
		commit(t, a, wa)
		commit(t, b, none, wb)
		normtest.Same(t, name, state(b), state(a))
	}
}
