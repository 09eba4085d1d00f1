package runtime

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
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
