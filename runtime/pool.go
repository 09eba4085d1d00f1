package runtime

import (
	"fmt"
	"sync"
)

// A Pool runs functions side by side. It belongs to the caller; a layer starts
// no goroutine of its own.
type Pool interface {
	// Workers is the number of functions that Run can run at once.
	Workers() int
	// Run calls f(0) ... f(n-1), n at most Workers, and returns when all have
	// returned.
	Run(n int, f func(i int))
}

// Serial runs everything in the caller's goroutine.
var Serial Pool = serial{}

type serial struct{}

func (serial) Workers() int { return 1 }

func (serial) Run(n int, f func(i int)) {
	for i := range n {
		f(i)
	}
}

// A Goroutines is a pool of goroutines that live until Close. Works may share
// it: runs follow one another.
type Goroutines struct {
	mu   sync.Mutex // held during a run
	jobs []chan func(int)
	done sync.WaitGroup
}

// NewGoroutines starts a pool of n workers: n-1 goroutines and the caller.
func NewGoroutines(n int) *Goroutines {
	p := new(Goroutines)
	for i := 1; i < n; i++ {
		c := make(chan func(int))
		p.jobs = append(p.jobs, c)
		go p.serve(i, c)
	}
	return p
}

func (p *Goroutines) serve(i int, jobs <-chan func(int)) {
	for f := range jobs {
		f(i)
		p.done.Done()
	}
}

// Workers returns the size of the pool. It is 1 after Close.
func (p *Goroutines) Workers() int { return 1 + len(p.jobs) }

// Run calls f(i) on worker i. f must not call Run.
func (p *Goroutines) Run(n int, f func(i int)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n > p.Workers() {
		panic(fmt.Sprintf("runtime: %d functions for a pool of %d; closed too early?", n, p.Workers()))
	}
	for i := 1; i < n; i++ {
		p.done.Add(1)
		p.jobs[i-1] <- f
	}
	if n > 0 {
		f(0)
	}
	p.done.Wait()
}

// Close ends the goroutines. No pass may be under way.
func (p *Goroutines) Close() {
	for _, c := range p.jobs {
		close(c)
	}
	p.jobs = nil
}
