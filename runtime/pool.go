package runtime

import "sync"

// A Pool runs functions side by side. It belongs to the caller; a layer starts
// no goroutine of its own.
type Pool interface {
	// Workers is the number of functions that Run can run at once.
	Workers() int
	// Run calls f(0) ... f(n-1) and returns when all have returned.
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

// A Goroutines is a pool of goroutines that live until Close.
type Goroutines struct {
	n    int
	jobs []chan func(int)
	done sync.WaitGroup
}

// NewGoroutines starts a pool of n workers: n-1 goroutines and the caller.
func NewGoroutines(n int) *Goroutines {
	p := &Goroutines{n: max(n, 1)}
	for i := 1; i < p.n; i++ {
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

// Workers returns the size of the pool.
func (p *Goroutines) Workers() int { return p.n }

// Run calls f(i) on worker i. n must not exceed Workers.
func (p *Goroutines) Run(n int, f func(i int)) {
	p.done.Add(n - 1)
	for i := 1; i < n; i++ {
		p.jobs[i-1] <- f
	}
	f(0)
	p.done.Wait()
}

// Close ends the goroutines. The pool must be idle.
func (p *Goroutines) Close() {
	for _, c := range p.jobs {
		close(c)
	}
	p.jobs, p.n = nil, 1
}
