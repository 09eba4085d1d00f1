package main

import (
	"github.com/normgen/normgen/cmd/normbench/limit"
	"github.com/normgen/normgen/runtime"
)

// A crew is a pool of workers for layers and limits alike.
type crew struct {
	runtime.Pool
	close func()
}

// hire makes a crew of n.
func hire(n int) crew {
	if n == 1 {
		return crew{runtime.Serial, func() {}}
	}
	p := runtime.NewGoroutines(n)
	return crew{p, p.Close}
}

// limits lists the ways to move a pass's tensors: by one worker, and by all of
// the crew, since a hand-over can cost more than it saves.
func (c crew) limits(p pass) []*contender {
	var out []*contender
	for _, w := range limit.Ways(limit.Flow{Reads: len(p.in), Writes: len(p.out)}) {
		out = append(out, local(w.Name, func() error { w.Run(p.out, p.in); return nil }))
		if c.Workers() > 1 {
			out = append(out, local(w.Name+" by all", c.moves(w, p)))
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
