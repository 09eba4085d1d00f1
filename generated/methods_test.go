package generated_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/normgen/normgen/runtime"
)

// TestMethods holds the methods of each layer's own type to what the rig does
// without them: they take outputs before inputs, in the order of the spec.
func TestMethods(t *testing.T) {
	for _, name := range names() {
		u := planned(t)[name]
		rows := 40
		if oneRow(u) {
			rows = 1
		}
		sizes := evenSizes(u, rows, 48)
		s := newSample[float32](u, rand.New(rand.NewPCG(1, 2)), sizes, "scales", shardMasks(rows)["random"])
		a, b := newRig[float32](t, name, sizes).randomize(), newRig[float32](t, name, sizes).randomize()
		direct, called := a.mount(a.NewWork(rows), s, 0), b.mount(b.NewWork(rows), s, 3)
		want, got := direct.step(t), outcome{}
		called.call(t, "Forward", called.views(called.out, called.in), called.masksOrNil()...)
		called.outputs(t, got)
		called.call(t, "Backward", called.views(called.dx, called.dy), reflect.ValueOf(runtime.Overwrite))
		called.gradients(t, got)
		if err := b.Commit(called.w); err != nil {
			t.Fatal(err)
		}
		called.left(got)
		sameOutcome(t, name, got, want)

		clear(got)
		clear(want)
		if err := direct.infer(); err != nil {
			t.Fatal(err)
		}
		direct.outputs(t, want)
		infer := "Infer"
		if u.Segments > 0 {
			infer = "InferWith"
		}
		called.call(t, infer, called.views(called.out, called.in))
		called.outputs(t, got)
		sameOutcome(t, name+" inferred", got, want)
	}
}

// call calls a method of the layer's own type: with the work, unless it is Infer,
// with views, and with what else it takes.
func (m *mount[T]) call(t *testing.T, method string, views []reflect.Value, rest ...reflect.Value) {
	t.Helper()
	var args []reflect.Value
	if method != "Infer" {
		args = append(args, reflect.ValueOf(m.w))
	}
	if m.rows != nil {
		if err := m.w.Shape(m.rows...); err != nil {
			t.Fatal(err)
		}
	}
	args = append(append(args, views...), rest...)
	if err, _ := reflect.ValueOf(m.typed).MethodByName(method).Call(args)[0].Interface().(error); err != nil {
		t.Fatal(m.Name(), err)
	}
}

func (m *mount[T]) views(first, second []runtime.ViewOf[T]) []reflect.Value {
	var out []reflect.Value
	for _, views := range [][]runtime.ViewOf[T]{first, second} {
		for _, v := range views {
			out = append(out, reflect.ValueOf(v))
		}
	}
	return out
}

// masksOrNil are the masks; methods of layers without one take nil.
func (m *mount[T]) masksOrNil() []reflect.Value {
	var out []reflect.Value
	for _, k := range m.masks {
		out = append(out, reflect.ValueOf(k))
	}
	if out == nil {
		out = append(out, reflect.ValueOf([]bool(nil)))
	}
	return out
}
