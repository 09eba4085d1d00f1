package vectors

import (
	"math"
	"testing"
)

func TestForward(t *testing.T) {
	s := Set{Xhat: []float64{-1, 2}, Rstd: 1, N: 2}
	want := []float64{-3, 6}
	gamma, beta := []float64{3, 3}, []float64{0, 2} // the divisor is 2*3 + 2 = 8
	tests := []struct {
		name string
		got  []float64
		e    float64
	}{
		{"equal", []float64{-3, 6}, 0},
		{"one unit of the divisor", []float64{-3, 6 + 8*0x1p-24}, 1},
		{"worst element counts", []float64{-3 - 24*0x1p-24, 6 + 8*0x1p-24}, 3},
		{"NaN", []float64{math.NaN(), 6}, math.Inf(1)},
		{"infinity", []float64{-3, math.Inf(1)}, math.Inf(1)},
		{"too short", []float64{-3}, math.Inf(1)},
	}
	for _, tt := range tests {
		if e := Float32.Forward(tt.got, want, s, gamma, beta); math.Abs(e-tt.e) > 1e-9 {
			t.Errorf("%s: error %v u, want %v u", tt.name, e, tt.e)
		}
	}
}

func TestForwardDefaults(t *testing.T) {
	s := Set{Xhat: []float64{-1, 2}, Rstd: 1, N: 2}
	if e := Float64.Forward([]float64{-1, 2 + 0x1p-51}, s.Xhat, s, nil, nil); e != 2 {
		t.Errorf("error %v u, want 2 u", e)
	}
}

func TestForwardZero(t *testing.T) {
	s := Set{Xhat: []float64{0, 0}, Rstd: 316}
	if e := Float32.Forward([]float64{0, 0}, s.Xhat, s, nil, nil); e != 0 {
		t.Errorf("exact zero has error %v", e)
	}
	if e := Float32.Forward([]float64{0, 300 * 0x1p-149}, s.Xhat, s, nil, nil); e != 0 {
		t.Errorf("within the free grain: error %v", e)
	}
	if e := Float32.Forward([]float64{0, 1e-9}, s.Xhat, s, nil, nil); !math.IsInf(e, 1) {
		t.Errorf("noise where zero is due: error %v", e)
	}
}

func TestForwardNotFinite(t *testing.T) {
	s := Set{Xhat: []float64{1}, Rstd: 1}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if e := Float32.Forward([]float64{v}, []float64{v}, s, nil, nil); e != 0 {
			t.Errorf("%v for %v: error %v", v, v, e)
		}
		if e := Float32.Forward([]float64{1}, []float64{v}, s, nil, nil); !math.IsInf(e, 1) {
			t.Errorf("1 for %v: error %v", v, e)
		}
	}
}

func TestDxMeasure(t *testing.T) {
	s := Set{Xhat: []float64{1, -1}, Rstd: 2, N: 2}
	g := []float64{3, -1} // the divisor is 2*(3 + 2 + 1*2) = 14
	if e := Float32.Dx([]float64{14 * 0x1p-24, 0}, []float64{0, 0}, s, g); math.Abs(e-1) > 1e-9 {
		t.Errorf("error %v u, want 1 u", e)
	}
}

func TestParam(t *testing.T) {
	const terms = 5.0 // dy = 1, -2 and xhat = 3, 1: 3 + 2
	if e := Float32.Param(1+10*0x1p-24, 1, terms); math.Abs(e-2) > 1e-6 {
		t.Errorf("error %v u, want 2 u", e)
	}
	if e := Float32.Param(0, 0, 0); e != 0 {
		t.Errorf("no terms: error %v", e)
	}
}

// forward32 is a float32 LayerNorm without parameters, with the given mean and
// variance formula.
func forward32(x []float64, stats func(x []float32) (mean, variance float32)) []float64 {
	fs := Tensor{Data: x}.Float32()
	mean, variance := stats(fs)
	rstd := float32(1 / math.Sqrt(float64(variance+1e-5)))
	y := make([]float64, len(x))
	for i, v := range fs {
		y[i] = float64((v - mean) * rstd)
	}
	return y
}

func onePass(x []float32) (mean, variance float32) {
	var sum, squares float32
	for _, v := range x {
		sum += v
		squares += v * v
	}
	n := float32(len(x))
	return sum / n, squares/n - sum/n*(sum/n)
}

// TestMeasureTellsFormulasApart checks that E[x^2]-E[x]^2 passes on easy data
// and fails on a mean far from zero.
func TestMeasureTellsFormulasApart(t *testing.T) {
	for _, tt := range []struct {
		id   string
		pass bool
	}{
		{"zoo/layernorm_3x17_d1_randn", true},
		{"zoo/layernorm_4x65_d1_offset1e4", false},
	} {
		c := find(t, tt.id)
		x := Matrix(c.Steps[0].In["x"], 1)
		var worst float64
		for _, set := range RowSets(x.Shape[0], x.Shape[1]) {
			row := Gather(x.Data, set)
			s := Centred(row, nil, 1e-5)
			worst = max(worst, Float32.Forward(forward32(row, onePass), s.Xhat, s, nil, nil))
		}
		if pass := worst <= ForwardBound; pass != tt.pass {
			t.Errorf("%s: error %v u", tt.id, worst)
		}
	}
}
