package runtime

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// pairSpec is a layer written by hand, of what no library norm has: two inputs
// and two outputs, a gradient stored in the second sweep and one in the first,
// and statistics that merge by sum, by maximum, and not at all.
//
//	p = a + b, q = a - b; dq is ignored: da = dp, db = dp + mean(dp)
func pairSpec() *Spec[float64] {
	forward := Kernel[float64]{
		Stages: []Stage[float64]{{Sums: []Sum{{Slot: 0}}, Sweep: func(b *Block[float64]) {
			for i := range b.N {
				for j := range b.Cols {
					x, y := b.In[0].Row(i)[j], b.In[1].Row(i)[j]
					b.Out[0].Row(i)[j], b.Out[1].Row(i)[j] = x+y, x-y
					b.Acc[0][j] += x
				}
			}
		}}},
		Finish: func(f *Frame[float64]) {
			copy(f.Wide[0], f.Sum[0])
			for j, x := range f.Sum[0] {
				f.Wide[1][j] = math.Abs(x)
			}
		},
		Stats: []Result{{Index: 0, Slot: 0}, {Index: 1, Slot: 1}, {Index: 2, Slot: 1}},
	}
	backward := Kernel[float64]{Stages: []Stage[float64]{{Sums: []Sum{{Slot: 0}}, Sweep: func(b *Block[float64]) {
		for i := range b.N {
			copy(b.Out[0].Row(i), b.In[0].Row(i))
			for j, g := range b.In[0].Row(i) {
				b.Acc[0][j] += g
			}
		}
	}}, {Sweep: func(b *Block[float64]) {
		for i := range b.N {
			for j, g := range b.In[0].Row(i) {
				b.Out[1].Row(i)[j] = g + b.Sum[0][j]/b.Count[0]
			}
		}
	}}}}
	next := func(stat int) func(u *Updater[float64], next []float64) {
		return func(u *Updater[float64], next []float64) {
			for j := range next {
				next[j] = u.State[0][j] + 100*u.Stat[stat][j] + 1e6*u.Count[stat]
			}
		}
	}
	return &Spec[float64]{
		Name: "Pair", Axes: []string{"C"}, Shapes: []Shape{{0}},
		Inputs: tensors("a", "b"), Outputs: tensors("p", "q"), Grads: []int{0, 1},
		States: []VectorSpec{{Name: "s"}, {Name: "m"}, {Name: "n"}},
		Stats: []StatSpec{{Name: "sum", Batch: true, Merge: MergeSum}, {Name: "max", Batch: true, Merge: MergeMax},
			{Name: "none", Batch: true}},
		Updates: []UpdateSpec[float64]{{State: 0, Stats: []int{0}, Next: next(0)}, {State: 1, Stats: []int{1}, Next: next(1)}},
		Arrays:  Arrays{Wide: []int{0, 0}, Sum: []int{0}},
		Scratch: Scratch{Acc: 1},
		Train:   []Variant[float64]{{Forward: forward, Backward: backward}},
		Infer:   []Variant[float64]{{Forward: forward}},
	}
}

// tensors are whole inputs or outputs of these names.
func tensors(names ...string) []TensorSpec {
	var out []TensorSpec
	for _, n := range names {
		out = append(out, TensorSpec{Name: n})
	}
	return out
}

func newLayer[T Float](t testing.TB, spec *Spec[T], size ...int) *LayerOf[T] {
	t.Helper()
	l := new(LayerOf[T])
	if err := l.Make(spec, size, nil); err != nil {
		t.Fatal(err)
	}
	return l
}

func fullOf(x float64, rows int) View64 {
	v := Matrix(make([]float64, 2*rows), rows, 2)
	fill(v.Data, x)
	return v
}

func forwardPair(t *testing.T, w *WorkOf[float64], a, b float64, rows int) {
	t.Helper()
	w.In(new(fullOf(a, rows)), new(fullOf(b, rows)))
	w.Out(new(fullOf(0, rows)), new(fullOf(0, rows)))
	if err := w.RunForward(); err != nil {
		t.Fatal(err)
	}
	for i, p := range w.out[0].Data {
		if q := w.out[1].Data[i]; p != a+b || q != a-b {
			t.Fatalf("p %v and q %v of %v and %v", p, q, a, b)
		}
	}
}

// TestAccumulateSweeps holds each gradient to one addition, whichever sweep
// stores it, over and over.
func TestAccumulateSweeps(t *testing.T) {
	const rows = 70
	w := newLayer(t, pairSpec(), 2).NewWork(rows)
	forwardPair(t, w, 3, 4, rows)
	da, db := fullOf(10, rows), fullOf(20, rows)
	for n := 1; n <= 3; n++ {
		w.Cotangents(new(fullOf(1, rows)), new(fullOf(math.NaN(), rows)))
		w.Gradients(&da, &db)
		if err := w.RunBackward(Accumulate); err != nil {
			t.Fatal(err)
		}
		for i := range da.Data {
			if da.Data[i] != 10+float64(n) || db.Data[i] != 20+2*float64(n) {
				t.Fatalf("after %d: da %v, db %v", n, da.Data[i], db.Data[i])
			}
		}
	}
}

// TestMergeRules holds sums and maxima of several works, in updates that read
// the state before the step, and the order of works that saw nothing.
func TestMergeRules(t *testing.T) {
	l := newLayer(t, pairSpec(), 2)
	a, b, c := l.NewWork(9), l.NewWork(9), l.NewWork(9)
	forwardPair(t, a, 0, 0, 0)
	forwardPair(t, b, 2, 0, 3)  // sum 6
	forwardPair(t, c, -4, 0, 5) // sum -20
	if err := l.Commit(a, b, c); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{100*-14 + 8e6, 100*20 + 8e6, 0} {
		if got := l.State()[i].Data[1]; got != want {
			t.Errorf("state %d is %v, want %v", i, got, want)
		}
	}
}

// TestMergeNone holds that an update of a statistic that cannot be merged takes
// one work only, and that nothing changes before that is known.
func TestMergeNone(t *testing.T) {
	spec := pairSpec()
	spec.Updates = append(spec.Updates, UpdateSpec[float64]{State: 2, Stats: []int{2}, Next: spec.Updates[1].Next})
	l := newLayer(t, spec, 2)
	a, b := l.NewWork(9), l.NewWork(9)
	forwardPair(t, a, 1, 0, 2)
	forwardPair(t, b, 2, 0, 3)
	if err := l.Commit(a, b); err == nil || !strings.Contains(err.Error(), "none depends on another") {
		t.Fatalf("error %v", err)
	}
	if l.State()[0].Data[0] != 0 || l.Step() != 1 {
		t.Fatal("a refused commit changed the layer")
	}
	if err := l.Commit(b); err != nil || l.State()[2].Data[0] == 0 || l.Step() != 2 {
		t.Fatal(err, l.State(), l.Step())
	}
}

// TestApart holds that a kernel which stores before it last reads does not run
// in place, and that others do.
func TestApart(t *testing.T) {
	run := func(spec *Spec[float64]) (infer, overDp, overA any) {
		w := newLayer(t, spec, 2).NewWork(3)
		attempt := func(f func() error) (p any) {
			defer func() { p = recover() }()
			if err := f(); err != nil {
				t.Fatal(err)
			}
			return nil
		}
		a, b, q := fullOf(1, 3), fullOf(2, 3), fullOf(0, 3)
		infer = attempt(func() error {
			w.In(&a, &b)
			w.Out(&a, &q)
			return w.RunInfer()
		})
		forwardPair(t, w, 1, 2, 3)
		overDp = attempt(func() error {
			w.Cotangents(&a, &b)
			w.Gradients(&a, &q)
			return w.RunBackward(Overwrite)
		})
		forwardPair(t, w, 1, 2, 3)
		overA = attempt(func() error {
			w.Cotangents(&a, &b)
			w.Gradients(&w.inputs[0], &q)
			return w.RunBackward(Overwrite)
		})
		return infer, overDp, overA
	}
	if a, b, c := run(pairSpec()); a != nil || b != nil || c != nil {
		t.Fatalf("in place panics: %v, %v, %v", a, b, c)
	}
	spec := pairSpec()
	spec.Infer[0].Forward.Apart, spec.Train[0].Backward.Apart = true, true
	a, b, c := run(spec)
	if got := fmt.Sprintln(a, b, c); strings.Count(got, "overlaps") != 3 {
		t.Fatal(got)
	}
}

// TestGroupStats holds statistics of groups and rows to their own memory, with
// the number of elements that each is over.
func TestGroupStats(t *testing.T) {
	const columns, groups, inGroup = 0, 1, 2
	spec := &Spec[float64]{Name: "Grouped", Axes: []string{"G", "D"}, Shapes: []Shape{{0, 1}, {0}, {1}},
		Inputs: tensors("x"), Outputs: tensors("y"),
		Stats:  []StatSpec{{Name: "row", Inside: 1 + columns}, {Name: "group", Shape: groups, Inside: 1 + inGroup}},
		Arrays: Arrays{Row: 1, Group: []int{columns, groups}},
		Train: []Variant[float64]{{Forward: Kernel[float64]{
			Stages: []Stage[float64]{{Sweep: func(b *Block[float64]) {
				for i := range b.N {
					b.Row[0][i] = b.In[0].Row(i)[0]
					for g := range b.Extent[groups] {
						b.Group[1][i*b.Extent[groups]+g] = b.In[0].Row(i)[g*b.Extent[inGroup]]
					}
				}
			}}},
			Stats: []Result{{Index: 0, Rank: RowResult}, {Index: 1, Slot: 1, Rank: GroupResult}},
		}}},
	}
	l := newLayer(t, spec, 2, 3)
	w := l.NewWork(40)
	for _, s := range w.Stats() {
		if s.Count != 0 || len(s.Values) != 0 {
			t.Fatalf("before a pass: %v", s)
		}
	}
	x := make([]float64, 35*6)
	for i := range x {
		x[i] = float64(i)
	}
	w.In(new(Matrix(x, 35, 6)))
	w.Out(new(Matrix(make([]float64, 35*6), 35, 6)))
	if err := w.RunForward(); err != nil {
		t.Fatal(err)
	}
	row, group := w.Stats()[0], w.Stats()[1]
	if row.Count != 6 || group.Count != 3 || len(row.Values) != 35 || len(group.Values) != 70 {
		t.Fatal(row, group)
	}
	if row.Values[34] != 34*6 || group.Values[69] != 34*6+3 {
		t.Fatal(row, group)
	}
}
