package main

import (
	"time"

	"github.com/normgen/normgen/cmd/normbench/limit"
	"github.com/normgen/normgen/runtime"
)

// A crew is a pool of workers for layers and limits alike. Its goroutines are hot
// during a sample only: peers have the cores for themselves.
type crew struct {
	runtime.Pool
	start, stop func()
	close       func()
}

// hire makes a crew of n.
func hire(n int) crew {
	if n == 1 {
		idle := func() {}
		return crew{runtime.Serial, idle, idle, idle}
	}
	p := runtime.NewGoroutines(n)
	return crew{p, p.Start, p.Stop, p.Close}
}

// local is a contender in this process, timed while the crew is hot.
func (c crew) local(name string, run func() error) *contender {
	cold := local(name, run)
	return &contender{name: name, time: func(calls int) (time.Duration, error) {
		c.start()
		defer c.stop()
		c.warm()
		return cold.time(calls)
	}}
}

// warm runs nothing until the crew answers at once, as it does in the second pass of a
// program that has started its pool. Goroutines that wake up take longer than a sample,
// and may share a core until the other has woken too.
func (c crew) warm() {
	const atOnce, often, most = 5 * time.Microsecond, 20, 2000
	quick := 0
	for range most {
		start := time.Now()
		c.Run(c.Workers(), func(int) {})
		if quick++; time.Since(start) > atOnce {
			quick = 0
		}
		if quick == often {
			return
		}
	}
}

// limits lists the ways to move a pass's tensors: by one worker, and by all of
// the crew, since a hand-over can cost more than it saves.
func (c crew) limits(p pass) []*contender {
	var out []*contender
	for _, w := range limit.Ways(limit.Flow{Reads: len(p.in), Writes: len(p.out)}) {
		out = append(out, c.local(w.Name, func() error { w.Run(p.out, p.in); return nil }))
		if c.Workers() > 1 {
			out = append(out, c.local(w.Name+" by all", c.moves(w, p)))
		}
	}
	return out
}

// moves returns a function that moves the tensors one way, a part by each worker.
// Parts start at a multiple of a line, as streaming needs.
func (c crew) moves(w limit.Way, p pass) func() error {
	n, workers := len(p.out[0]), c.Workers()
	part := (n + workers*line - 1) / (workers * line) * line
	type share struct{ out, in arrays }
	var shares []share
	for lo := 0; lo < n; lo += part {
		hi := min(lo+part, n)
		shares = append(shares, share{cut(p.out, lo, hi), cut(p.in, lo, hi)})
	}
	move := func(i int) { w.Run(shares[i].out, shares[i].in) }
	return func() error { c.Run(len(shares), move); return nil }
}

func cut(tensors arrays, lo, hi int) arrays {
	var out arrays
	for _, t := range tensors {
		out = append(out, t[lo:hi])
	}
	return out
}
