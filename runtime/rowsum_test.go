package runtime

import (
	"fmt"
	"math"
	"testing"
)

// TestRowSum holds sums to their terms: the error is that of adding 8 numbers in
// a lane, 5 folds, and one block after another in float64.
func TestRowSum(t *testing.T) {
	for fill := range hard {
		for _, n := range lengthsUpTo20() {
			x := hardFill(fill, n)
			var sum, size total
			for _, v := range x {
				sum.add(float64(v))
				size.add(math.Abs(float64(v)))
			}
			if e := math.Abs(RowSum(x) - sum.value()); !(e <= 13*u*size.value()) {
				t.Errorf("%s, %d elements: off by %.1f u of the sum of magnitudes", fill, n, e/size.value()/u)
			}
		}
	}
}

// TestRowSumTree holds RowSum to its definition, lane by lane.
func TestRowSumTree(t *testing.T) {
	for n := range 600 {
		x := hardFill("scales", n)
		want := math.Copysign(0, -1)
		for lo := 0; lo < n; lo += RowBlock {
			var lane [Lanes]float32
			for l := range lane {
				lane[l] = negZero[float32]()
			}
			for i, v := range x[lo:min(lo+RowBlock, n)] {
				lane[i%Lanes] += v
			}
			for h := Lanes / 2; h > 0; h /= 2 {
				for l := range h {
					lane[l] += lane[l+h]
				}
			}
			want += float64(lane[0])
		}
		if got := RowSum(x); math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%d elements: %v, want %v", n, got, want)
		}
	}
}

// TestSpecialMoments holds that NaN and infinities reach the result.
func TestSpecialMoments(t *testing.T) {
	for _, special := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, at := range []int{0, 5, 99} {
			x := hardFill("randn", 100)
			x[at] = float32(special)
			if _, _, ss := RowMoments(x); !math.IsNaN(ss) {
				t.Errorf("%v at %d of a row: ss %v", special, at, ss)
			}
			_, ss := columnMoments(t, x, 1, nil)
			if !math.IsNaN(ss[0]) {
				t.Errorf("%v at %d of a column: ss %v", special, at, ss)
			}
		}
	}
}

// ExampleKnob shows how options tell 0 from absent.
func ExampleKnob() {
	fmt.Println(Knob(0, 1e-5), Knob(Zero, 1e-5), Knob(0.5, 1e-5))
	// Output: 1e-05 0 0.5
}
