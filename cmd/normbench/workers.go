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

// moves returns a function that moves a pass's tensors one way, a part by each
// worker of the crew. Parts start at a multiple of a line, as streaming needs.
func (c crew) moves(w limit.Way, p pass) func() {
	n, workers := len(p.out[0]), c.Workers()
	part := (n + workers*line - 1) / (workers * line) * line
	type share struct{ out, in arrays }
	var shares []share
	for lo := 0; lo < n; lo += part {
		hi := min(lo+part, n)
		shares = append(shares, share{cut(p.out, lo, hi), cut(p.in, lo, hi)})
	}
	move := func(i int) { w.Run(shares[i].out, shares[i].in) }
	return func() { c.Run(len(shares), move) }
}

func cut(tensors arrays, lo, hi int) arrays {
	var out arrays
	for _, t := range tensors {
		out = append(out, t[lo:hi])
	}
	return out
}
