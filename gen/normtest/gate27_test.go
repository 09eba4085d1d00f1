//go:build unix

package normtest_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/scale"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

// soaked are layers that 8 goroutines run, of every kind of sweep.
var soaked = map[string]func(cols int) (runtime.Norm, error){
	"rows":    func(c int) (runtime.Norm, error) { return standard.NewLayerNorm(c, standard.LayerNormOptions{}) },
	"square":  func(c int) (runtime.Norm, error) { return standard.NewRMSNorm(c, standard.RMSNormOptions{}) },
	"columns": func(c int) (runtime.Norm, error) { return standard.NewBatchNorm(c, standard.BatchNormOptions{}) },
	"running": func(c int) (runtime.Norm, error) { return powernorm.NewPowerNorm(c, powernorm.PowerNormOptions{}) },
	"length":  func(c int) (runtime.Norm, error) { return scale.NewL2Norm(c, scale.L2NormOptions{}) },
}

// TestGate27Soak runs layers of random sizes in 8 goroutines, while garbage is
// collected and signals arrive without end, and holds each to the bits of its first
// pass: vector registers survive every interruption. Memory stays as it is.
func TestGate27Soak(t *testing.T) {
	g := gates.Open(t, 27, "soak")
	long := gates.Sized(10*time.Second, 30*time.Minute)
	if testing.Short() {
		long = 5 * time.Second
	}
	end := time.Now().Add(long)
	var passes, signals atomic.Int64
	var all sync.WaitGroup
	for seed := range uint64(8) {
		all.Go(func() { soak(t, seed, end, &passes) })
	}
	all.Go(func() {
		for time.Now().Before(end) {
			goruntime.GC()
			time.Sleep(time.Millisecond)
		}
	})
	all.Go(func() {
		for time.Now().Before(end) && syscall.Kill(os.Getpid(), syscall.SIGURG) == nil {
			signals.Add(1)
			time.Sleep(200 * time.Microsecond)
		}
	})
	time.Sleep(long / 3)
	early := resident(t)
	all.Wait()
	late := resident(t)
	if float64(late) > 1.05*float64(early)+8<<20 { // the heap's own steps
		t.Errorf("%d MiB after a third, %d MiB at the end", early>>20, late>>20)
	}
	g.Figure("%v, %d passes, %d signals, bits equal, %d MiB after a third and %d at the end", long, passes.Load(), signals.Load(), early>>20, late>>20)
}

// resident is the memory of the process.
func resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0 // a system without it
	}
	var size, pages int
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		t.Error(err)
	}
	return pages * os.Getpagesize()
}

// soak runs passes and holds each to the first of its kind.
func soak(t *testing.T, seed uint64, end time.Time, passes *atomic.Int64) {
	r := rand.New(rand.NewPCG(27, seed))
	for time.Now().Before(end) && !t.Failed() {
		for name, make := range soaked {
			cols, rows := 1+r.IntN(1500), 1+r.IntN(60)
			l, err := make(cols)
			if err != nil {
				t.Error(err)
				return
			}
			x, dy := numbers(r, rows*cols), numbers(r, rows*cols)
			w := l.NewWork(rows)
			want := soakPass(t, l, w, x, dy, rows)
			for range 20 {
				if got := soakPass(t, l, w, x, dy, rows); got != want {
					t.Errorf("%s, %d rows of %d: other bits than before", name, rows, cols)
					return
				}
				passes.Add(1)
			}
		}
	}
}

func numbers(r *rand.Rand, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(r.NormFloat64())
	}
	return out
}

// soakPass runs forward and backward and sums up the bits of what they give.
func soakPass(t *testing.T, l runtime.Norm, w *runtime.Work, x, dy []float32, rows int) uint64 {
	cols := l.Cols()
	y, dx := make([]float32, len(x)), make([]float32, len(x))
	if rows > 1 { // one row has no unbiased variance
		if err := l.Forward(w, runtime.Matrix(y, rows, cols), runtime.Matrix(x, rows, cols), nil); err != nil {
			t.Error(err)
		} else if err := l.Backward(w, runtime.Matrix(dx, rows, cols), runtime.Matrix(dy, rows, cols), runtime.Overwrite); err != nil {
			t.Error(err)
		}
	}
	h := fnv.New64a()
	for _, v := range [][]float32{y, dx} {
		h.Write(unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), 4*len(v)))
	}
	return h.Sum64()
}
