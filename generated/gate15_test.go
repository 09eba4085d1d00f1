package generated_test

import (
	"math"
	goruntime "runtime"
	"runtime/metrics"
	"sync/atomic"
	"testing"

	"github.com/normgen/normgen/generated/scale"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

// TestGate15Collection holds how long a garbage collection waits for passes over 256
// MiB, of many rows and of one, to stop: Go cannot interrupt assembly, so no call of it
// may be long.
func TestGate15Collection(t *testing.T) {
	if !gates.Release() { // a size, not the machine: beside other tests a collection waits for the processor
		t.Skip("it measures time: on an idle machine, before a release")
	}
	g := gates.Open(t, 15, "GC waits while 256 MiB are normalized")
	const elements, limit = 256 << 20 / 4, 1e-3
	x, y := make([]float32, elements), make([]float32, elements)
	for i := range x {
		x[i] = float32(i % 97)
	}
	defer goruntime.GOMAXPROCS(goruntime.GOMAXPROCS(2))
	layer, err := standard.NewLayerNorm(1024, standard.LayerNormOptions{})
	if err != nil {
		t.Fatal(err)
	}
	row, err := scale.NewL2Norm(elements/4, scale.L2NormOptions{})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := standard.NewBatchNorm(1024, standard.BatchNormOptions{})
	if err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for _, l := range []runtime.Norm{layer, batch, row} {
		rows := elements / l.Cols()
		w := l.NewWork(rows)
		worst = max(worst, collected(t, func() {
			if err := l.Forward(w, runtime.Matrix(y, rows, l.Cols()), runtime.Matrix(x, rows, l.Cols()), nil); err != nil {
				t.Error(err)
			}
		}))
	}
	if worst > limit {
		t.Errorf("a collection waited up to %.3g s, at most %.3g are allowed", worst, limit)
	}
	g.Figure("at most %.3g ms of 1", 1e3*worst)
}

// collected runs f over and over while garbage is collected 100 times, and returns the
// upper end of the slowest stop.
func collected(t *testing.T, f func()) float64 {
	t.Helper()
	sample := []metrics.Sample{{Name: "/sched/pauses/stopping/gc:seconds"}}
	metrics.Read(sample)
	before := append([]uint64{}, sample[0].Value.Float64Histogram().Counts...)
	var done atomic.Bool
	go func() {
		for range 100 {
			goruntime.GC()
		}
		done.Store(true)
	}()
	for !done.Load() {
		f()
	}
	metrics.Read(sample)
	h, worst := sample[0].Value.Float64Histogram(), 0.0
	for i, n := range h.Counts {
		if n > before[i] {
			worst = h.Buckets[i+1]
			if math.IsInf(worst, 1) {
				worst = h.Buckets[i]
			}
		}
	}
	return worst
}
