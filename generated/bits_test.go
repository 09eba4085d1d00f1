package generated_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// fills are the numbers that bits are compared on: easy ones, means far from
// zero, outliers that trip the guards, constants, and a wide range of scales.
var fills = map[string]func(r *rand.Rand, i int) float64{
	"randn":   func(r *rand.Rand, i int) float64 { return r.NormFloat64() },
	"offset":  func(r *rand.Rand, i int) float64 { return 1e4 + r.NormFloat64() },
	"outlier": func(r *rand.Rand, i int) float64 { return math.Exp(12*float64(1/(1+i%97))) * r.NormFloat64() },
	"const":   func(r *rand.Rand, i int) float64 { return 0.1 },
	"scales":  func(r *rand.Rand, i int) float64 { return r.NormFloat64() * math.Exp2(20*r.Float64()-10) },
}

func filled[T runtime.Float](r *rand.Rand, fill string, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = T(float32(fills[fill](r, i)))
	}
	return out
}

// shapes are rows and columns around blocks, lanes and row blocks. Those of
// several axes split at random: 99 rows into 3 segments of 33, 514 columns into 2
// groups of 257.
var shapes = []struct{ rows, cols int }{
	{0, 8}, {1, 1}, {1, 60}, {1, 257}, {2, 12}, {31, 32}, {33, 36}, {65, 64}, {96, 31}, {99, 33}, {130, 28}, {12, 514}, {7, 768}, {160, 4}, {1, 1030},
}

// TestBits holds generated Go to plan.Eval, bit for bit: outputs, gradients,
// statistics and states over several steps, with and without masks, frozen and in
// inference, in both storage types, on every instruction set of the machine, for several numbers of workers, in views that
// are dense and in parts of wider ones.
func TestBits(t *testing.T) {
	for _, name := range names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, isa := range isas() {
				bitsOf[float32](t, name, isa)
			}
			bitsOf[float64](t, name, runtime.Portable)
		})
	}
}

func bitsOf[T runtime.Float](t *testing.T, name string, isa runtime.ISA) {
	u, kinds := planned(t)[name], slices.Sorted(maps.Keys(fills))
	for i, s := range shapes {
		if oneRow(u) && s.rows != 1 {
			continue
		}
		g := rand.New(rand.NewPCG(uint64(i), uint64(s.rows*1000+s.cols)))
		sizes := splitSizes(u, s.rows, s.cols, func(_, n int) int { return anyDivisor(g, n) })
		c := comparison[T]{fill: kinds[i%len(kinds)], isa: isa, apart: i % 3 * 5, workers: []int{1, 2, 3, 7}[i%4], sizes: sizes, random: g}
		c.run(t, newRigOf[T](t, name, sizes, isa).randomize(), []int{1, 4}[i%2])
	}
}

func anyDivisor(g *rand.Rand, n int) int {
	for {
		if d := 1 + g.IntN(n); n%d == 0 {
			return d
		}
	}
}

// A comparison is a few steps of one layer at one size.
type comparison[T runtime.Float] struct {
	fill    string
	isa     runtime.ISA
	apart   int // elements between rows
	workers int
	sizes   []int
	random  *rand.Rand
	ref     *reference[T]
	w       *runtime.WorkOf[T]
}

// run takes steps from the first on: without a mask, with one that keeps some
// rows, none and all, and at last a frozen one and an inference.
func (c *comparison[T]) run(t *testing.T, r *rig[T], first int) {
	t.Helper()
	if err := r.SetStep(first); err != nil {
		t.Fatal(err)
	}
	c.ref = newReference(t, r, c.sizes)
	pool := runtime.NewGoroutines(c.workers)
	pool.ShareFrom(0)
	defer pool.Close()
	rows := along(r.unit.Rows, c.sizes)
	c.w = r.NewWork(rows)
	c.w.SetPool(pool)
	masks := shardMasks(rows)
	for _, keep := range [][]bool{nil, masks["holes"], masks["nothing"], slices.Repeat([]bool{true}, rows)} {
		c.step(t, r, r.unit.Train, true, keep)
		if len(r.unit.Layer.Masks) == 0 && len(r.unit.Layer.States) == 0 {
			break // every step is as the first
		}
	}
	r.SetMode(runtime.Frozen)
	c.step(t, r, r.unit.Eval, false, masks["random"])
	c.infer(t, r)
}

func (c *comparison[T]) draw(r *rig[T], keep []bool) (sample[T], string) {
	b := newSample[T](r.unit, c.random, c.sizes, c.fill, keep)
	c.ref.take(b)
	return b, fmt.Sprintf("%s %v sizes %v %s, %d of %d kept, step %d, %d workers", r.Name(), c.isa, c.sizes, c.fill, kept(b.keep), len(b.keep), r.Step(), c.workers)
}

func (c *comparison[T]) step(t *testing.T, r *rig[T], mode *plan.Mode, train bool, keep []bool) {
	t.Helper()
	b, what := c.draw(r, keep)
	m := r.mount(c.w, b, c.apart)
	err := m.forward()
	if c.ref.refuses(t, mode, train) {
		if err == nil {
			t.Fatalf("%s: not refused", what)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if err := m.backward(runtime.Overwrite); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	got, want := outcome{}, c.ref.pass(mode, b)
	if train {
		c.ref.update(t, mode, want)
		if err := r.Commit(c.w); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	m.outputs(t, got)
	m.gradients(t, got)
	m.left(got)
	sameOutcome(t, what, got, want)
}

func (c *comparison[T]) infer(t *testing.T, r *rig[T]) {
	t.Helper()
	b, what := c.draw(r, nil)
	m := r.mount(c.w, b, c.apart)
	err := m.infer()
	if c.ref.refuses(t, r.unit.Eval, false) {
		if err == nil {
			t.Fatalf("%s: inference is not refused", what)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	got := outcome{}
	m.outputs(t, got)
	sameOutcome(t, what+" inferred", got, c.ref.infer(b))
}
