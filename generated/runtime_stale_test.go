package generated_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// TestWorkers holds every number of workers, and a second run, to the same bits.
func TestWorkers(t *testing.T) {
	eachRig(t, 330, 36, func(t *testing.T, first *rig[float32], sizes []int) {
		var want []outcome
		for _, n := range []int{1, 2, 3, 7, 16, 1} {
			pool := runtime.NewGoroutines(n)
			pool.ShareFrom(0)
			r := newRig[float32](t, first.Name(), sizes).randomize()
			for i, mask := range []string{"all", "holes", "random", "all"} {
				got := r.mountNew(uint64(i), sizes, mask, pool).step(t)
				if len(want) == i {
					want = append(want, got)
				}
				sameOutcome(t, fmt.Sprint(n, " workers, step ", i), got, want[i])
			}
			pool.Close()
		}
	})
}

// TestRowsAlone holds the rows of a norm inside rows to the bits they have alone.
func TestRowsAlone(t *testing.T) {
	for _, name := range []string{"LayerNorm", "RMSNorm"} {
		const rows, cols = 40, 300
		l := newLayer[float32](t, name, cols)
		w := l.NewWork(rows)
		all := newTrial[float32](1, rows, cols, nil)
		want := step(t, l, w, all)
		for lo := 0; lo < rows; lo += 7 {
			hi := min(lo+1+lo/2, rows)
			got := step(t, l, w, all.slice(lo, hi))
			for _, what := range []string{"y", "dx"} {
				sameOutcome(t, name, outcome{what: got[what]}, outcome{what: want[what][lo*cols : hi*cols]})
			}
		}
	}
}

// poison fills a view with NaN.
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
		if !oneRow(r.unit) {
			more[r.unit.Rows[0]] *= 2
		}
		for mask := range shardMasks(1) {
			used, fresh := newRig[float32](t, r.Name(), sizes).randomize(), newRig[float32](t, r.Name(), sizes).randomize()
			bad := used.mountNew(5, more, "all", runtime.Serial)
			for _, x := range bad.in {
				poison(x)
			}
			for range 2 {
				if err := bad.forward(); err != nil {
					t.Fatal(err)
				}
				for i := range bad.masks {
					bad.masks[i] = make([]bool, along(r.unit.Rows, more))
				}
			}
			good, want := used.mountNew(6, sizes, mask, runtime.Serial), fresh.mountNew(6, sizes, mask, runtime.Serial)
			good.w = bad.w
			got := good.step(t)
			sameOutcome(t, mask, got, want.step(t))
			noNaN(t, mask, got)
		}
	})
}

// TestUnread holds a backward to read what its plan says: all other tensors of
// the forward may have changed.
func TestUnread(t *testing.T) {
	eachRig(t, 70, 16, func(t *testing.T, r *rig[float32], sizes []int) {
		want := r.mountNew(1, sizes, "random", runtime.Serial).step(t)
		fresh := newRig[float32](t, r.Name(), sizes).randomize()
		m := fresh.mountNew(1, sizes, "random", runtime.Serial)
		if err := m.forward(); err != nil {
			t.Fatal(err)
		}
		got := outcome{}
		m.outputs(t, got)
		read := readBack(r.unit)
		for i, x := range r.unit.Layer.Inputs {
			if !read[x] {
				poison(m.in[i])
			}
		}
		for i, y := range r.unit.Layer.Outputs {
			if !read[y] {
				poison(m.out[i])
			}
		}
		if err := m.backward(runtime.Overwrite); err != nil {
			t.Fatal(err)
		}
		if err := m.Commit(m.w); err != nil {
			t.Fatal(err)
		}
		m.gradients(t, got)
		m.left(got)
		sameOutcome(t, r.Name(), got, want)
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
		want := r.mountNew(1, sizes, "all", runtime.Serial).step(t)
		fresh := newRig[float32](t, r.Name(), sizes).randomize()
		m := fresh.mountNew(1, sizes, "all", runtime.Serial)
		m.dx[0] = m.dy[0]
		if err := m.forward(); err != nil {
			t.Fatal(err)
		}
		if apart(r.unit) {
			mustPanic(t, r.Name(), "overlaps", func() { m.backward(runtime.Overwrite) })
			return
		}
		if err := m.backward(runtime.Overwrite); err != nil {
			t.Fatal(err)
		}
		got := outcome{}
		m.gradients(t, got)
		for name, x := range got {
			sameOutcome(t, r.Name(), outcome{name: x}, outcome{name: want[name]})
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
