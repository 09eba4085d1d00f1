package runtime

import (
	"math"
	"math/rand/v2"
	"testing"
)

const u = 1.0 / (1 << 24)

// hard are the numbers on which other implementations lose their digits. All are
// rounded to float32, and the reference is that of the rounded numbers.
var hard = map[string]func(r *rand.Rand, i, n int) float64{
	"randn":          func(r *rand.Rand, i, n int) float64 { return r.NormFloat64() },
	"offset 1e4":     func(r *rand.Rand, i, n int) float64 { return 1e4 + r.NormFloat64() },
	"offset 1e7":     func(r *rand.Rand, i, n int) float64 { return 1e7 + r.NormFloat64() },
	"1e5 by 1e-2":    func(r *rand.Rand, i, n int) float64 { return 1e5 + 1e-2*r.NormFloat64() },
	"first outlier":  func(r *rand.Rand, i, n int) float64 { return outlier(r, i == 0, 1e4) },
	"last outlier":   func(r *rand.Rand, i, n int) float64 { return outlier(r, i == n-1, 1e4) },
	"sixteen first":  func(r *rand.Rand, i, n int) float64 { return outlier(r, i < 16, 1e6) },
	"ramp":           func(r *rand.Rand, i, n int) float64 { return float64(i) },
	"far ramp":       func(r *rand.Rand, i, n int) float64 { return 3e6 + float64(i%4) },
	"two values":     func(r *rand.Rand, i, n int) float64 { return 1e3 * float64(i%2) },
	"scales":         func(r *rand.Rand, i, n int) float64 { return r.NormFloat64() * math.Exp2(30*r.Float64()-15) },
	"small":          func(r *rand.Rand, i, n int) float64 { return 1e-15 * r.NormFloat64() },
	"large":          func(r *rand.Rand, i, n int) float64 { return 1e15 * r.NormFloat64() },
	"alternating":    func(r *rand.Rand, i, n int) float64 { return 1e6*float64(1-2*(i%2)) + r.NormFloat64() },
	"heavy tail":     func(r *rand.Rand, i, n int) float64 { return r.NormFloat64() / (1e-4 + r.Float64()*r.Float64()) },
	"drift by block": func(r *rand.Rand, i, n int) float64 { return 1e3*float64(i/256) + r.NormFloat64() },
}

func outlier(r *rand.Rand, far bool, size float64) float64 {
	if far {
		return size
	}
	return r.NormFloat64()
}

func hardFill(fill string, n int) []float32 {
	r := rand.New(rand.NewPCG(11, uint64(n)))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(hard[fill](r, i, n))
	}
	return x
}

// A total adds with compensation: twice the digits of float64.
type total struct{ s, c float64 }

func (t *total) add(x float64) {
	s := t.s + x
	if math.Abs(t.s) >= math.Abs(x) {
		t.c += (t.s - s) + x
	} else {
		t.c += (x - s) + t.s
	}
	t.s = s
}

func (t total) value() float64 { return t.s + t.c }

// exactMoments returns the mean, as far from x[0], and the mean square around it.
func exactMoments(x []float32) (shift, c, variance float64) {
	shift = float64(x[0])
	var s, q total
	for _, v := range x {
		s.add(float64(v) - shift)
	}
	c = s.value() / float64(len(x))
	for _, v := range x {
		d := float64(v) - shift - c
		q.add(d * d)
	}
	return shift, c, q.value() / float64(len(x))
}

// xhatError returns the largest error of normalized elements, as a share of the
// largest of them, in u. They are computed as generated code does.
func xhatError(x []float32, hi, lo float32, ss float64) float64 {
	n := float64(len(x))
	shift, c, variance := exactMoments(x)
	rstd := Rsqrt(float32(ss/n + 1e-5))
	want := 1 / math.Sqrt(variance+1e-5)
	worst, largest := 0.0, 0.0
	for _, v := range x {
		got := float64(float32(v-hi-lo) * rstd)
		ref := (float64(v) - shift - c) * want
		worst, largest = max(worst, math.Abs(got-ref)), max(largest, math.Abs(ref))
	}
	if worst == 0 {
		return 0
	}
	return worst / largest / u
}

var lengths = []int{1, 2, 3, 15, 16, 17, 31, 33, 64, 100, 255, 256, 257, 768, 1000, 4096, 12288, 65537}

func lengthsUpTo20() []int {
	return append(append([]int{}, lengths...), 1<<20)
}

// TestRowMomentsAccuracy holds normalized rows to 8 u on hard numbers, up to a
// million of them.
func TestRowMomentsAccuracy(t *testing.T) {
	for fill := range hard {
		worst := 0.0
		for _, n := range lengthsUpTo20() {
			x := hardFill(fill, n)
			hi, lo, ss := RowMoments(x)
			e := xhatError(x, hi, lo, ss)
			if worst = max(worst, e); !(e <= 8) {
				t.Errorf("%s, %d elements: %.1f u", fill, n, e)
			}
		}
		t.Logf("%-15s %.2f u", fill, worst)
	}
}

// TestConstantMoments holds constants to a spread of exactly 0, wherever they are;
// sixteen of them must add up without overflow.
func TestConstantMoments(t *testing.T) {
	for _, v := range []float32{0, 0.1, -1234, 1e-40, 2e37, 16777217} {
		for _, n := range lengths {
			x := make([]float32, n)
			for i := range x {
				x[i] = v
			}
			if hi, lo, ss := RowMoments(x); hi != v || lo != 0 || ss != 0 {
				t.Fatalf("%d times %v: hi %v, lo %v, ss %v", n, v, hi, lo, ss)
			}
			if n > 5000 {
				continue
			}
			mean, ss := columnMoments(t, x, 1, nil)
			if mean[0] != float64(v) || ss[0] != 0 {
				t.Fatalf("%d rows of %v: mean %v, ss %v", n, v, mean, ss)
			}
		}
	}
}

// columnMoments joins the moments of all blocks of a matrix of so many columns.
func columnMoments(t *testing.T, x []float32, cols int, keep []bool) (mean, ss []float64) {
	spec := func(mask int) Variant[float32] {
		return Variant[float32]{Masked: mask > 0, Forward: Kernel[float32]{Stages: []Stage[float32]{{
			Moments: []Moment{{Mask: mask}},
			Sweep:   func(b *Block[float32]) { b.ColumnMoments(0, b.In[0]) },
		}}}}
	}
	l := newLayer(t, &Spec[float32]{Axes: []string{"C"}, Shapes: []Shape{{0}}, Inputs: tensors("x"),
		Masks: []MaskSpec{{Name: "keep"}}, Arrays: Arrays{Moment: []int{0}}, Train: []Variant[float32]{spec(0), spec(1)}}, cols)
	rows := len(x) / cols
	w := l.NewWork(rows)
	w.In(new(Matrix(x, rows, cols)))
	w.Keep(0, keep)
	if err := w.RunForward(); err != nil {
		t.Fatal(err)
	}
	return w.frame.Mean[0], w.frame.SS[0]
}

// TestColumnMomentsAccuracy holds normalized columns to 8 u, with other columns
// beside them, and with rows that a mask hides.
func TestColumnMomentsAccuracy(t *testing.T) {
	const cols = 3
	for fill := range hard {
		worst := 0.0
		for _, n := range lengthsUpTo20() {
			x := hardFill(fill, n)
			wide, keep := make([]float32, 0, 2*n*cols), make([]bool, 0, 2*n)
			for _, v := range x {
				wide, keep = append(wide, 1, v, -v), append(keep, true)
				if n <= 1000 {
					nan := float32(math.NaN())
					wide, keep = append(wide, nan, nan, nan), append(keep, false)
				}
			}
			mean, ss := columnMoments(t, wide, cols, keep)
			if mean[2] != -mean[1] || ss[2] != ss[1] {
				t.Fatalf("%s, %d rows: the negated column has mean %v of %v", fill, n, mean[2], mean[1])
			}
			hi := float32(mean[1])
			e := xhatError(x, hi, float32(mean[1]-float64(hi)), ss[1])
			if worst = max(worst, e); !(e <= 8) {
				t.Errorf("%s, %d rows: %.1f u", fill, n, e)
			}
		}
		t.Logf("%-15s %.2f u", fill, worst)
	}
}

// TestColumnMomentsOfNothing holds that no rows have moments 0, whatever was
// there.
func TestColumnMomentsOfNothing(t *testing.T) {
	m := BlockMoments{Mask: 1, N: 3, Mean: []float64{math.NaN()}, SS: []float64{1}}
	b := Block[float32]{Frame: &Frame[float32]{Cols: 1}, N: 2, Mask: [][]bool{{false, false}}, Moment: []BlockMoments{m}}
	b.ColumnMoments(0, Matrix([]float32{1, 2}, 2, 1))
	if got := b.Moment[0]; got.N != 0 || got.Mean[0] != 0 || got.SS[0] != 0 {
		t.Fatalf("moments of nothing are %v", got)
	}
}
