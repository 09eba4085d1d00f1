package interp

import (
	"math"
	"testing"

	"github.com/normgen/normgen/gen/ir"
)

func one(t *testing.T, e Env, build func(f *ir.Func) *ir.Value) []float64 {
	t.Helper()
	f := &ir.Func{Name: "f"}
	f.Out(ir.StatOut, "o", build(f), nil)
	if err := ir.Verify(f); err != nil {
		t.Fatal(err)
	}
	out, err := Run(f, e)
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

func expect(t *testing.T, what string, got []float64, want ...float64) {
	t.Helper()
	for i := range want {
		if len(got) != len(want) || got[i] != want[i] {
			t.Errorf("%s = %v, want %v", what, got, want)
			return
		}
	}
}

var (
	x    = &ir.Leaf{Kind: ir.InputLeaf, Name: "x", Dims: []int{1, 0}}
	keep = &ir.Leaf{Kind: ir.MaskLeaf, Name: "keep", Dims: []int{0}}
)

// env is x[C N] = [[1 2 NaN] [4 5 NaN]] with the last of N masked.
func env() Env {
	nan := math.NaN()
	return Env{Sizes: []int{3, 2}, Step: 7, Leaves: map[*ir.Leaf][]float64{x: {1, 2, nan, 4, 5, nan}, keep: {1, 1, 0}}}
}

// Masks select: what is masked may be NaN.
func TestMasks(t *testing.T) {
	e := env()
	reduce := func(op ir.Op) []float64 {
		return one(t, e, func(f *ir.Func) *ir.Value { return f.Reduce(op, f.Load(x), 1, f.Load(keep)) })
	}
	expect(t, "sum", reduce(ir.Sum), 3, 9)
	expect(t, "mean", reduce(ir.Mean), 1.5, 4.5)
	expect(t, "max", reduce(ir.MaxOf), 2, 5)
	expect(t, "hi", reduce(ir.MomentHi), 1.5, 4.5)
	expect(t, "lo", reduce(ir.MomentLo), 0, 0)
	expect(t, "ss", reduce(ir.MomentSS), 0.5, 0.5)
	expect(t, "count", one(t, e, func(f *ir.Func) *ir.Value { return f.Count(1, f.Load(keep)) }), 2)
	expect(t, "count of both axes", one(t, e, func(f *ir.Func) *ir.Value { return f.Count(3, f.Load(keep)) }), 4)
	e.Leaves[keep] = []float64{0, 0, 0}
	expect(t, "empty mean", reduce(ir.Mean), 0, 0)
	expect(t, "empty count", one(t, e, func(f *ir.Func) *ir.Value { return f.Count(1, f.Load(keep)) }), 1)
	delete(e.Leaves, keep)
	expect(t, "count without a mask", one(t, e, func(f *ir.Func) *ir.Value { return f.Count(1, f.Load(keep)) }), 3)
}

// The largest is a fold of a > b ? a : b, as in plans: a NaN gives way to what
// follows it.
func TestMaxOfNaN(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		x    [3]float64
		want float64
	}{{[3]float64{nan, 1, 2}, 2}, {[3]float64{3, nan, 1}, 1}, {[3]float64{3, 1, nan}, nan}, {[3]float64{-inf, -inf, -inf}, -inf}} {
		e := Env{Sizes: []int{3, 1}, Leaves: map[*ir.Leaf][]float64{x: c.x[:]}}
		got := one(t, e, func(f *ir.Func) *ir.Value { return f.Reduce(ir.MaxOf, f.Load(x), 1, nil) })[0]
		if got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("the largest of %v is %v, want %v", c.x, got, c.want)
		}
	}
}

func TestLeaves(t *testing.T) {
	e := env()
	expect(t, "step", one(t, e, func(f *ir.Func) *ir.Value { return f.Step() }), 7)
	expect(t, "size", one(t, e, func(f *ir.Func) *ir.Value { return f.Size(3) }), 6)
	expect(t, "index", one(t, e, func(f *ir.Func) *ir.Value { return f.Index(1) }), 0, 1, 2)
	expect(t, "select", one(t, e, func(f *ir.Func) *ir.Value {
		return f.Sum(f.Select(f.Load(keep), f.Load(x), f.Const(10)), 3, nil)
	}), 32)
	expect(t, "initial value", one(t, e, func(f *ir.Func) *ir.Value {
		return f.Load(&ir.Leaf{Kind: ir.ParamLeaf, Name: "gamma", Dims: []int{1}, Init: 1})
	}), 1, 1)
}

// Sums of any length are accurate to a rounding.
func TestCompensation(t *testing.T) {
	const n = 100001
	l := &ir.Leaf{Name: "x", Dims: []int{0}}
	v := make([]float64, n)
	for i := range v {
		v[i] = 0.1
	}
	v[0], v[n-1] = 1e15, -1e15
	e := Env{Sizes: []int{n}, Leaves: map[*ir.Leaf][]float64{l: v}}
	got := one(t, e, func(f *ir.Func) *ir.Value { return f.Sum(f.Load(l), 1, nil) })[0]
	if want := 0.1 * (n - 2); math.Abs(got-want) > 1e-11 {
		t.Errorf("sum = %.17g, want %.17g", got, want)
	}
}

func TestErrors(t *testing.T) {
	f := &ir.Func{}
	f.Load(x)
	if _, err := Run(f, Env{Sizes: []int{2, 2}, Leaves: map[*ir.Leaf][]float64{x: {1}}}); err == nil {
		t.Error("a leaf of the wrong length was read")
	}
}
