package normtest

import (
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// A Mount is a sample in views, with room for what the layer makes of it, on a
// work. The arguments of a pass are set anew before each, as a pass takes them.
type Mount[T runtime.Float] struct {
	*Rig[T]
	Sample[T]
	Work     *runtime.WorkOf[T]
	RowSizes []int // of the row axes, if the work needs them
	In, Out  []runtime.ViewOf[T]
	DY, DX   []runtime.ViewOf[T]
	Masks    [][]bool

	pointers []*runtime.ViewOf[T]
}

// gap is what lies between the rows of views that are not dense.
const gap = 77.5

// Mount lays a sample out for w, the rows so many elements apart.
func (r *Rig[T]) Mount(w *runtime.WorkOf[T], b Sample[T], apart int) *Mount[T] {
	m := &Mount[T]{Rig: r, Sample: b, Work: w}
	l := r.Unit.Layer
	for _, x := range l.Inputs {
		m.In = append(m.In, m.view(x, b.Tensor[x], apart))
	}
	for _, y := range l.Outputs {
		m.Out, m.DY = append(m.Out, m.view(y, nil, apart)), append(m.DY, m.view(y, b.Tensor[y], apart))
	}
	for _, x := range r.Unit.Grads {
		m.DX = append(m.DX, m.view(x, nil, apart))
	}
	for _, k := range l.Masks {
		m.Masks = append(m.Masks, b.Mask(r.Unit, k))
	}
	if Shaped(r.Unit) {
		for _, d := range r.Unit.Rows {
			m.RowSizes = append(m.RowSizes, b.Sizes[d])
		}
	}
	return m
}

// Shaped reports whether passes need to know how rows split into axes.
func Shaped(u *plan.Unit) bool {
	return u.Segments > 0 || slices.ContainsFunc(u.Layer.Masks, func(m *ir.Leaf) bool { return !slices.Equal(m.Dims, u.Rows) })
}

// view is a tensor in memory of its own.
func (m *Mount[T]) view(l *ir.Leaf, data []T, apart int) runtime.ViewOf[T] {
	rows := 1
	for _, d := range m.Unit.Rows {
		if slices.Contains(l.Dims, d) {
			rows *= m.Sizes[d]
		}
	}
	cols := Along(slices.DeleteFunc(slices.Clone(l.Dims), func(d int) bool { return slices.Contains(m.Unit.Rows, d) }), m.Sizes)
	v := runtime.ViewOf[T]{Data: make([]T, max(0, rows*(cols+apart)-apart)), Rows: rows, Cols: cols, Stride: cols + apart}
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

// Numbers are the elements of a view in order. What lies between its rows must be
// as it was.
func Numbers[T runtime.Float](t testing.TB, v runtime.ViewOf[T]) []float64 {
	t.Helper()
	var out []float64
	for i := range v.Rows {
		out = append(out, Widen(v.Row(i))...)
		for _, x := range v.Data[i*v.Stride+v.Cols : min((i+1)*v.Stride, len(v.Data))] {
			if x != gap {
				t.Fatalf("row %d: %v was written behind it", i, x)
			}
		}
	}
	return out
}

// Enter sets the arguments of a forward or an inference.
func (m *Mount[T]) Enter() error {
	if m.RowSizes != nil {
		if err := m.Work.Shape(m.RowSizes...); err != nil {
			return err
		}
	}
	for i, k := range m.Masks {
		m.Work.Keep(i, k)
	}
	m.Work.In(m.each(m.In)...)
	m.Work.Out(m.each(m.Out)...)
	return nil
}

// each points at views, in memory that the next call takes.
func (m *Mount[T]) each(views []runtime.ViewOf[T]) []*runtime.ViewOf[T] {
	m.pointers = m.pointers[:0]
	for i := range views {
		m.pointers = append(m.pointers, &views[i])
	}
	return m.pointers
}

// Forward runs a forward pass.
func (m *Mount[T]) Forward() error {
	if err := m.Enter(); err != nil {
		return err
	}
	return m.Work.RunForward()
}

// Infer runs an inference.
func (m *Mount[T]) Infer() error {
	if err := m.Enter(); err != nil {
		return err
	}
	return m.Work.RunInfer()
}

// Turn sets the arguments of a backward.
func (m *Mount[T]) Turn() {
	m.Work.Cotangents(m.each(m.DY)...)
	m.Work.Gradients(m.each(m.DX)...)
}

// Backward runs a backward pass.
func (m *Mount[T]) Backward(mode runtime.GradMode) error {
	m.Turn()
	return m.Work.RunBackward(mode)
}

// Outputs adds the outputs.
func (m *Mount[T]) Outputs(t testing.TB, o Outcome) {
	t.Helper()
	for i, y := range m.Unit.Layer.Outputs {
		o[y.Name] = append(o[y.Name], Numbers(t, m.Out[i])...)
	}
}

// Gradients adds the gradients of the inputs.
func (m *Mount[T]) Gradients(t testing.TB, o Outcome) {
	t.Helper()
	for i, x := range m.Unit.Grads {
		o["d"+x.Name] = append(o["d"+x.Name], Numbers(t, m.DX[i])...)
	}
}

// Left adds what a pass leaves in the layer and its work.
func (m *Mount[T]) Left(o Outcome) {
	for _, g := range m.Grads() {
		o["grad "+g.Name] = Widen(g.Data)
	}
	for _, s := range m.Work.Stats() {
		if s.Count > 0 {
			o["stat "+s.Name] = s.Values
		}
	}
	for _, s := range m.State() {
		o["state "+s.Name] = Widen(s.Data)
	}
}

// Train runs forward, backward and commit.
func (m *Mount[T]) Train(t testing.TB) Outcome {
	t.Helper()
	for _, run := range []func() error{m.Forward, func() error { return m.Backward(runtime.Overwrite) }, func() error { return m.Commit(m.Work) }} {
		if err := run(); err != nil {
			t.Fatal(m.Name(), m.Sizes, err)
		}
	}
	o := Outcome{}
	m.Outputs(t, o)
	m.Gradients(t, o)
	m.Left(o)
	return o
}
