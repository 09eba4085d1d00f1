package generated_test

import (
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
