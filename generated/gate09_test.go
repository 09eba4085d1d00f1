package generated_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/gen/symmetry"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

// TestGate09Workers holds every number of workers, and runs again and again, to the
// same bits: outputs, gradients of inputs and parameters, statistics and states.
func TestGate09Workers(t *testing.T) {
	g := gates.Open(t, 9, "invariance: workers, repeated runs")
	again := gates.Sized(2, 100)
	eachRig(t, 330, 36, func(t *testing.T, first *rig[float32], sizes []int) {
		var want []outcome
		for _, n := range append([]int{1, 2, 3, 4, 7, 16}, slices.Repeat([]int{2}, again)...) {
			pool := runtime.NewGoroutines(n)
			pool.ShareFrom(0)
			r := newRig[float32](t, first.Name(), sizes).Randomize()
			for i, mask := range []string{"all", "holes", "random", "all"} {
				got := mountNew(r, uint64(i), sizes, mask, pool).Train(t)
				if len(want) == i {
					want = append(want, got)
				}
				normtest.Same(t, fmt.Sprint(n, " workers, step ", i), got, want[i])
			}
			pool.Close()
		}
	})
	g.Figure("%d norms, 1, 2, 3, 4, 7 and 16 workers, %d runs again, 0 bits differ", len(names()), again)
}

// TestGate09Rows holds parts of a batch, and its parts in another order, to the bits
// that they have in the whole, where nothing is reduced over the batch.
func TestGate09Rows(t *testing.T) {
	g := gates.Open(t, 9, "invariance: batch slices, row order")
	trained, inferred := 0, 0
	for _, name := range names() {
		u := planned(t)[name]
		if normtest.OneRow(u) {
			continue
		}
		if symmetry.Apart(u.Train.Mode, u.Rows[0]) {
			trained++
			rowsAlone(t, name, true)
		}
		if symmetry.Apart(u.Eval.Mode, u.Rows[0]) {
			inferred++
			rowsAlone(t, name, false)
		}
	}
	if trained < 20 || inferred < 35 {
		t.Errorf("%d norms in training, %d in inference: too few are seen to keep rows apart", trained, inferred)
	}
	g.Figure("%d norms in training, %d in inference, 0 bits differ", trained, inferred)
}

// rowsAlone compares picks of a batch.
func rowsAlone(t *testing.T, name string, train bool) {
	t.Helper()
	const rows, cols = 40, 300
	sizes := normtest.EvenSizes(planned(t)[name], rows, cols)
	r := newRig[float32](t, name, sizes).Randomize()
	if !train {
		mountNew(r, 3, sizes, "all", runtime.Serial).Train(t) // states that are not the first
		r.SetMode(runtime.Frozen)
	}
	random := rand.New(rand.NewPCG(9, 9))
	s := normtest.NewSample[float32](r.Unit, random, sizes, "scales", normtest.Masks(rows)["random"])
	n := sizes[r.Unit.Rows[0]]
	whole := aloneOutcome(t, r, s)
	picks := [][]int{random.Perm(n), random.Perm(n)}
	for lo := range n {
		hi := min(lo+1+lo/2, n)
		part := make([]int, 0, n)
		for i := lo; i < hi; i++ {
			part = append(part, i)
		}
		picks = append(picks, part)
	}
	for _, at := range picks {
		want := outcome{}
		for what, x := range whole {
			want[what] = normtest.Picked(x, n, at)
		}
		normtest.Same(t, fmt.Sprint(name, " rows ", at), aloneOutcome(t, r, s.Pick(r.Unit, at)), want)
	}
}

// aloneOutcome is what has a part for each position along the outermost axis.
func aloneOutcome(t *testing.T, r *rig[float32], s sample[float32]) outcome {
	t.Helper()
	m := r.Mount(r.NewWork(normtest.Along(r.Unit.Rows, s.Sizes)), s, 0)
	if err := m.Forward(); err != nil {
		t.Fatal(r.Name(), err)
	}
	if err := m.Backward(runtime.Overwrite); err != nil {
		t.Fatal(r.Name(), err)
	}
	o := outcome{}
	m.Outputs(t, o)
	m.Gradients(t, o)
	if err := m.Infer(); err != nil {
		t.Fatal(r.Name(), err)
	}
	for i, y := range r.Unit.Layer.Outputs {
		o["inferred "+y.Name] = normtest.Numbers(t, m.Out[i])
	}
	outer := 1 << r.Unit.Rows[0]
	for _, x := range r.Unit.Layer.Inputs {
		if int(x.Axes())&outer == 0 {
			delete(o, "d"+x.Name)
		}
	}
	return o
}
