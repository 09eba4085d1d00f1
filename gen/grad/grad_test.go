package grad

import (
	"math"
	"testing"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// checkDual compares the backward of f with dual numbers: for any cotangent w
// and direction v, <w, J v> = <J' w, v>, to the rounding of the sums themselves.
func checkDual(t *testing.T, name string, f *ir.Func, sizes []int, seed uint64) {
	t.Helper()
	var dys, wrt []*ir.Leaf
	for _, o := range f.Outs {
		dys = append(dys, &ir.Leaf{Kind: ir.CotangentLeaf, Name: "d" + o.Name, Dims: o.Leaf.Dims})
	}
	for _, v := range f.Values {
		if v.Op == ir.Load && v.Leaf.Kind == ir.InputLeaf {
			wrt = append(wrt, v.Leaf)
		}
	}
	b, err := Derive(f, dys, wrt)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := ir.Verify(b); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, b)
	}
	e := interp.Sample(seed, sizes, b)
	dots := interp.Sample(seed+100, sizes, f).Leaves
	_, jv, err := interp.RunDual(f, e, dots)
	if err != nil {
		t.Fatal(err)
	}
	jw, err := interp.Run(b, e)
	if err != nil {
		t.Fatal(err)
	}
	var left, right, size float64
	for i, dy := range dys {
		left += inner(e.Leaves[dy], jv[i], &size)
	}
	for i, l := range wrt {
		right += inner(jw[i], dots[l], &size)
	}
	if !(math.Abs(left-right) <= 1e-12*size) {
		t.Errorf("%s: <w, Jv> = %g, <J'w, v> = %g\n%s", name, left, right, b)
	}
}

func inner(a, b []float64, size *float64) float64 {
	var s float64
	for i := range a {
		s += a[i] * b[i]
		*size += math.Abs(a[i] * b[i])
	}
	return s
}

// One function for every operation with a gradient.
func TestOps(t *testing.T) {
	unary := []ir.Op{ir.Neg, ir.Sqrt, ir.Rsqrt, ir.Exp, ir.Log, ir.Tanh, ir.Erf, ir.Abs, ir.Floor, ir.Detach, ir.Not}
	binary := []ir.Op{ir.Add, ir.Sub, ir.Mul, ir.Div, ir.Mod, ir.Max, ir.Min, ir.Less, ir.LessEq, ir.Equal, ir.And, ir.Or}
	reduce := []ir.Op{ir.Sum, ir.Mean, ir.MaxOf}
	one := func(name string, build func(f *ir.Func, x, y, z, keep *ir.Value) *ir.Value) {
		f := &ir.Func{Name: name}
		x := f.Load(&ir.Leaf{Kind: ir.InputLeaf, Name: "x", Dims: []int{1, 0}})
		y := f.Load(&ir.Leaf{Kind: ir.InputLeaf, Name: "y", Dims: []int{0, 1}})
		z := f.Load(&ir.Leaf{Kind: ir.InputLeaf, Name: "z", Dims: []int{1}})
		keep := f.Load(&ir.Leaf{Kind: ir.MaskLeaf, Name: "keep", Dims: []int{0}})
		v := f.Widen(build(f, x, y, z, keep), 3)
		f.Out(ir.TensorOut, "o", v, &ir.Leaf{Kind: ir.OutputLeaf, Name: "o", Dims: []int{0, 1}})
		for seed := range uint64(4) {
			checkDual(t, name, f, []int{3, 4}, seed)
		}
	}
	for _, op := range unary {
		one(op.String(), func(f *ir.Func, x, y, z, keep *ir.Value) *ir.Value {
			if op == ir.Sqrt || op == ir.Rsqrt || op == ir.Log {
				x = f.Add(f.Mul(x, x), f.Const(0.1))
			}
			return f.Mul(f.Apply(op, x), y)
		})
	}
	for _, op := range binary {
		one(op.String(), func(f *ir.Func, x, y, z, keep *ir.Value) *ir.Value {
			return f.Mul(f.Apply(op, x, z), y)
		})
	}
	for _, op := range reduce {
		one(op.String(), func(f *ir.Func, x, y, z, keep *ir.Value) *ir.Value {
			return f.Mul(f.Add(f.Reduce(op, f.Mul(x, z), 2, nil), f.Reduce(op, x, 3, keep)), y)
		})
	}
	one("max of equals", func(f *ir.Func, x, y, z, keep *ir.Value) *ir.Value {
		return f.Mul(f.MaxOf(f.Mul(f.Floor(x), z), 1, nil), y) // elements of a column share z
	})
	one("pow", func(f *ir.Func, x, y, z, keep *ir.Value) *ir.Value {
		return f.Add(f.Pow(x, f.Const(3)), f.Pow(f.Exp(y), f.Mul(f.Const(0.5), f.Const(3))))
	})
	one("select", func(f *ir.Func, x, y, z, keep *ir.Value) *ir.Value {
		return f.Select(f.And(f.Less(x, y), keep), f.Mul(x, z), f.Neg(y))
	})
}

// A declared gradient replaces the derived one of its value and of nothing else.
func TestDeclared(t *testing.T) {
	f := &ir.Func{}
	x := f.Load(&ir.Leaf{Kind: ir.InputLeaf, Name: "x", Dims: []int{0}})
	p := f.Load(&ir.Leaf{Kind: ir.ParamLeaf, Name: "p"})
	u := f.Mul(x, x)
	y := f.Mul(u, p)
	dy := f.Load(&ir.Leaf{Kind: ir.CotangentLeaf, Name: "dy", Dims: []int{0}})
	g, err := Adjoints(f, []Seed{{y, dy}}, []Seed{{u, f.Const(10)}}, []*ir.Value{x, p})
	if err != nil {
		t.Fatal(err)
	}
	f.Out(ir.GradOut, "x", g[0], x.Leaf)
	f.Out(ir.GradOut, "p", g[1], p.Leaf)
	out, err := interp.Run(f, interp.Env{Sizes: []int{2}, Leaves: map[*ir.Leaf][]float64{x.Leaf: {1, 2}, p.Leaf: {3}, dy.Leaf: {1, 1}}})
	if err != nil {
		t.Fatal(err)
	}
	if out[0][0] != 20 || out[0][1] != 40 || out[1][0] != 5 {
		t.Errorf("dx = %v, dp = %v; want [20 40], [5]", out[0], out[1])
	}
}
