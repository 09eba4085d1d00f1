package generated_test

import (
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

// wild are numbers from all of float32: sums overflow, and some are none.
var wild = map[string]func(r *rand.Rand, i int) float64{
	"any bits": func(r *rand.Rand, i int) float64 { return float64(math.Float32frombits(r.Uint32())) },
	"denormal": func(r *rand.Rand, i int) float64 { return float64(math.Float32frombits(r.Uint32() & 0x807fffff)) },
	"special": func(r *rand.Rand, i int) float64 {
		return []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0, 3e38, 1e20, 1}[min(r.IntN(80), 7)]
	},
}

// TestGate08Bits holds Go, AVX2 and AVX-512 to plan.Eval, bit for bit: at every
// width around which loops change, and on so many random elements of each norm.
func TestGate08Bits(t *testing.T) {
	g := gates.Open(t, 8, "bits: plan.Eval, Go, AVX2, AVX-512")
	if len(normtest.ISAs()) < 3 && gates.Release() {
		t.Error("a release is tested where there is AVX-512")
	}
	elements := gates.Sized(20_000, 10_000_000)
	var least, values, none atomic.Int64
	least.Store(math.MaxInt64)
	t.Run("norms", func(t *testing.T) {
		for _, name := range allNames(t) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				b := bitsGate{t: t, name: name, random: rand.New(rand.NewPCG(8, uint64(len(name))))}
				defer b.close()
				b.widths()
				b.elements(elements)
				values.Add(int64(b.compared))
				none.Add(int64(b.none))
				for n := least.Load(); int64(b.done) < n && !least.CompareAndSwap(n, int64(b.done)); n = least.Load() {
				}
			})
		}
	})
	// Where half of the numbers are none, bits say little.
	if none.Load()*2 > values.Load() {
		t.Errorf("%d of %d values are NaN", none.Load(), values.Load())
	}
	g.Figure("%d norms, at least %d random elements each, %d sets of instructions, %d values compared (%.1f %% NaN), 0 differ",
		len(allNames(t)), least.Load(), len(normtest.ISAs()), values.Load(), 100*float64(none.Load())/float64(values.Load()))
}

// bitsGate compares one norm.
type bitsGate struct {
	t                    *testing.T
	name                 string
	random               *rand.Rand
	pools                map[int]*runtime.Goroutines
	done, compared, none int
}

func (b *bitsGate) close() {
	for _, p := range b.pools {
		p.Close()
	}
}

// widths takes each of the widths, with a few rows.
func (b *bitsGate) widths() {
	for i, cols := range guardedCols {
		rows := 1 + i%4
		if i%16 == 15 && cols <= 130 {
			rows = 33
		}
		b.trial(rows, cols, i)
	}
}

// elements takes random shapes and numbers until so many elements were compared.
func (b *bitsGate) elements(n int) {
	for i := 0; b.done < n; i++ {
		size := math.Exp2(16 * b.random.Float64())
		cols := int(math.Exp2(min(11, math.Log2(size)) * b.random.Float64()))
		b.trial(int(size)/cols, cols, i)
	}
}

// trial takes a few steps. One in eight has wild numbers.
func (b *bitsGate) trial(rows, cols, i int) {
	b.t.Helper()
	u := normOf(b.t, b.name).Unit
	if normtest.OneRow(u) {
		rows, cols = 1, max(1, rows)*cols
	}
	sizes := normtest.RandomSizes(u, b.random, rows, cols)
	c := normtest.Trial[float32]{Sizes: sizes, Apart: i % 4, Random: b.random, Pool: b.pool(1 + i%3), First: 1 + i%6}
	fills, kind := normtest.Fills, []string{"randn", "offset", "outlier", "const", "scales"}[i%5]
	if i%8 == 7 {
		fills, kind = wild, []string{"any bits", "denormal", "special"}[i/8%3]
	}
	c.Fill, c.Fills = kind, fills
	var rigs []*rig[float32]
	for _, isa := range normtest.ISAs() {
		rigs = append(rigs, newRigOf[float32](b.t, b.name, sizes, isa).Randomize())
	}
	c.Run(b.t, rigs...)
	b.done += c.Drawn
	b.compared += c.Compared
	b.none += c.None
}

// pool has so many workers, however small the pass is.
func (b *bitsGate) pool(n int) runtime.Pool {
	if b.pools[n] == nil {
		if b.pools == nil {
			b.pools = map[int]*runtime.Goroutines{}
		}
		b.pools[n] = runtime.NewGoroutines(n)
		b.pools[n].ShareFrom(0)
	}
	return b.pools[n]
}
