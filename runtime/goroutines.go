package runtime

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// A Goroutines is a pool of goroutines that live until Close. Works may share
// it: runs follow one another.
//
// Between runs the goroutines sleep, and waking them takes as long as normalizing
// some hundred thousand elements. Between [Goroutines.Start] and [Goroutines.Stop]
// the pool is hot: they spin instead, which keeps a core busy for each of them, and
// take over in less than a microsecond. Start it around a loop of passes, with no
// more workers than there are idle cores: one that has to wait for a core makes all
// wait. After 20 ms without a run they sleep nevertheless, until the next.
type Goroutines struct {
	mu       sync.Mutex // held during a run
	seats    []*seat
	hot      atomic.Bool
	left     atomic.Int32 // functions that have not returned
	finished gate         // moves on when none is left
	from     atomic.Int64 // what ShareFrom set, plus 1; 0 if it was not called
}

// A seat is one goroutine's place: its gate moves on when it has a function.
type seat struct {
	gate gate
	f    func(int) // nil: leave
}

// The sizes from which sharing a sweep pays, measured with two workers on two cores
// of a Zen 4 server and compiled Go sweeps. Hot: of 2^12 elements two workers took
// 1.5 times as long as one, of 2^14 as long, of 2^16 0.8 and of 2^18.6 0.57 of the
// time. Asleep: of 2^18.6 elements they took 0.8 of the time where the second core
// woke in time, which takes 20 to 170 µs, and cost half a microsecond where not.
const (
	shareAsleep = 1 << 18
	shareHot    = 1 << 15
)

// NewGoroutines starts a pool of n workers: n-1 goroutines and the caller.
func NewGoroutines(n int) *Goroutines {
	p := new(Goroutines)
	p.finished.init()
	for i := 1; i < n; i++ {
		s := new(seat)
		s.gate.init()
		p.seats = append(p.seats, s)
		go p.serve(i, s)
	}
	return p
}

func (p *Goroutines) serve(i int, s *seat) {
	for turn := uint32(0); ; {
		turn = s.gate.pass(turn, &p.hot, spinIdle)
		if s.f == nil {
			return
		}
		s.f(i)
		if p.left.Add(-1) == 0 {
			p.finished.advance()
		}
	}
}

// Start makes the pool hot until Stop: its goroutines spin.
func (p *Goroutines) Start() {
	p.hot.Store(true)
	for _, s := range p.seats {
		s.gate.rouse()
	}
}

// Stop lets the goroutines sleep again.
func (p *Goroutines) Stop() { p.hot.Store(false) }

// ShareFrom sets the number of elements from which a sweep is shared. Without it
// the pool goes by what was measured.
func (p *Goroutines) ShareFrom(elements int) { p.from.Store(int64(elements) + 1) }

// Worth reports whether a sweep of so many elements is shared.
func (p *Goroutines) Worth(elements int) bool {
	switch from := p.from.Load(); {
	case from > 0:
		return int64(elements) >= from-1
	case p.hot.Load():
		return elements >= shareHot
	}
	return elements >= shareAsleep
}

// Workers returns the size of the pool. It is 1 after Close.
func (p *Goroutines) Workers() int { return 1 + len(p.seats) }

// Run calls f(i) on worker i. f must not call Run.
func (p *Goroutines) Run(n int, f func(i int)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n > p.Workers() {
		panic(fmt.Sprintf("runtime: %d functions for a pool of %d; closed too early?", n, p.Workers()))
	}
	if n > 1 {
		p.left.Store(int32(n - 1))
	}
	turn := p.finished.turn.Load()
	for _, s := range p.seats[:max(0, n-1)] {
		s.f = f
		s.gate.advance()
	}
	if n > 0 {
		f(0)
	}
	if n > 1 {
		p.finished.pass(turn, &p.hot, spinWait)
	}
}

// Close ends the goroutines. No pass may be under way.
func (p *Goroutines) Close() {
	for _, s := range p.seats {
		s.f = nil
		s.gate.advance()
	}
	p.seats = nil
}
