package generated_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
)

// shapes are rows and columns around blocks, lanes and row blocks. Those of
// several axes split at random: 99 rows into 3 segments of 33, 514 columns into 2
// groups of 257.
var shapes = []struct{ rows, cols int }{
	{0, 8}, {1, 1}, {1, 60}, {1, 257}, {2, 12}, {31, 32}, {33, 36}, {65, 64}, {96, 31}, {99, 33}, {130, 28}, {12, 514}, {7, 768}, {160, 4}, {1, 1030},
}

// TestBits holds generated code to plan.Eval, bit for bit: outputs, gradients,
// statistics and states over several steps, with and without masks, frozen and in
// inference, in both storage types, on every instruction set of the machine, for
// several numbers of workers, in views that are dense and in parts of wider ones.
func TestBits(t *testing.T) {
	for _, name := range names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachBits(name, func(b bits) {
				bitsOf[float32](t, b, normtest.ISAs()...)
				bitsOf[float64](t, b, runtime.Portable)
			})
		})
	}
}

// eachBits calls f for each shape, with other numbers, strides, steps and workers.
func eachBits(name string, f func(b bits)) {
	kinds := slices.Sorted(maps.Keys(normtest.Fills))
	for i, s := range shapes {
		pool := runtime.NewGoroutines([]int{1, 2, 3, 7}[i%4])
		pool.ShareFrom(0)
		f(bits{name, s.rows, s.cols, kinds[i%len(kinds)], i % 3 * 5, []int{1, 4}[i%2], uint64(i), pool})
		pool.Close()
	}
}

// TestOrders does so for rows that assembly takes in other orders and writes past the
// caches: few rows from end to end are for tensors that are too large to compare here.
func TestOrders(t *testing.T) {
	runtime.NearBelow(0)
	runtime.StreamAbove(1)
	defer runtime.NearBelow(-1)
	defer runtime.StreamAbove(0)
	for _, name := range names() {
		t.Run(name, func(t *testing.T) {
			for i, s := range []struct{ rows, cols int }{{33, 64}, {71, 36}, {130, 48}, {7, 768}, {12, 514}, {5, 16*1024 + 40}} {
				b := bits{name, s.rows, s.cols, "scales", i % 3 * 16, []int{1, 4}[i%2], uint64(i), runtime.Serial}
				bitsOf[float32](t, b, normtest.ISAs()...)
			}
		})
	}
}

// bits says which steps of which layer are compared.
type bits struct {
	name       string
	rows, cols int
	fill       string
	apart      int
	first      int
	seed       uint64
	pool       runtime.Pool
}

// bitsOf returns how many values were compared.
func bitsOf[T runtime.Float](t *testing.T, b bits, isas ...runtime.ISA) int {
	t.Helper()
	u := normOf(t, b.name).Unit
	if normtest.OneRow(u) && b.rows != 1 {
		return 0
	}
	g := rand.New(rand.NewPCG(b.seed, uint64(b.rows*1000+b.cols)))
	sizes := normtest.RandomSizes(u, g, b.rows, b.cols)
	var rigs []*rig[T]
	for _, isa := range isas {
		rigs = append(rigs, newRigOf[T](t, b.name, sizes, isa).Randomize())
	}
	c := normtest.Trial[T]{Fill: b.fill, Sizes: sizes, Apart: b.apart, Random: g, Pool: b.pool, First: b.first}
	c.Run(t, rigs...)
	return c.Compared
}
