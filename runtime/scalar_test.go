package runtime

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestScalars holds the scalar functions to their definitions, with the results
// of comparing NaN and signed zeros spelled out.
func TestScalars(t *testing.T) {
	nan, neg := math.NaN(), math.Copysign(0, -1)
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"Larger", Larger(2.0, 1), 2}, {"Larger", Larger(1.0, 2), 2}, {"Larger", Larger(nan, 2), 2}, {"Larger", Larger(2, nan), nan},
		{"Larger", Larger(0, neg), neg}, {"Smaller", Smaller(2.0, 1), 1}, {"Smaller", Smaller(1.0, 2), 1}, {"Smaller", Smaller(nan, 2), 2},
		{"Smaller", Smaller(2, nan), nan}, {"Abs", Abs(neg), 0}, {"Abs", Abs(-3.0), 3}, {"Floor", Floor(-1.5), -2},
		{"Select", Select(true, 1.0, 2), 1}, {"Select", Select(false, 1.0, 2), 2},
		{"Mod", Mod(7.0, 3), 1}, {"Mod", Mod(-7.0, 3), 2}, {"Mod", Mod(7.0, -3), -2}, {"Mod", Mod(7.0, 0), nan},
		{"Sqrt", Sqrt(-1.0), nan}, {"Rsqrt", Rsqrt(4.0), 0.5}, {"Rsqrt", Rsqrt(0.0), math.Inf(1)},
	} {
		if math.Float64bits(c.got) != math.Float64bits(c.want) && !(c.got != c.got && c.want != c.want) {
			t.Errorf("%s gives %v, want %v", c.what, c.got, c.want)
		}
	}
}

// TestRowMax holds the largest element to comparisons in order: a NaN gives way to
// what follows it.
func TestRowMax(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		x    []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{1, 5, 2}, 5}, {[]float64{nan, 1}, 1}, {[]float64{7, nan, 2, 1}, 2}, {[]float64{-2, -1}, -1}} {
		if got := RowMax(c.x); got != c.want {
			t.Errorf("the largest of %v is %v, want %v", c.x, got, c.want)
		}
	}
	if got := RowMax([]float32{1, float32(nan)}); got == got {
		t.Errorf("a last NaN gives %v", got)
	}
}

// TestSqrt32 holds float32 roots to the correctly rounded ones: the square lies
// between the squares of the midpoints to the neighbours.
func TestSqrt32(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 100000 {
		x := math.Float32frombits(r.Uint32() &^ (1 << 31))
		if x != x || x > math.MaxFloat32 {
			continue
		}
		y := Sqrt(x)
		below := (float64(y) + float64(math.Nextafter32(y, 0))) / 2
		above := (float64(y) + float64(math.Nextafter32(y, math.MaxFloat32))) / 2
		if v := float64(x); below*below > v || above*above < v {
			t.Fatalf("Sqrt(%v) = %v", x, y)
		}
	}
}
