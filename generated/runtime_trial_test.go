package generated_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
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
	return trial[T]{rows, cols, normtest.Filled[T](r, "scales", rows*cols), normtest.Filled[T](r, "randn", rows*cols), keep}
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
	u := planned(t)[name]
	if !normtest.Shaped(u) {
		return c.keep
	}
	if err := w.Shape(c.rows/2, 2); err != nil {
		t.Fatal(err)
	}
	b := sample[T]{Sizes: normtest.SplitSizes(u, c.rows, c.cols, func(_, n int) int { return max(1, n/2) }), Keep: c.keep}
	return b.Mask(u, u.Layer.Masks[0])
}

// noteLayer adds gradients, statistics and state.
func noteLayer[T runtime.Float](o outcome, l runtime.NormOf[T], w *runtime.WorkOf[T]) {
	for _, g := range l.Grads() {
		normtest.Note(o, "grad "+g.Name, g.Data)
	}
	for _, s := range w.Stats() {
		normtest.Note(o, "stat "+s.Name, s.Values)
		normtest.Note(o, "count of "+s.Name, []float64{s.Count})
	}
	for _, s := range l.State() {
		normtest.Note(o, "state "+s.Name, s.Data)
	}
}

func same(a, b outcome) bool { return normtest.Difference(a, b) == "" }

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
	return newRig[T](t, name, normtest.EvenSizes(planned(t)[name], 2, cols)).Randomize().Norm()
}

// norms lists the layers of one input and one output, any number of rows, and no
// segments.
func norms(t testing.TB) []string {
	t.Helper()
	return slices.DeleteFunc(names(), func(name string) bool {
		u := planned(t)[name]
		return normtest.OneRow(u) || newRig[float32](t, name, normtest.EvenSizes(u, 2, 8)).Norm() == nil
	})
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
	normtest.Note(o, "y", y)
	normtest.Note(o, "dx", dx)
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
