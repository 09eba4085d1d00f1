package generated_test

import (
	"fmt"
	"os"
	goruntime "runtime"
	"runtime/metrics"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/scale"
	"github.com/normgen/normgen/generated/spatial"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

const (
	stopElements = 256 << 20 / 4
	stopLimit    = 1e-3 // seconds
)

// TestGate15Collection holds how long a garbage collection waits for passes over 256
// MiB to stop, of many rows and of few long ones: Go cannot interrupt assembly, so no
// call of it may be long. TestCalls holds the calls to that at every push.
func TestGate15Collection(t *testing.T) {
	if !gates.Release() {
		t.Skip("it measures time: before a release")
	}
	g := gates.Open(t, 15, "GC waits while 256 MiB are normalized")
	x, y := make([]float32, stopElements), make([]float32, stopElements)
	for i := range x {
		x[i] = float32(i % 97)
	}
	defer goruntime.GOMAXPROCS(goruntime.GOMAXPROCS(2))
	if waited := collected(t, 100, "plain Go", func() { slices.Reverse(x) }); waited > stopLimit {
		t.Fatalf("a collection waited up to %.3g ms for a loop in plain Go: that is the machine", 1e3*waited)
	}
	if waited := collected(t, 5, "one long call", func() { copy(y, x) }); waited <= stopLimit {
		t.Fatalf("a call of assembly over 256 MiB is not noticed: a collection waited at most %.3g ms", 1e3*waited)
	}
	worst := 0.0
	for _, c := range stopCases(t) {
		l := c.Norm
		rows := stopElements / l.Cols()
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
			worst = max(worst, collected(t, 100, fmt.Sprintf("%s %d x %d %s", l.Name(), rows, l.Cols(), what), func() {
				if err := pass(); err != nil {
					t.Error(err)
				}
			}))
		}
	}
	if worst > stopLimit {
		t.Errorf("a collection waited up to %.3g s, at most %.3g are allowed", worst, stopLimit)
	}
	g.Figure("at most %.3g ms of 1", 1e3*worst)
}

type stopCase struct {
	runtime.Norm
	masked bool
}

func stopCases(t *testing.T) []stopCase {
	norm := func(l runtime.Norm, err error) runtime.Norm {
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	const n = stopElements
	return []stopCase{
		{norm(standard.NewLayerNorm(1024, standard.LayerNormOptions{})), false},
		{norm(standard.NewLayerNorm(n/4, standard.LayerNormOptions{})), false},
		{norm(scale.NewL2Norm(n/4, scale.L2NormOptions{})), false},
		{norm(spatial.NewInstanceNormNCS(4, n/16, spatial.InstanceNormNCSOptions{})), false},
		{norm(standard.NewBatchNorm(1024, standard.BatchNormOptions{})), false},
		{norm(standard.NewBatchNorm(n/16, standard.BatchNormOptions{})), false},
		{norm(standard.NewBatchNorm(n/16, standard.BatchNormOptions{})), true},
		{norm(powernorm.NewPowerNorm(n/16, powernorm.PowerNormOptions{})), true},
	}
}

// collected runs f over and over while garbage is collected, and returns the upper end
// of the slowest stop of so many collections that tell something.
func collected(t *testing.T, wanted int, what string, f func()) float64 {
	t.Helper()
	const most = 30 * time.Second
	var worst, all float64
	tell, tried := 0, 0
	var done atomic.Bool
	go func() {
		defer done.Store(true)
		m := newStops()
		for start := time.Now(); tell < wanted && time.Since(start) < most; tried++ {
			s := m.collect()
			all = max(all, s.slowest)
			if s.tells() {
				tell++
				worst = max(worst, s.slowest)
			}
		}
	}()
	for !done.Load() {
		f()
	}
	t.Logf("%s: %.3g ms (%.3g in all of %d collections)", what, 1e3*worst, 1e3*all, tried)
	if tell < wanted {
		t.Fatalf("%s: %d of %d collections had the processors to themselves, %d are needed: use an idle machine", what, tell, tried, wanted)
	}
	return worst
}

// A stop is what one collection met, in seconds: the slower of its two stops of the
// program, and how long threads that wanted to run had no processor meanwhile.
type stop struct{ slowest, starved float64 }

// tells reports whether a stop tells of the program. Another process keeps a processor
// for up to a tick of the kernel, 4 ms; whoever shall stop or notice it then waits.
func (s stop) tells() bool { return s.starved <= max(s.slowest, stopLimit)/2 }

// stops tells one stop from those before: Go and the kernel count them together.
type stops struct {
	sample []metrics.Sample
	counts []uint64
}

func newStops() *stops {
	m := &stops{sample: []metrics.Sample{{Name: "/sched/pauses/stopping/gc:seconds"}}}
	m.slowest()
	return m
}

func (m *stops) collect() stop {
	before := starved()
	goruntime.GC()
	return stop{m.slowest(), starved() - before}
}

// slowest is the upper end of the slowest stop since the last call.
func (m *stops) slowest() (worst float64) {
	metrics.Read(m.sample)
	h := m.sample[0].Value.Float64Histogram()
	for i, n := range h.Counts {
		if m.counts != nil && n > m.counts[i] {
			worst = h.Buckets[i+1]
		}
	}
	m.counts = append(m.counts[:0], h.Counts...)
	return worst
}

// starved is how long the threads of this process have been ready to run without a
// processor, in seconds.
func starved() (sum float64) {
	const tasks = "/proc/self/task/"
	threads, err := os.ReadDir(tasks)
	if err != nil {
		return 0
	}
	for _, d := range threads {
		var ran, waited int64                                                      // ns
		if text, err := os.ReadFile(tasks + d.Name() + "/schedstat"); err == nil { // else it has ended
			fmt.Sscan(string(text), &ran, &waited)
			sum += float64(waited) / 1e9
		}
	}
	return sum
}
