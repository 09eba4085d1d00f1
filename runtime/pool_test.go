package runtime

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestGoroutines holds a pool to calling every function once, also when several
// callers share it.
func TestGoroutines(t *testing.T) {
	for _, n := range []int{-1, 0, 1, 2, 5} {
		p := NewGoroutines(n)
		if p.Workers() != max(n, 1) {
			t.Fatalf("%d workers, want %d", p.Workers(), n)
		}
		var callers sync.WaitGroup
		for range 4 {
			callers.Go(func() {
				for k := range p.Workers() + 1 {
					calls := make([]int, k)
					p.Run(k, func(i int) { calls[i]++ })
					for i, c := range calls {
						if c != 1 {
							t.Errorf("function %d of %d ran %d times", i, k, c)
						}
					}
				}
			})
		}
		callers.Wait()
		p.Close()
		p.Close()
		var ran atomic.Int32
		p.Run(1, func(int) { ran.Add(1) })
		if p.Workers() != 1 || ran.Load() != 1 {
			t.Fatal("a closed pool is not the caller alone")
		}
		func() {
			defer func() {
				if r := fmt.Sprint(recover()); !strings.Contains(r, "closed too early") {
					t.Fatalf("panic %q", r)
				}
			}()
			p.Run(2, func(int) {})
		}()
	}
}

// TestSerial holds the caller's own goroutine to the order of the functions.
func TestSerial(t *testing.T) {
	var got []int
	Serial.Run(3, func(i int) { got = append(got, i) })
	if fmt.Sprint(got) != "[0 1 2]" || Serial.Workers() != 1 {
		t.Fatal(got)
	}
}

// An idle pool claims no workers.
type idle struct{ Pool }

func (idle) Workers() int { return 0 }

// TestWorkersOfWork holds a work to at least one worker, and to no more than it
// has blocks.
func TestWorkersOfWork(t *testing.T) {
	l := newLayer(t, &Spec[float32]{Axes: []string{"C"}, Shapes: []Shape{{0}}, Inputs: tensors("x")}, 4)
	many := NewGoroutines(9)
	defer many.Close()
	for rows, want := range map[int]int{0: 1, 1: 1, 32: 1, 33: 2, 64: 2, 1000: 9} {
		w := l.NewWork(rows)
		w.SetPool(many)
		if len(w.workers) != want {
			t.Errorf("%d rows: %d workers, want %d", rows, len(w.workers), want)
		}
		w.SetPool(idle{Serial})
		if len(w.workers) != 1 {
			t.Errorf("an idle pool has %d workers", len(w.workers))
		}
	}
}

// TestWorkersOfSegments holds a work to no more workers than it may have segments.
func TestWorkersOfSegments(t *testing.T) {
	l := newLayer(t, sampleSpec(), 2, sampleDepth)
	many := NewGoroutines(9)
	defer many.Close()
	for rows, want := range map[int]int{0: 1, 1: 1, 4: 4, 32: 9} {
		w := l.NewWork(rows)
		w.SetPool(many)
		if len(w.workers) != want {
			t.Errorf("%d rows: %d workers, want %d", rows, len(w.workers), want)
		}
	}
}

// TestSpareWork holds Borrow to the largest work area that is free.
func TestSpareWork(t *testing.T) {
	l := newLayer(t, &Spec[float32]{Axes: []string{"C"}, Shapes: []Shape{{0}}, Inputs: tensors("x")}, 4)
	small, large := l.Borrow(3), l.Borrow(9)
	l.Return(large)
	l.Return(small)
	if l.Borrow(5) != large {
		t.Fatal("the larger area was dropped")
	}
	if l.Borrow(-1).maxRows != 0 {
		t.Fatal("an area for -1 rows")
	}
}

// TestHotPool holds a pool to calling every function once while it is started and
// stopped at any time, by others too.
func TestHotPool(t *testing.T) {
	p := NewGoroutines(3)
	defer p.Close()
	var heat sync.WaitGroup
	done := make(chan struct{})
	heat.Go(func() {
		for hot := false; ; hot = !hot {
			select {
			case <-done:
				p.Stop()
				return
			default:
			}
			if hot {
				p.Stop()
			} else {
				p.Start()
			}
			time.Sleep(50 * time.Microsecond)
		}
	})
	calls := [3]int{}
	for range 2000 {
		p.Run(3, func(i int) { calls[i]++ })
		p.Run(2, func(i int) { calls[i]++ })
	}
	close(done)
	heat.Wait()
	if calls != [3]int{4000, 4000, 2000} {
		t.Fatal(calls)
	}
}

// TestHotPoolYields holds a hot pool to letting others run: with one processor
// for all, a spinning goroutine that did not would hold up the rest for good.
func TestHotPoolYields(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	p := NewGoroutines(3)
	defer p.Close()
	p.Start()
	defer p.Stop()
	var ran atomic.Int32
	for range 20 {
		p.Run(3, func(int) { ran.Add(1) })
	}
	if ran.Load() != 60 {
		t.Fatal(ran.Load())
	}
}

// TestShareFrom holds sweeps to the size from which they are shared.
func TestShareFrom(t *testing.T) {
	p := NewGoroutines(2)
	defer p.Close()
	worth := func(n int, want bool) {
		t.Helper()
		if p.Worth(n) != want {
			t.Errorf("sharing %d elements: %v", n, !want)
		}
	}
	worth(shareAsleep-1, false)
	worth(shareAsleep, true)
	p.Start()
	worth(shareHot-1, false)
	worth(shareHot, true)
	p.ShareFrom(100)
	worth(99, false)
	worth(100, true)
	p.ShareFrom(0)
	worth(0, true)

	l := newLayer(t, pairSpec(), 4)
	w := l.NewWork(64)
	w.SetPool(p)
	v := func() View64 { return Matrix(make([]float64, 256), 64, 4) }
	for from, want := range map[int]int{256: 2, 257: 1} {
		p.ShareFrom(from)
		w.In(new(v()), new(v()))
		w.Out(new(v()), new(v()))
		if err := w.RunForward(); err != nil {
			t.Fatal(err)
		}
		if w.sharing != want {
			t.Errorf("256 elements, shared from %d on: %d workers", from, w.sharing)
		}
	}
}

// BenchmarkHandOver times a run of nothing on two workers.
func BenchmarkHandOver(b *testing.B) {
	p := NewGoroutines(2)
	defer p.Close()
	run := func(b *testing.B) {
		for b.Loop() {
			p.Run(2, func(int) {})
		}
	}
	b.Run("asleep", run)
	p.Start()
	defer p.Stop()
	b.Run("hot", run)
}
