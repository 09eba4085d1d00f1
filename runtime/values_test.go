package runtime

import (
	"math"
	"testing"
)

// TestMoments holds the moments of a vector to those of a column of the same
// numbers in a block.
func TestMoments(t *testing.T) {
	for n := 1; n <= BlockRows; n++ {
		x := make([]float64, n)
		for i, v := range hardFill("offset 1e7", n) {
			x[i] = float64(v)
		}
		m := BlockMoments{Mean: []float64{math.NaN()}, SS: []float64{math.NaN()}}
		b := Block[float32]{N: n, Values: []View64{Matrix(x, n, 1)}, Moment: []BlockMoments{m}}
		b.ValueMoments(0, 0)
		mean, ss := Moments(x)
		if got := b.Moment[0]; got.N != float64(n) || got.Mean[0] != mean || got.SS[0] != ss {
			t.Fatalf("%d numbers: %v, want %v and %v", n, got, mean, ss)
		}
		shift, c, variance := exactMoments(hardFill("offset 1e7", n))
		// The corrected mean is a rounding of 1e7 off.
		if limit := 1e7 / (1 << 53); math.Abs(mean-(shift+c)) > limit || math.Abs(ss/float64(n)-variance) > 4*limit {
			t.Fatalf("%d numbers: mean %v and ss %v, want %v and %v", n, mean, ss, shift+c, variance*float64(n))
		}
	}
}

// TestValueMomentsOfNothing holds that no rows have moments 0, whatever was
// there.
func TestValueMomentsOfNothing(t *testing.T) {
	m := BlockMoments{Mask: 1, N: 3, Mean: []float64{math.NaN()}, SS: []float64{1}}
	b := Block[float32]{N: 2, Mask: [][]bool{{false, false}}, Values: []View64{Matrix([]float64{1, 2}, 2, 1)}, Moment: []BlockMoments{m}}
	b.ValueMoments(0, 0)
	if got := b.Moment[0]; got.N != 0 || got.Mean[0] != 0 || got.SS[0] != 0 {
		t.Fatalf("moments of nothing are %v", got)
	}
}
