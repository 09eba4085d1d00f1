package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"
	"unsafe"

	"github.com/normgen/normgen/cmd/normbench/plain"
)

// share writes the tensors and parameters for the process to load.
func (p *peers) share(m *memory, v plain.Vectors) error {
	if p == nil {
		return nil
	}
	for _, of := range []map[string][]float32{m.arrays, v} {
		for name, a := range of {
			if err := os.WriteFile(p.path(name), bytesOf(a), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *peers) path(name string) string { return filepath.Join(p.dir, name+".f32") }

func bytesOf(a []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(a))), 4*len(a))
}

// enter returns the peers that have the pass, once each has computed what the
// subject computes.
func (p *peers) enter(at pair, o op, workers int, s *subject, log io.Writer) []*contender {
	if p == nil {
		return nil
	}
	r, err := p.ask(request{Do: "open", Norm: at.name, Op: o, Shape: at.at, Workers: workers})
	if err != nil {
		fmt.Fprintf(log, "normbench: peers: %v\n", err)
		return nil
	}
	p.report(r.Missing, log)
	var out []*contender
	for _, name := range r.Peers {
		if err := p.check(name, o, s); err != nil {
			fmt.Fprintf(log, "normbench: %s leaves %s %s %s: %v\n", name, at.name, o, at.at, err)
			continue
		}
		out = append(out, &contender{name: name, peer: true, time: func(calls int) (time.Duration, error) {
			r, err := p.ask(request{Do: "time", Peer: name, Calls: calls})
			return time.Duration(r.NS), err
		}})
	}
	return out
}

// leave says which peers failed on the way.
func (p *peers) leave(rivals []*contender, log io.Writer) {
	for _, c := range rivals {
		if c.err != nil {
			fmt.Fprintf(log, "normbench: %s failed: %v\n", c.name, c.err)
		}
	}
}

// same is how far a peer's result may be from the layer's, in units of the
// largest element. float32 sums of up to 2^20 elements stay far below it; another
// formula, divisor or eps in another place does not.
const same = 1e-3

// check compares the result of a peer with that of the layer.
func (p *peers) check(name string, o op, s *subject) error {
	if err := s.passes[o].run(); err != nil {
		return err
	}
	want := s.y
	if o == backward {
		want = s.dx
	}
	if _, err := p.ask(request{Do: "check", Peer: name}); err != nil {
		return err
	}
	got := make([]float32, len(want))
	data, err := os.ReadFile(p.path("result"))
	if err != nil {
		return err
	}
	if len(data) != 4*len(want) {
		return fmt.Errorf("its result has %d elements, not %d", len(data)/4, len(want))
	}
	copy(bytesOf(got), data)
	if d := distance(got, want); !(d <= same) {
		return fmt.Errorf("its result differs by %.1g of the largest element: not the same work", d)
	}
	return nil
}

// distance returns the largest difference over the largest element of want; NaN
// if there is one.
func distance(got, want []float32) float64 {
	var most, scale float64
	for i, w := range want {
		most = max(most, math.Abs(float64(got[i])-float64(w)))
		scale = max(scale, math.Abs(float64(w)))
	}
	return most / scale
}
