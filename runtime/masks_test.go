package runtime

import "testing"

// twoMasks counts, in its outputs, which of its two masks keeps each row.
func twoMasks() *Spec[float64] {
	mark := func(b *Block[float64], masked bool) {
		for i := range b.N {
			y := b.Out[0].Row(i)
			y[0], y[1] = 1, 1
			for m := range 2 {
				if masked && !b.Mask[m][i] {
					y[m] = 0
				}
			}
		}
	}
	variant := func(masked bool) Variant[float64] {
		return Variant[float64]{Masked: masked, Forward: Kernel[float64]{Stages: []Stage[float64]{
			{Sweep: func(b *Block[float64]) { mark(b, masked) }}}}}
	}
	return &Spec[float64]{Name: "Two", Axes: []string{"C"}, Shapes: []Shape{{0}}, Inputs: tensors("x"), Outputs: tensors("y"),
		Masks: []MaskSpec{{Name: "keep"}, {Name: "use"}},
		Train: []Variant[float64]{variant(false), variant(true)}, Frozen: []Variant[float64]{variant(false)}}
}

// TestAbsentMask requires that one of two masks may be absent, and then keeps
// every row, also after a pass in which it was present.
func TestAbsentMask(t *testing.T) {
	l := newLayer(t, twoMasks(), 2)
	w := l.NewWork(3)
	x, y := make([]float64, 6), make([]float64, 6)
	pass := func(keep, use []bool) [6]float64 {
		w.In(new(Matrix(x, 3, 2)))
		w.Out(new(Matrix(y, 3, 2)))
		w.Keep(0, keep)
		w.Keep(1, use)
		if err := w.RunForward(); err != nil {
			t.Fatal(err)
		}
		return [6]float64(y)
	}
	some := []bool{true, false, true}
	for _, c := range []struct {
		keep, use []bool
		want      [6]float64
	}{
		{some, some, [6]float64{1, 1, 0, 0, 1, 1}},
		{nil, some, [6]float64{1, 1, 1, 0, 1, 1}},
		{some, nil, [6]float64{1, 1, 0, 1, 1, 1}},
		{nil, nil, [6]float64{1, 1, 1, 1, 1, 1}},
	} {
		if got := pass(c.keep, c.use); got != c.want {
			t.Errorf("masks %v %v: %v, want %v", c.keep, c.use, got, c.want)
		}
	}
	l.SetMode(Frozen)
	if got := pass(some, nil); got != [6]float64{1, 1, 1, 1, 1, 1} {
		t.Errorf("a mode without masked kernels: %v", got)
	}
}

// TestPartialMask holds a mask over the outer of two row axes to the rows that it
// stands for, and one over both in another order.
func TestPartialMask(t *testing.T) {
	spec := twoMasks()
	spec.RowAxes, spec.Masks[0].Order, spec.Masks[1].Order = []string{"N", "S"}, []int{0}, []int{1, 0}
	l := newLayer(t, spec, 2)
	w := l.NewWork(6)
	y := Matrix(make([]float64, 12), 6, 2)
	pass := func(keep, use []bool) error {
		w.In(new(Matrix(make([]float64, 12), 6, 2)))
		w.Out(&y)
		w.Keep(0, keep)
		w.Keep(1, use)
		return w.RunForward()
	}
	keep, use := []bool{true, false}, []bool{true, false, false, true, true, true}
	wantError(t, pass(keep, nil), "mask keep is declared over the row axes")
	wantError(t, pass(nil, use), "call Shape with the sizes of [N S] (now [], for 6 rows)")
	must(t, w.Shape(2, 3))
	wantPanic(t, "mask keep has 6 elements; the sizes [2 3] want 2", func() error { return pass(use, nil) })
	wantPanic(t, "mask use has 2 elements for 6 rows", func() error { return pass(keep, keep) })
	must(t, pass(keep, use))
	want := [12]float64{1, 1, 1, 0, 1, 1, 0, 0, 0, 1, 0, 1}
	if got := [12]float64(y.Data); got != want {
		t.Errorf("the rows keep %v, want %v", got, want)
	}
	if w.raw[1] != 3 || w.raw[2] != 4 {
		t.Errorf("the masks keep %v rows", w.raw[1:])
	}
}

// TestMaskOfSegment requires that a step reads the mask of its segment, and that one
// without rows is left out.
func TestMaskOfSegment(t *testing.T) {
	keep := []bool{true, true, false, false}
	for lo, want := range map[int]bool{0: true, 2: false} {
		if got := ofSegment(keep, lo); len(got) != 1 || got[0] != want {
			t.Errorf("row %d: %v, want %v", lo, got, want)
		}
	}
	if got := ofSegment(nil, 0); len(got) != 1 || got[0] {
		t.Errorf("no rows: %v", got)
	}
}
