package pass

import (
	"testing"

	"github.com/normgen/normgen/gen/grad"
	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// layerNorm is x[R C] with row statistics; batchNorm has column statistics.
func shiftScale(over ir.Axes, masked bool) (*ir.Layer, *ir.Func, *ir.Func) {
	x := &ir.Leaf{Kind: ir.InputLeaf, Name: "x", Dims: []int{0, 1}}
	ga := &ir.Leaf{Kind: ir.ParamLeaf, Name: "gamma", Dims: []int{1}}
	be := &ir.Leaf{Kind: ir.ParamLeaf, Name: "beta", Dims: []int{1}}
	y := &ir.Leaf{Kind: ir.OutputLeaf, Name: "y", Dims: []int{0, 1}}
	dy := &ir.Leaf{Kind: ir.CotangentLeaf, Name: "dy", Dims: []int{0, 1}}
	keep := &ir.Leaf{Kind: ir.MaskLeaf, Name: "keep", Dims: []int{0}}
	l := &ir.Layer{Axes: []ir.Axis{{Name: "R"}, {Name: "C"}}}
	f := &ir.Func{Name: "forward"}
	at := func(v *ir.Value) *ir.Value { v.Atom = true; return v }
	xv := f.Load(x)
	var m *ir.Value
	if masked {
		m = f.Load(keep)
	}
	mean := f.Mean(xv, over, m)
	mean.Name = "mean"
	xc := at(f.Sub(xv, mean))
	v := f.Mean(f.Mul(xc, xc), over, m)
	v.Name = "var"
	r := f.Rsqrt(at(f.Add(v, f.Const(1e-5))))
	out := at(f.Add(f.Mul(f.Mul(xc, r), f.Load(ga)), f.Load(be)))
	f.Out(ir.TensorOut, "y", out, y)
	f.Out(ir.StatOut, "mean", mean, nil)
	f.Out(ir.StatOut, "var", v, nil)
	b, err := grad.Derive(f, []*ir.Leaf{dy}, []*ir.Leaf{x, ga, be})
	if err != nil {
		panic(err)
	}
	return l, f, b
}

func TestHand(t *testing.T) {
	for _, over := range []ir.Axes{1, 2} {
		for _, masked := range []bool{false, true} {
			l, f, b := shiftScale(over, masked && over == 1)
			for _, g := range []*ir.Func{f, b} {
				before := g.Clone()
				if err := Run(g, Default); err != nil {
					t.Fatal(err)
				}
				t.Log(l.Dump(g))
				same(t, before, g, []int{3, 4})
			}
		}
	}
}

func same(t *testing.T, a, b *ir.Func, sizes []int) {
	t.Helper()
	for seed := range uint64(3) {
		e := interp.Sample(seed, sizes, a, b)
		x, err := interp.Run(a, e)
		if err != nil {
			t.Fatal(err)
		}
		y, err := interp.Run(b, e)
		if err != nil {
			t.Fatal(err)
		}
		for i := range x {
			for k := range x[i] {
				d := x[i][k] - y[i][k]
				if !(d < 1e-11 && d > -1e-11) {
					t.Fatalf("%s %d[%d]: %g, was %g", a.Outs[i].Name, i, k, y[i][k], x[i][k])
				}
			}
		}
	}
}
