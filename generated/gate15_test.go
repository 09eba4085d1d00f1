package generated_test

import (
	"math"
	goruntime "runtime"
	"runtime/metrics"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/scale"
	"github.com/normgen/normgen/generated/spatial"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

// TestGate15Collection holds how long a garbage collection waits for passes over 256
// MiB to stop, of many rows and of few long ones: Go cannot interrupt assembly, so no
// call of it may be long. TestCalls holds the calls to that at every push.
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
	worst := 0.0
	norm := func(l runtime.Norm, err error) runtime.Norm {
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, c := range []struct {
		runtime.Norm
		masked bool
	}{
		{norm(standard.NewLayerNorm(1024, standard.LayerNormOptions{})), false},
		{norm(standard.NewLayerNorm(elements/4, standard.LayerNormOptions{})), false},
		{norm(scale.NewL2Norm(elements/4, scale.L2NormOptions{})), false},
		{norm(spatial.NewInstanceNormNCS(4, elements/16, spatial.InstanceNormNCSOptions{})), false},
		{norm(standard.NewBatchNorm(1024, standard.BatchNormOptions{})), false},
		{norm(standard.NewBatchNorm(elements/16, standard.BatchNormOptions{})), false},
		{norm(standard.NewBatchNorm(elements/16, standard.BatchNormOptions{})), true},
		{norm(powernorm.NewPowerNorm(elements/16, powernorm.PowerNormOptions{})), true},
	} {
		l := c.Norm
		rows := elements / l.Cols()
		w := l.NewWork(rows)
		in, out := runtime.Matrix(x, rows, l.Cols()), runtime.Matrix(y, rows, l.Cols())
		var keep []bool
		if c.masked {
			keep = slices.Repeat([]bool{true, false}, rows/2)
		}
		for what, pass := range map[string]func() error{
			"forward":  func() error { return l.Forward(w, out, in, keep) },
			"backward": func() error { return l.Backward(w, out, in, runtime.Overwrite) },
		} {
			if err := l.Forward(w, out, in, keep); err != nil {
				t.Fatal(err)
			}
			waited := collected(t, func() {
				if err := pass(); err != nil {
					t.Error(err)
				}
			})
			t.Logf("%s %d x %d %s: %.3g ms", l.Name(), rows, l.Cols(), what, 1e3*waited)
			worst = max(worst, waited)
		}
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
