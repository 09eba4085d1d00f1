package runtime

import "testing"

// swapSpec has two states over the columns that take each other's value at each
// step, so that an update which is stored before the next is computed shows.
func swapSpec() *Spec[float64] {
	swap := func(to, from int) UpdateSpec[float64] {
		return UpdateSpec[float64]{State: to, Next: func(u *Updater[float64], next []float64) { copy(next, u.State[from]) }}
	}
	return &Spec[float64]{Name: "Swap", Axes: []string{"C"}, Cols: 1, Shapes: []Shape{{0}},
		Inputs: tensors("x"), Outputs: tensors("y"),
		States:  []VectorSpec{{Name: "a", Init: 1}, {Name: "b", Init: 2}},
		Updates: []UpdateSpec[float64]{swap(0, 1), swap(1, 0)},
		Train:   []Variant[float64]{{Forward: Kernel[float64]{Stages: []Stage[float64]{{Sweep: func(*Block[float64]) {}}}}}},
	}
}

// TestUpdatesReadOldStates holds updates to the states before the step, in either
// order.
func TestUpdatesReadOldStates(t *testing.T) {
	l := newLayer(t, swapSpec(), 2)
	w := l.NewWork(1)
	y := Matrix(make([]float64, 2), 1, 2)
	for step, want := range [][2]float64{{2, 1}, {1, 2}} {
		w.In(new(Matrix([]float64{0, 0}, 1, 2)))
		w.Out(&y)
		must(t, w.RunForward())
		must(t, l.Commit(w))
		for i, state := range l.State() {
			if got := [2]float64(state.Data); got != [2]float64{want[i], want[i]} {
				t.Errorf("after step %d %s is %v, want %v", step+1, l.spec.States[i].Name, got, want[i])
			}
		}
	}
}
