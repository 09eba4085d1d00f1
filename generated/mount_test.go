package generated_test

import (
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// A mount is a sample in views, with room for what the layer makes of it, on a
// work. The arguments of a pass are set anew before each, as a pass takes them.
type mount[T runtime.Float] struct {
	*rig[T]
	sample[T]
	w       *runtime.WorkOf[T]
	rows    []int // sizes of the row axes, if the work needs them
	in, out []runtime.ViewOf[T]
	dy, dx  []runtime.ViewOf[T]
	masks   [][]bool
}

// gap is what lies between the rows of views that are not dense.
const gap = 77.5

// mount lays a sample out for w, the rows so many elements apart.
func (r *rig[T]) mount(w *runtime.WorkOf[T], b sample[T], apart int) *mount[T] {
	m := &mount[T]{rig: r, sample: b, w: w}
	l := r.unit.Layer
	for _, x := range l.Inputs {
		m.in = append(m.in, m.view(x, b.tensor[x], apart))
	}
	for _, y := range l.Outputs {
		m.out, m.dy = append(m.out, m.view(y, nil, apart)), append(m.dy, m.view(y, b.tensor[y], apart))
	}
	for _, x := range r.unit.Grads {
		m.dx = append(m.dx, m.view(x, nil, apart))
	}
	for _, k := range l.Masks {
		m.masks = append(m.masks, b.mask(r.unit, k))
	}
	if shaped(r.unit) {
		for _, d := range r.unit.Rows {
			m.rows = append(m.rows, b.sizes[d])
		}
	}
	return m
}

// shaped reports whether passes need to know how rows split into axes.
func shaped(u *plan.Unit) bool {
	return u.Segments > 0 || slices.ContainsFunc(u.Layer.Masks, func(m *ir.Leaf) bool { return !slices.Equal(m.Dims, u.Rows) })
}

// view is a tensor in memory of its own.
func (m *mount[T]) view(l *ir.Leaf, data []T, apart int) runtime.ViewOf[T] {
	rows := 1
	for _, d := range m.unit.Rows {
		if slices.Contains(l.Dims, d) {
			rows *= m.sizes[d]
		}
	}
	cols := along(slices.DeleteFunc(slices.Clone(l.Dims), func(d int) bool { return slices.Contains(m.unit.Rows, d) }), m.sizes)
	v := runtime.ViewOf[T]{Data: make([]T, rows*(cols+apart)), Rows: rows, Cols: cols, Stride: cols + apart}
	for i := range v.Data {
		v.Data[i] = gap
	}
	for i := range rows {
		if data != nil {
			copy(v.Row(i), data[i*cols:])
		}
	}
	return v
}

// numbers are the elements of a view in order. What lies between its rows must be
// as it was.
func numbers[T runtime.Float](t testing.TB, v runtime.ViewOf[T]) []float64 {
	t.Helper()
	var out []float64
	for i := range v.Rows {
		out = append(out, widen(v.Row(i))...)
		for _, x := range v.Data[i*v.Stride+v.Cols : (i+1)*v.Stride] {
			if x != gap {
				t.Fatalf("row %d: %v was written behind it", i, x)
			}
		}
	}
	return out
}

// enter sets the arguments of a forward or an inference.
func (m *mount[T]) enter() error {
	if m.rows != nil {
		if err := m.w.Shape(m.rows...); err != nil {
			return err
		}
	}
	for i, k := range m.masks {
		m.w.Keep(i, k)
	}
	m.w.In(m.in...)
	m.w.Out(m.out...)
	return nil
}

func (m *mount[T]) forward() error {
	if err := m.enter(); err != nil {
		return err
	}
	return m.w.RunForward()
}

func (m *mount[T]) infer() error {
	if err := m.enter(); err != nil {
		return err
	}
	return m.w.RunInfer()
}

// turn sets the arguments of a backward.
func (m *mount[T]) turn() {
	m.w.In(m.dy...)
	m.w.Out(m.dx...)
}

func (m *mount[T]) backward(mode runtime.GradMode) error {
	m.turn()
	return m.w.RunBackward(mode)
}

// outputs adds the outputs.
func (m *mount[T]) outputs(t testing.TB, o outcome) {
	t.Helper()
	for i, y := range m.unit.Layer.Outputs {
		o[y.Name] = append(o[y.Name], numbers(t, m.out[i])...)
	}
}

// gradients adds the gradients of the inputs.
func (m *mount[T]) gradients(t testing.TB, o outcome) {
	t.Helper()
	for i, x := range m.unit.Grads {
		o["d"+x.Name] = append(o["d"+x.Name], numbers(t, m.dx[i])...)
	}
}

// left adds what a pass leaves in the layer and its work.
func (m *mount[T]) left(o outcome) {
	for _, g := range m.Grads() {
		o["grad "+g.Name] = widen(g.Data)
	}
	for _, s := range m.w.Stats() {
		if s.Count > 0 {
			o["stat "+s.Name] = s.Values
		}
	}
	for _, s := range m.State() {
		o["state "+s.Name] = widen(s.Data)
	}
}

// step runs forward, backward and commit.
func (m *mount[T]) step(t testing.TB) outcome {
	t.Helper()
	for _, run := range []func() error{m.forward, func() error { return m.backward(runtime.Overwrite) }, func() error { return m.Commit(m.w) }} {
		if err := run(); err != nil {
			t.Fatal(m.Name(), m.sizes, err)
		}
	}
	o := outcome{}
	m.outputs(t, o)
	m.gradients(t, o)
	m.left(o)
	return o
}
