package generated_test

import (
	"math"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// poison normtest.Fills a view with NaN.
func poison(v runtime.View) {
	for i := range v.Data {
		v.Data[i] = float32(math.NaN())
	}
}

// TestStaleWork holds a work that has seen NaN, more rows and other masks to the
// bits of a new one: nothing of a pass lives on.
func TestStaleWork(t *testing.T) {
	eachRig(t, 100, 16, func(t *testing.T, r *rig[float32], sizes []int) {
		more := slices.Clone(sizes)
		if !normtest.OneRow(r.Unit) {
			more[r.Unit.Rows[0]] *= 2
		}
		for mask := range normtest.Masks(1) {
			used, fresh := newRig[float32](t, r.Name(), sizes).Randomize(), newRig[float32](t, r.Name(), sizes).Randomize()
			bad := mountNew(used, 5, more, "all", runtime.Serial)
			for _, x := range bad.In {
				poison(x)
			}
			for range 2 {
				if err := bad.Forward(); err != nil {
					t.Fatal(err)
				}
				for i := range bad.Masks {
					bad.Masks[i] = make([]bool, normtest.Along(r.Unit.Rows, more))
				}
			}
			good, want := mountNew(used, 6, sizes, mask, runtime.Serial), mountNew(fresh, 6, sizes, mask, runtime.Serial)
			good.Work = bad.Work
			got := good.Train(t)
			normtest.Same(t, mask, got, want.Train(t))
			noNaN(t, mask, got)
		}
	})
}

// TestUnread holds a backward to read what its plan says: all other tensors of
// the forward may have changed.
func TestUnread(t *testing.T) {
	eachRig(t, 70, 16, func(t *testing.T, r *rig[float32], sizes []int) {
		want := mountNew(r, 1, sizes, "random", runtime.Serial).Train(t)
		fresh := newRig[float32](t, r.Name(), sizes).Randomize()
		m := mountNew(fresh, 1, sizes, "random", runtime.Serial)
		if err := m.Forward(); err != nil {
			t.Fatal(err)
		}
		got := outcome{}
		m.Outputs(t, got)
		read := readBack(r.Unit)
		for i, x := range r.Unit.Layer.Inputs {
			if !read[x] {
				poison(m.In[i])
			}
		}
		for i, y := range r.Unit.Layer.Outputs {
			if !read[y] {
				poison(m.Out[i])
			}
		}
		if err := m.Backward(runtime.Overwrite); err != nil {
			t.Fatal(err)
		}
		if err := m.Commit(m.Work); err != nil {
			t.Fatal(err)
		}
		m.Gradients(t, got)
		m.Left(got)
		normtest.Same(t, r.Name(), got, want)
	})
}

// readBack are the tensors that some backward of training reads: what its outputs
// depend on, up to what the forward saved.
func readBack(u *plan.Unit) map[*ir.Leaf]bool {
	out := map[*ir.Leaf]bool{}
	for _, v := range u.Train.Variants {
		var visit func(x *ir.Value)
		visit = func(x *ir.Value) {
			if _, saved := v.Backward.Given[x]; saved {
				return
			}
			if x.Op == ir.Load {
				out[x.Leaf] = true
			}
			for _, a := range x.Args {
				visit(a)
			}
		}
		for _, o := range v.Backward.Func.Outs {
			visit(o.Value)
		}
	}
	return out
}

// TestGradientInPlace holds the gradient written over the cotangent to the bits
// that it has elsewhere, for every layer whose plan allows it, and the others to a
// panic.
func TestGradientInPlace(t *testing.T) {
	eachRig(t, 70, 16, func(t *testing.T, r *rig[float32], sizes []int) {
		want := mountNew(r, 1, sizes, "all", runtime.Serial).Train(t)
		fresh := newRig[float32](t, r.Name(), sizes).Randomize()
		m := mountNew(fresh, 1, sizes, "all", runtime.Serial)
		m.DX[0] = m.DY[0]
		if err := m.Forward(); err != nil {
			t.Fatal(err)
		}
		if apart(r.Unit) {
			mustPanic(t, r.Name(), "overlaps", func() { m.Backward(runtime.Overwrite) })
			return
		}
		if err := m.Backward(runtime.Overwrite); err != nil {
			t.Fatal(err)
		}
		got := outcome{}
		m.Gradients(t, got)
		for name, x := range got {
			normtest.Same(t, r.Name(), outcome{name: x}, outcome{name: want[name]})
		}
	})
}

// apart reports whether the first step's backward needs memory of its own.
func apart(u *plan.Unit) bool {
	for _, v := range u.Train.Variants {
		if !v.Masked {
			return v.Backward.Apart()
		}
	}
	return false
}
