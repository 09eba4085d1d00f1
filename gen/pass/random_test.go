package pass

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/grad"
	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// random builds a function of n operations on inputs over three axes. Values
// stay moderate: roots and quotients are of sums of squares above one half.
func random(seed uint64, n int) *ir.Func {
	r := rand.New(rand.NewPCG(seed, 5))
	f := &ir.Func{Name: fmt.Sprint("random", seed)}
	pool := []*ir.Value{f.Const(2), f.Load(&ir.Leaf{Kind: ir.ParamLeaf, Name: "k"})}
	for i, d := range [][]int{{0, 1, 2}, {0, 1}, {2}, {1, 2}, {0}} {
		pool = append(pool, f.Load(&ir.Leaf{Kind: ir.InputLeaf, Name: fmt.Sprint("x", i), Dims: d}))
	}
	masks := []*ir.Value{nil, nil, f.Load(&ir.Leaf{Kind: ir.MaskLeaf, Name: "m", Dims: []int{0}}), f.Less(f.Index(2), f.Const(1))}
	pick := func() *ir.Value { return pool[r.IntN(len(pool))] }
	positive := func(v *ir.Value) *ir.Value { return whole(f.Add(f.Mul(v, v), f.Const(0.5))) }
	reduced := func(op ir.Op) *ir.Value {
		return f.Reduce(op, pick(), ir.Axes(1+r.IntN(7)), masks[r.IntN(len(masks))])
	}
	steps := []func() *ir.Value{
		func() *ir.Value { return f.Mul(pick(), pick()) },
		func() *ir.Value { return f.Mul(pick(), pick()) },
		func() *ir.Value { return f.Add(pick(), pick()) },
		func() *ir.Value { return whole(f.Sub(pick(), pick())) },
		func() *ir.Value { return f.Neg(pick()) },
		func() *ir.Value { return f.Div(pick(), positive(pick())) },
		func() *ir.Value { return f.Rsqrt(positive(pick())) },
		func() *ir.Value { return f.Sqrt(positive(pick())) },
		func() *ir.Value { return f.Pow(pick(), f.Const(2)) },
		func() *ir.Value { return f.Apply(ir.Tanh, pick()) },
		func() *ir.Value { return f.Select(masks[2], pick(), f.Const(0)) },
		func() *ir.Value { return f.Select(f.Not(masks[3]), f.Const(0), pick()) },
		func() *ir.Value { return f.Select(f.Less(pick(), pick()), pick(), f.Const(0)) },
		func() *ir.Value { return reduced(ir.Sum) },
		func() *ir.Value { return reduced(ir.Mean) },
		func() *ir.Value { return f.MaxOf(pick(), ir.Axes(1+r.IntN(7)), nil) },
		func() *ir.Value {
			v, over, m := pick(), ir.Axes(1+r.IntN(7)), masks[r.IntN(len(masks))]
			mean := f.Mean(v, over, m)
			xc := whole(f.Sub(v, mean))
			pool = append(pool, mean, f.Mean(f.Mul(xc, xc), over, m))
			return xc
		},
	}
	for range n {
		v := steps[r.IntN(len(steps))]()
		if r.IntN(4) == 0 {
			v = f.Apply(ir.Max, f.Apply(ir.Min, v, f.Const(50)), f.Const(-50))
		}
		pool = append(pool, v)
	}
	for i := range 3 {
		v := pool[len(pool)-1-i]
		var dims []int
		for d := range 3 {
			if v.Axes.Has(1 << d) {
				dims = append(dims, d)
			}
		}
		f.Out(ir.TensorOut, fmt.Sprint("o", i), v, &ir.Leaf{Kind: ir.OutputLeaf, Name: fmt.Sprint("o", i), Dims: dims})
	}
	return f
}

// backward derives the gradient of a random function by its inputs.
func backward(t *testing.T, f *ir.Func) *ir.Func {
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
	b, err := grad.Derive(f, dys, wrt)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The passes keep the meaning of functions that nobody would write, and of
// their gradients.
func TestRandom(t *testing.T) {
	for seed := range uint64(600) {
		f := random(seed, 4+int(seed%9))
		for _, f := range []*ir.Func{f, backward(t, f)} {
			g := f.Clone()
			if err := Run(g, Default); err != nil {
				t.Fatal(err)
			}
			e := interp.Sample(seed, []int{3, 2, 4}, f)
			agree(t, f, g, e)
			agree(t, Unmask(f), Unmask(g), e)
		}
	}
}

func agree(t *testing.T, f, g *ir.Func, e interp.Env) {
	t.Helper()
	x, y := run(t, f, e), run(t, g, e)
	for i := range x {
		if d := distance(x[i], y[i]); !(d < 1e-9) {
			t.Fatalf("%s differs by %.3g\n%s\n%s", f.Outs[i].Name, d, f, g)
		}
	}
}
