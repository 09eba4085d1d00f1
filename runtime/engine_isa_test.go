package runtime

import (
	"fmt"
	"slices"
	"testing"
)

// reduceSpec reduces columns in every way that the engine joins: y = 2x in the
// forward, with sums and moments of x; the backward is dx = 2dy. Its "assembly" is
// the same Go, so what differs is what the engine does around it.
func reduceSpec() *Spec[float32] {
	sweep := func(b *Block[float32]) {
		b.ColumnMoments(0, b.In[0])
		for i := range b.N {
			for j, x := range b.In[0].Row(i) {
				b.Out[0].Row(i)[j] = 2 * x
				b.Acc[0][j] += x
			}
		}
	}
	double := func(b *Block[float32]) {
		for i := range b.N {
			for j, g := range b.In[0].Row(i) {
				b.Out[0].Row(i)[j] = 2 * g
			}
		}
	}
	var assembly []Assembly
	for i := Portable + 1; i <= largest; i++ {
		assembly = append(assembly, Assembly{ISA: i, Sweeps: map[string]func(b *Block[float32]){"reduce": sweep, "double": double}})
	}
	return &Spec[float32]{Name: "Reduce", Axes: []string{"C"}, Shapes: []Shape{{0}}, Inputs: tensors("x"), Outputs: tensors("y"), Grads: []int{0},
		Arrays: Arrays{Sum: []int{0}, Moment: []int{0}}, Scratch: Scratch{Acc: 1},
		Train: []Variant[float32]{{
			Forward:  Kernel[float32]{Stages: []Stage[float32]{{Name: "reduce", Sweep: sweep, Sums: []Sum{{}}, Moments: []Moment{{}}}}},
			Backward: Kernel[float32]{Stages: []Stage[float32]{{Name: "double", Sweep: double}}},
		}},
		Assembly: assembly}
}

// TestEngineISA holds the joins of the engine to one result, whatever the ISA and
// the number of workers.
func TestEngineISA(t *testing.T) {
	for _, cols := range []int{1, 7, 37, 300} {
		var want string
		for i := Portable; Supported(i); i++ {
			for workers := 1; workers <= 3; workers++ {
				got := reduced(t, i, workers, cols)
				if want == "" {
					want = got
				}
				if got != want {
					t.Fatalf("%v, %d workers, %d columns: other bits than Go with one", i, workers, cols)
				}
			}
		}
	}
}

// reduced prints every bit that a pass leaves.
func reduced(t *testing.T, isa ISA, workers, cols int) string {
	t.Setenv(ISAVariable, isa.String())
	const rows = 1000
	l := newLayer(t, reduceSpec(), cols)
	if l.ISA() != isa {
		t.Fatalf("the layer uses %v, not %v", l.ISA(), isa)
	}
	p := NewGoroutines(workers)
	defer p.Close()
	p.ShareFrom(0)
	w := l.NewWork(rows)
	w.SetPool(p)
	x := hardFill("scales", rows*cols)
	y, dy, dx := slices.Clone(x), slices.Clone(x), slices.Clone(x)
	w.In(new(Matrix(x, rows, cols)))
	w.Out(new(Matrix(y, rows, cols)))
	if err := w.RunForward(); err != nil {
		t.Fatal(err)
	}
	w.Cotangents(new(Matrix(dy, rows, cols)))
	w.Gradients(new(Matrix(dx, rows, cols)))
	if err := w.RunBackward(Accumulate); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x %x %x %x %x", w.frame.Sum, w.frame.Mean, w.frame.SS, y, dx)
}
