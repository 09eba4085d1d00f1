package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// A result is one measurement. Times are of one call.
type result struct {
	Norm      string             `json:"norm"`
	Op        op                 `json:"op"`
	Shape     string             `json:"shape"`
	ISA       string             `json:"isa"`
	Workers   int                `json:"workers"`
	Rounds    int                `json:"rounds"`
	NS        float64            `json:"ns"`
	LimitNS   float64            `json:"limit_ns"`
	Limit     string             `json:"limit"`      // the fastest way to move the bytes
	OverLimit float64            `json:"over_limit"` // median of the rounds' ratios
	LoopNS    float64            `json:"loop_ns,omitempty"`
	Peers     map[string]float64 `json:"peers"` // ns by name

	elements int // of a tensor
	bytes    int // that the pass must move
	calls    int // that were timed
}

// writeJSON writes a result as a line.
func (r *result) writeJSON(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

// writeBench writes it in the format of go test -bench.
func (r *result) writeBench(w io.Writer) error {
	_, err := fmt.Fprintf(w, "Benchmark%s/%s/%s/%s-%d\t%d\t%.1f ns/op\t%.2f MB/s\t%.3f x-limit\n",
		r.Norm, r.Op, r.Shape, r.ISA, r.Workers, r.calls, r.NS, float64(r.bytes)/r.NS*1e3, r.OverLimit)
	return err
}

// fastest returns the fastest peer; an empty name if there is none.
func (r *result) fastest() (name string, ns float64) {
	for _, p := range r.peerNames() {
		if name == "" || r.Peers[p] < ns {
			name, ns = p, r.Peers[p]
		}
	}
	return name, ns
}

func (r *result) peerNames() []string {
	var names []string
	for p := range r.Peers {
		names = append(names, p)
	}
	slices.Sort(names)
	return names
}

// kibibytes returns the size of one tensor.
func (r *result) kibibytes() float64 { return float64(r.elements) * 4 / 1024 }
