package runtime

import "testing"

// ringSpec keeps a sum of rows over columns C in a ring[S, C] of the last S
// steps, and infers another way from step 3 on.
func ringSpec() *Spec[float64] {
	const ring, slots = 1, 2
	store := func(y float64) Kernel[float64] {
		return Kernel[float64]{Stages: []Stage[float64]{{Sweep: func(b *Block[float64]) {
			for i := range b.N {
				fill(b.Out[0].Row(i), y)
			}
		}}}}
	}
	return &Spec[float64]{Name: "Ring", Axes: []string{"C", "S"}, Cols: 1, Shapes: []Shape{{0}, ring: {1, 0}, slots: {1}},
		Inputs: tensors("x"), Outputs: tensors("y"),
		States: []VectorSpec{{Name: "ring", Shape: ring}},
		Stats:  []StatSpec{{Name: "sum", Batch: true, Merge: MergeSum}},
		Updates: []UpdateSpec[float64]{{State: 0, Stats: []int{0}, Next: func(u *Updater[float64], next []float64) {
			now := u.Temp[0] // which slot is this step's
			for s := range now {
				now[s] = 0
			}
			now[int(u.Step)%u.Size[1]] = 1
			for i := range next {
				s, j := i/u.Size[0], i%u.Size[0]
				next[i] = Select(now[s] > 0, u.Stat[0][j], u.State[0][i])
			}
		}}},
		Arrays:  Arrays{Wide: []int{0}, Sum: []int{0}, Temp: []int{slots}},
		Scratch: Scratch{Acc: 1},
		Train: []Variant[float64]{{Forward: Kernel[float64]{
			Stages: []Stage[float64]{{Sums: []Sum{{Slot: 0}}, Sweep: func(b *Block[float64]) {
				for i := range b.N {
					for j, x := range b.In[0].Row(i) {
						b.Acc[0][j] += x
					}
				}
			}}},
			Finish: func(f *Frame[float64]) { copy(f.Wide[0], f.Sum[0]) },
			Stats:  []Result{{Index: 0, Slot: 0}},
		}}},
		Infer: []Variant[float64]{{When: func(_ []float64, step float64) bool { return step < 3 }, Forward: store(1)},
			{When: func(_ []float64, step float64) bool { return step >= 3 }, Forward: store(2)}},
	}
}

// TestRing holds a state of more axes than the columns to its shape, an update to
// its scratch, and inference to the variant of its step.
func TestRing(t *testing.T) {
	l := newLayer(t, ringSpec(), 2, 3)
	w := l.NewWork(1)
	y := Matrix(make([]float64, 2), 1, 2)
	for step := 1; step <= 4; step++ {
		w.In(new(Matrix([]float64{float64(step), 10 * float64(step)}, 1, 2)))
		w.Out(&y)
		must(t, w.RunInfer())
		if want := Select(step < 3, 1.0, 2); y.Data[0] != want || y.Data[1] != want {
			t.Fatalf("step %d infers %v, want %v", step, y.Data, want)
		}
		must(t, w.RunForward())
		must(t, l.Commit(w))
	}
	if got := [6]float64(l.State()[0].Data); got != [6]float64{3, 30, 4, 40, 2, 20} {
		t.Fatalf("the ring holds %v", got)
	}
}
