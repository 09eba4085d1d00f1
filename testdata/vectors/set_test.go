package vectors

import (
	"math"
	"math/big"
	"testing"
)

// slack is what the stored numbers may be off by, in float64 units, because
// their 80-bit mean has an error of its own: 2^-63 of the mean, which is 10000
// units of the spread where the mean is 1e7 spreads.
func (s Set) slack() float64 {
	var size float64
	for _, xh := range s.Xhat {
		size = max(size, math.Abs(xh))
	}
	if size == 0 {
		return 0
	}
	return math.Abs(s.Mean) * s.Rstd / size * 0x1p-63 / Float64.Unit
}

func TestMaskIgnoresPadding(t *testing.T) {
	s := Centred([]float64{1, 3, math.NaN()}, []bool{true, true, false}, 0)
	if s.Mean != 2 || s.Var != 1 || s.N != 2 || s.Xhat[0] != -1 || s.Xhat[1] != 1 {
		t.Errorf("%+v", s)
	}
}

func TestConstant(t *testing.T) {
	s := Centred(Repeat(0.1, 1000), nil, 1e-5)
	for i, v := range s.Xhat {
		if v != 0 {
			t.Fatalf("xhat[%d] is %v", i, v)
		}
	}
}

// TestOffset has a mean 1e7 spreads away; its exact statistics are known.
func TestOffset(t *testing.T) {
	const n = 1 << 16
	x := make([]float64, n)
	for i := range x {
		x[i] = 1e7 + float64(i%2)*2 - 1 + 1.0/3
	}
	third := x[0] - (1e7 - 1) // 1/3 as the sum rounded it, the same in every element
	s := Centred(x, nil, 0)
	if s.Mean != 1e7+third || s.Var != 1 || s.Xhat[0] != -1 || s.Xhat[1] != 1 {
		t.Errorf("mean %v, var %v, xhat %v %v", s.Mean, s.Var, s.Xhat[0], s.Xhat[1])
	}
}

// TestAgainstBig checks the hardest rows against 300-bit arithmetic, where the
// stored numbers are the weaker side.
func TestAgainstBig(t *testing.T) {
	for _, id := range []string{"layer_norm_056_offset1e7_3x100", "layer_norm_055_offset1e5s1e-2_2x768"} {
		c := find(t, "autograd/"+id)
		x := c.Steps[0].In["x"]
		for _, set := range RowSets(x.Shape[0], x.Shape[1]) {
			row := Gather(x.Data, set)
			s := Centred(row, nil, c.Float("eps"))
			if e := Float64.Forward(s.Xhat, bigXhat(row, c.Float("eps")), s, nil, nil); !(e <= 3) {
				t.Errorf("%v: xhat is off by %v u", c, e)
			}
		}
	}
}

func bigXhat(x []float64, eps float64) []float64 {
	num := func(v float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(v) }
	n, mean, v := num(float64(len(x))), num(0), num(0)
	for _, a := range x {
		mean.Add(mean, num(a))
	}
	mean.Quo(mean, n)
	for _, a := range x {
		d := num(a)
		d.Sub(d, mean)
		v.Add(v, d.Mul(d, d))
	}
	std := v.Sqrt(v.Add(v.Quo(v, n), num(eps)))
	out := make([]float64, len(x))
	for i, a := range x {
		d := num(a)
		d.Sub(d, mean)
		out[i], _ = d.Quo(d, std).Float64()
	}
	return out
}

func TestSets(t *testing.T) {
	data := []int{0, 1, 2, 3, 4, 5}
	if got := Gather(data, ColSets(2, 3)[1]); got[0] != 1 || got[1] != 4 || len(got) != 2 {
		t.Errorf("column 1 is %v", got)
	}
	if got := Gather(data, RowSets(2, 3)[1]); got[0] != 3 || got[2] != 5 || len(got) != 3 {
		t.Errorf("row 1 is %v", got)
	}
}

func TestDot(t *testing.T) {
	if got := Dot([]float64{1e16, 1, -1e16, 1}, []float64{1, 1, 1, 1}); got != 2 {
		t.Errorf("got %v, want 2", got)
	}
}
