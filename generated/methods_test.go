package generated_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
)

// TestMethods holds the methods of each layer's own type to what the rig does
// without them: they take outputs before inputs, in the order of the spec.
func TestMethods(t *testing.T) {
	for _, name := range names() {
		u := planned(t)[name]
		rows := 40
		if normtest.OneRow(u) {
			rows = 1
		}
		sizes := normtest.EvenSizes(u, rows, 48)
		s := normtest.NewSample[float32](u, rand.New(rand.NewPCG(1, 2)), sizes, "scales", normtest.Masks(rows)["random"])
		a, b := newRig[float32](t, name, sizes).Randomize(), newRig[float32](t, name, sizes).Randomize()
		direct, called := a.Mount(a.NewWork(rows), s, 0), b.Mount(b.NewWork(rows), s, 3)
		want, got := direct.Train(t), outcome{}
		call(t, called, "Forward", views(called.Out, called.In), masksOrNil(called)...)
		called.Outputs(t, got)
		call(t, called, "Backward", views(called.DX, called.DY), reflect.ValueOf(runtime.Overwrite))
		called.Gradients(t, got)
		if err := b.Commit(called.Work); err != nil {
			t.Fatal(err)
		}
		called.Left(got)
		normtest.Same(t, name, got, want)

		clear(got)
		clear(want)
		if err := direct.Infer(); err != nil {
			t.Fatal(err)
		}
		direct.Outputs(t, want)
		infer := "Infer"
		if u.Segments > 0 {
			infer = "InferWith"
		}
		call(t, called, infer, views(called.Out, called.In))
		called.Outputs(t, got)
		normtest.Same(t, name+" inferred", got, want)
	}
}

// call calls a method of the layer's own type: with the work, unless it is Infer,
// with views, and with what else it takes.
func call[T runtime.Float](t *testing.T, m *mount[T], method string, views []reflect.Value, rest ...reflect.Value) {
	t.Helper()
	var args []reflect.Value
	if method != "Infer" {
		args = append(args, reflect.ValueOf(m.Work))
	}
	if m.RowSizes != nil {
		if err := m.Work.Shape(m.RowSizes...); err != nil {
			t.Fatal(err)
		}
	}
	args = append(append(args, views...), rest...)
	if err, _ := reflect.ValueOf(m.Typed).MethodByName(method).Call(args)[0].Interface().(error); err != nil {
		t.Fatal(m.Name(), err)
	}
}

func views[T runtime.Float](first, second []runtime.ViewOf[T]) []reflect.Value {
	var out []reflect.Value
	for _, views := range [][]runtime.ViewOf[T]{first, second} {
		for _, v := range views {
			out = append(out, reflect.ValueOf(v))
		}
	}
	return out
}

// masksOrNil are the masks; methods of layers without one take nil.
func masksOrNil[T runtime.Float](m *mount[T]) []reflect.Value {
	var out []reflect.Value
	for _, k := range m.Masks {
		out = append(out, reflect.ValueOf(k))
	}
	if out == nil {
		out = append(out, reflect.ValueOf([]bool(nil)))
	}
	return out
}
