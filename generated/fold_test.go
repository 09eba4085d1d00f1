package generated_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/vectors"
)

// foldable are the norms that in evaluation use nothing but what the layer holds.
var foldable = []string{"BatchNorm", "BatchNormCumulative", "BatchNormSpatialNCS", "BatchNormSpatialNSC", "BatchRenorm",
	"InstanceNormRunningNCS", "InstanceNormRunningNSC", "MABNNCP", "MABNNPC", "PNV", "PowerNorm", "PowerNormUnscaled", "PowerNormWarm", "UN"}

type folder[T runtime.Float] interface{ Fold(scale, shift []T) }

// TestFoldMethod holds that these have a Fold, and no others.
func TestFoldMethod(t *testing.T) {
	for _, name := range names() {
		sizes := normtest.EvenSizes(planned(t)[name], 1, 8)
		_, has32 := newRig[float32](t, name, sizes).Typed.(folder[float32])
		_, has64 := newRig[float64](t, name, sizes).Typed.(folder[float64])
		if want := slices.Contains(foldable, name); has32 != want || has64 != want {
			t.Errorf("%s: Fold %t in float32, %t in float64, want %t", name, has32, has64, want)
		}
	}
}

// TestFoldInfer compares scale*x + shift with inference.
func TestFoldInfer(t *testing.T) {
	for _, name := range foldable {
		foldInfer[float32](t, name, vectors.Float32.Unit)
		foldInfer[float64](t, name, vectors.Float64.Unit)
	}
}

func foldInfer[T runtime.Float](t *testing.T, name string, unit float64) {
	const rows, cols = 50, 300
	r := rand.New(rand.NewPCG(1, 2))
	sizes := normtest.EvenSizes(planned(t)[name], rows, cols)
	l := trained[T](t, r, name, sizes)
	s := normtest.NewSample[T](l.Unit, r, sizes, "randn", nil)
	m := l.Mount(l.NewWork(rows), s, 0)
	if err := m.Infer(); err != nil {
		t.Fatal(err)
	}
	x, y := m.In[0].Data, m.Out[0].Data
	channels := len(l.Params()[0].Data)
	scale, shift := make([]T, channels), make([]T, channels)
	l.Typed.(folder[T]).Fold(scale, shift)
	// In rounding errors u of the sum of magnitudes. Infer: the difference x -
	// mean, var + eps (half, under a root), root, reciprocal, times gamma, times
	// the difference, plus beta, each 1: 6.5. Fold: scale, product, sum: 3.
	const bound = 9.5
	for i := range y {
		c := i % cols / (cols / channels)
		a, b := T(scale[c]*x[i]), shift[c]
		size := math.Abs(float64(a)) + math.Abs(float64(b))
		if e := math.Abs(float64(a+b)-float64(y[i])) / size / unit; !(e <= bound) {
			t.Fatalf("%s: %v*%v + %v differs from Infer's %v by %.1f u, want at most %.1f", name, scale[c], x[i], b, y[i], e, bound)
		}
	}
}

// trained makes a layer with random parameters and state. Where a mean is
// subtracted times gamma, beta has the same sign as what is subtracted, so that
// the shift is not the small difference of large numbers.
func trained[T runtime.Float](t *testing.T, r *rand.Rand, name string, sizes []int) *rig[T] {
	t.Helper()
	l := newRig[T](t, name, sizes)
	for _, v := range slices.Concat(l.Params(), l.State()) {
		for j := range v.Data {
			v.Data[j] = T(0.2 + 2*r.Float64())
			if v.Name == "beta" {
				v.Data[j] = -v.Data[j]
			}
		}
	}
	return l
}

func normals[T runtime.Float](r *rand.Rand, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = T(r.NormFloat64())
	}
	return out
}

func inferred[T runtime.Float](t *testing.T, l runtime.NormOf[T], x runtime.ViewOf[T]) runtime.ViewOf[T] {
	t.Helper()
	y := runtime.Matrix(make([]T, x.Rows*x.Cols), x.Rows, x.Cols)
	if err := l.Infer(y, x); err != nil {
		t.Fatal(err)
	}
	return y
}

// A linear layer, for the comparison: its weights are [out][in].
type linear struct {
	w    runtime.View64
	bias []float64
}

func newLinear(r *rand.Rand, out, in int) linear {
	return linear{runtime.Matrix(normals[float64](r, out*in), out, in), normals[float64](r, out)}
}

func (l linear) apply(x runtime.View64) runtime.View64 {
	y := runtime.Matrix(make([]float64, x.Rows*l.w.Rows), x.Rows, l.w.Rows)
	for i := range x.Rows {
		for o, row := 0, y.Row(i); o < l.w.Rows; o++ {
			row[o] = l.bias[o]
			for j, v := range x.Row(i) {
				row[o] += l.w.Row(o)[j] * v
			}
		}
	}
	return y
}

// TestFoldLinear holds that a linear layer with a norm folded into it is the
// two of them, on either side.
func TestFoldLinear(t *testing.T) {
	const rows, cols, other = 7, 24, 10
	for _, name := range foldable {
		r := rand.New(rand.NewPCG(3, 4))
		norm, ok := trained[float64](t, r, name, normtest.EvenSizes(planned(t)[name], rows, cols)).Typed.(runtime.FoldableOf[float64])
		if !ok || len(norm.Params()[0].Data) != cols {
			continue // channels are not columns, or rows are cut into segments
		}
		scale, shift := make([]float64, cols), make([]float64, cols)
		norm.Fold(scale, shift)

		after, before := newLinear(r, other, cols), newLinear(r, cols, other)
		x := runtime.Matrix(normals[float64](r, rows*cols), rows, cols)
		narrow := runtime.Matrix(normals[float64](r, rows*other), rows, other)
		wantAfter := after.apply(inferred(t, norm, x))
		wantBefore := inferred(t, norm, before.apply(narrow))

		after.bias = runtime.FoldIntoNext(after.w, after.bias, scale, shift)
		before.bias = runtime.FoldIntoPrevious(before.w, before.bias, scale, shift)
		// Sums of 24 products: some 30 roundings of 1.1e-16, relative to the
		// largest result.
		for what, e := range map[string]float64{
			"next":     vectors.Relative(after.apply(x).Data, wantAfter.Data, 0),
			"previous": vectors.Relative(before.apply(narrow).Data, wantBefore.Data, 0),
		} {
			if !(e <= 1e-12) {
				t.Errorf("%s folded into the %s layer differs by %.2g", name, what, e)
			}
		}
	}
}

// A scale and a shift for other columns panic.
func TestFoldLength(t *testing.T) {
	fold := newLayer[float32](t, "BatchNorm", 8).(runtime.FoldableOf[float32]).Fold
	mustPanic(t, "a short scale", "scale has 7 elements, want 8", func() { fold(make([]float32, 7), make([]float32, 8)) })
	mustPanic(t, "a long shift", "shift has 9 elements, want 8", func() { fold(make([]float32, 8), make([]float32, 9)) })
}
