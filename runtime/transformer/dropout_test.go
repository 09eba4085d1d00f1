package transformer_test

import (
	"math"
	"slices"
	"testing"

	"github.com/normgen/normgen/runtime/transformer"
)

// TestDropoutStatistics counts what is dropped: as often as wanted, and neither
// neighbours in a row or column nor places nor passes know of each other. Of n
// independent elements the share has deviation sqrt(p(1-p)/n); 5 of them are
// exceeded once in two million.
func TestDropoutStatistics(t *testing.T) {
	const rows, cols = 700, 301
	n := float64(rows * cols)
	for _, p := range []float64{0.1, 0.3, 0.5} {
		keep := 1 - math.Round(p*(1<<16))/(1<<16)
		x := transformer.Dropped[float64](3, p, 9, 4, rows, cols, 1)
		left := make([]float64, len(x))
		for i, v := range x {
			if v != 0 {
				left[i] = 1
				if v != 1/keep {
					t.Fatalf("p %v: what is left is %v, want %v", p, v, 1/keep)
				}
			}
		}
		near := func(what string, got, want float64) {
			t.Helper()
			if d := math.Abs(got - want); d > 5*math.Sqrt(want*(1-want)/n) {
				t.Errorf("p %v: %s is %v, want %v", p, what, got, want)
			}
		}
		near("the share that is left", mean(left, left), keep)
		near("the share of pairs in a row", mean(left[:len(left)-1], left[1:]), keep*keep)
		near("the share of pairs four apart", mean(left[:len(left)-4], left[4:]), keep*keep)
		near("the share of pairs in a column", mean(left[:len(left)-cols], left[cols:]), keep*keep)
		for what, other := range map[string][]float64{
			"place": transformer.Dropped[float64](4, p, 9, 4, rows, cols, 1),
			"pass":  transformer.Dropped[float64](3, p, 9, 5, rows, cols, 1),
			"seed":  transformer.Dropped[float64](3, p, 10, 4, rows, cols, 1),
		} {
			near("the share of pairs with another "+what, mean(left, other)*keep, keep*keep)
		}
	}
}

func mean(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum / float64(len(x))
}

// TestDropoutIsAFunction drops the same whoever does it.
func TestDropoutIsAFunction(t *testing.T) {
	one := transformer.Dropped[float32](3, 0.3, 9, 4, 500, 37, 1)
	if two := transformer.Dropped[float32](3, 0.3, 9, 4, 500, 37, 2); !slices.Equal(one, two) {
		t.Error("two workers drop other elements than one")
	}
	more := transformer.Dropped[float32](3, 0.3, 9, 4, 800, 37, 1)
	if !slices.Equal(one, more[:len(one)]) {
		t.Error("what is dropped depends on the rows that follow")
	}
	for i, v := range transformer.Dropped[float64](3, 0.3, 9, 4, 500, 37, 1) {
		if (v == 0) != (one[i] == 0) {
			t.Fatal("float64 drops other elements than float32")
		}
	}
}
