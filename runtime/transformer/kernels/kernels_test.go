package kernels_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer/kernels"
)

// Lengths of rows, around the widths of registers and the blocks of calls.
var lengths = []int{1, 2, 15, 16, 17, 31, 33, 64, 100, 1000, 9999}

const rows = 5

func filled(r *rand.Rand, cols int, scale float64) runtime.View {
	x := runtime.Matrix(make([]float32, rows*cols), rows, cols)
	for i := range x.Data {
		x.Data[i] = float32(scale * r.NormFloat64())
	}
	return x
}

func empty(cols int) runtime.View { return runtime.Matrix(make([]float32, rows*cols), rows, cols) }

// TestRows compares kernels of one matrix with float64, in every instruction set, and
// in place. The bound is in units of float32 for the largest value of a row: sums
// of numbers of one sign lose less than that.
func TestRows(t *testing.T) {
	softmax := func(row []float64) {
		top, sum := slices.Max(row), 0.0
		for j, x := range row {
			row[j] = math.Exp(x - top)
			sum += row[j]
		}
		for j := range row {
			row[j] = row[j]/sum - 1e-3
		}
	}
	each := func(f func(float64) float64) func([]float64) {
		return func(row []float64) {
			for j, x := range row {
				row[j] = f(x)
			}
		}
	}
	for name, k := range map[string]struct {
		make func(cols int) (kernels.Rows[float32], error)
		want func(row []float64)
	}{
		"softmax": {func(n int) (kernels.Rows[float32], error) { return kernels.MakeSoftmax[float32](n, rows, 1e-3) }, softmax},
		"relu": {func(n int) (kernels.Rows[float32], error) { return kernels.MakeReLU[float32](n, rows) },
			each(func(x float64) float64 { return math.Max(x, 0) })},
		"gelu": {func(n int) (kernels.Rows[float32], error) { return kernels.MakeGELU[float32](n, rows) },
			each(func(x float64) float64 { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) })},
	} {
		for _, cols := range lengths {
			x := filled(rand.New(rand.NewPCG(1, uint64(cols))), cols, 3)
			everywhere(t, fmt.Sprintf("%s of %d", name, cols), func() []float32 {
				f, err := k.make(cols)
				if err != nil {
					t.Fatal(err)
				}
				y, same := empty(cols), runtime.Matrix(slices.Clone(x.Data), rows, cols)
				if err := f.Infer(y, x); err != nil {
					t.Fatal(err)
				}
				if err := f.Infer(same, same); err != nil || !slices.Equal(same.Data, y.Data) {
					t.Errorf("%s of %d in place: other bits, or %v", name, cols, err)
				}
				return y.Data
			}, func(i int) []float64 {
				row := widened(x.Row(i))
				k.want(row)
				return row
			})
		}
	}
}

// TestRows2 does so for the gradients, which may overwrite what they read.
func TestRows2(t *testing.T) {
	for name, k := range map[string]struct {
		make func(cols, rows int) (kernels.Rows2[float32], error)
		want func(a, d []float64)
	}{
		"softmax": {kernels.MakeSoftmaxGradient[float32], func(y, d []float64) {
			sum := 0.0
			for j := range y {
				sum += y[j] * d[j]
			}
			for j := range y {
				d[j] = y[j] * (d[j] - sum)
			}
		}},
		"relu": {kernels.MakeReLUGradient[float32], func(x, d []float64) {
			for j := range x {
				if x[j] <= 0 {
					d[j] = 0
				}
			}
		}},
		"gelu": {kernels.MakeGELUGradient[float32], func(x, d []float64) {
			for j, v := range x {
				d[j] *= 0.5*(1+math.Erf(v/math.Sqrt2)) + v*math.Exp(-v*v/2)/math.Sqrt(2*math.Pi)
			}
		}},
	} {
		for _, cols := range lengths {
			r := rand.New(rand.NewPCG(2, uint64(cols)))
			a, d := filled(r, cols, 1), filled(r, cols, 1)
			everywhere(t, fmt.Sprintf("gradient of %s of %d", name, cols), func() []float32 {
				f, err := k.make(cols, rows)
				if err != nil {
					t.Fatal(err)
				}
				y, same := empty(cols), runtime.Matrix(slices.Clone(d.Data), rows, cols)
				if err := f.Infer(y, a, d); err != nil {
					t.Fatal(err)
				}
				if err := f.Infer(same, a, same); err != nil || !slices.Equal(same.Data, y.Data) {
					t.Errorf("gradient of %s of %d in place: other bits, or %v", name, cols, err)
				}
				return y.Data
			}, func(i int) []float64 {
				x, out := widened(a.Row(i)), widened(d.Row(i))
				k.want(x, out)
				return out
			})
		}
	}
}

// everywhere wants the same bits in every instruction set, and the wanted rows to 32
// units of the largest element of a row.
func everywhere(t *testing.T, what string, run func() []float32, want func(i int) []float64) {
	t.Helper()
	var first []float32
	for _, isa := range normtest.ISAs() {
		normtest.Capped(t, isa, func() {
			got := run()
			if first == nil {
				first = got
			}
			if !slices.Equal(first, got) {
				t.Errorf("%s: %v has other bits", what, isa)
			}
		})
	}
	cols := len(first) / rows
	for i := range rows {
		row := want(i)
		largest := 0.0
		for _, v := range row {
			largest = max(largest, math.Abs(v))
		}
		for j, v := range row {
			if d := math.Abs(float64(first[i*cols+j]) - v); !(d <= 32*0x1p-24*max(largest, 0x1p-10)) {
				t.Fatalf("%s, row %d, element %d: %v, want %v", what, i, j, first[i*cols+j], v)
			}
		}
	}
}

func widened(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// TestSoftmaxHides gives hidden scores exactly nothing, and rows in which all is
// hidden even shares.
func TestSoftmaxHides(t *testing.T) {
	f, err := kernels.MakeSoftmax[float32](40, rows, 0)
	if err != nil {
		t.Fatal(err)
	}
	x := filled(rand.New(rand.NewPCG(1, 1)), 40, 10)
	for i := range rows {
		for j := range x.Row(i)[i*10:] {
			x.Row(i)[i*10+j] = -1e30
		}
	}
	if err := f.Infer(x, x); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < rows; i++ {
		for j, v := range x.Row(i) {
			if hidden := j >= i*10; hidden != (v == 0) {
				t.Errorf("row %d, element %d is %v", i, j, v)
			}
		}
	}
	if x.Row(0)[0] != 1.0/40 || x.Row(0)[39] != 1.0/40 {
		t.Errorf("where all is hidden the shares are %v", x.Row(0))
	}
}
