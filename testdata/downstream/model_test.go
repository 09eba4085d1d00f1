package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/runtime"
)

func TestBatch(t *testing.T) {
	c := &corpus{lines: [][]int{{1, 2, 3}, {4, 5}}}
	b := c.at(1, 2) // wraps around: {4, 5} and {1, 2, 3}
	want := batch{
		rows: 4, length: 2, kept: 3,
		chars: []int{4, 0, 1, 2}, next: []int{5, 0, 2, 3}, keep: []bool{true, false, true, true},
	}
	for r := range want.rows {
		if b.chars[r] != want.chars[r] || b.next[r] != want.next[r] || b.keep[r] != want.keep[r] {
			t.Errorf("row %d: %d -> %d, keep %v", r, b.chars[r], b.next[r], b.keep[r])
		}
	}
	if b.rows != want.rows || b.length != want.length || b.kept != want.kept {
		t.Errorf("got %+v, want %+v", b, want)
	}
}

func TestCorpus(t *testing.T) {
	c, err := readCorpus()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.alphabet) != 65 || len(c.lines) != 32777 {
		t.Errorf("%d characters, %d lines", len(c.alphabet), len(c.lines))
	}
}

func TestDistance(t *testing.T) {
	if d := distance([]float64{3, 0}, []float32{0, 4}); d != 2.5 {
		t.Errorf("got %v, want 5/2", d)
	}
}

// TestHeadGradient checks the gradient of the loss by finite differences.
func TestHeadGradient(t *testing.T) {
	const chars, width = 3, 4
	r := rand.New(rand.NewPCG(1, 2))
	h := newHead(r, chars, width)
	b := &batch{rows: 2, length: 2, chars: []int{0, 1}, next: []int{1, 2}, keep: []bool{true, true}, kept: 2}
	y, dy := make([]float32, 8), make([]float32, 8)
	for i := range y {
		y[i] = float32(r.NormFloat64())
	}
	loss := func(train bool) float64 {
		return h.loss(b, runtime.Matrix(y, 2, width), runtime.Matrix(dy, 2, width), train)
	}
	loss(true)
	grad := slices.Clone(h.grad) // any call of loss starts it anew
	check := func(name string, v *float32, want float32) {
		const eps = 1e-2
		old := *v
		*v = old + eps
		up := loss(false)
		*v = old - eps
		down := loss(false)
		*v = old
		if got := (up - down) / (2 * eps); math.Abs(got-float64(want)) > 1e-4 {
			t.Errorf("%s: slope %v, gradient %v", name, got, want)
		}
	}
	check("y[5]", &y[5], dy[5])
	check("weight[7]", &h.weight[7], grad[7])
}
