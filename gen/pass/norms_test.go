package pass

import (
	"testing"

	"github.com/normgen/normgen/gen/grad"
	"github.com/normgen/normgen/gen/ir"
)

// A norm is a layer under test, built by hand: what the algebra must do does
// not depend on the language.
type norm struct {
	name   string
	sizes  []int
	over   []ir.Axes // full-tensor sums expected in Backward: what each sums over
	open   []ir.Axes // the same without masks, if different
	layer  *ir.Layer
	fwd    *ir.Func
	leaves []*ir.Leaf // what to differentiate by
	dys    []*ir.Leaf
}

// A form builds a norm's forward.
type form struct {
	*ir.Func
	n     *norm
	masks int
}

func (b *form) leaf(kind ir.LeafKind, name string, dims ...int) *ir.Value {
	l := &ir.Leaf{Kind: kind, Name: name, Dims: dims}
	switch kind {
	case ir.InputLeaf, ir.ParamLeaf:
		b.n.leaves = append(b.n.leaves, l)
	case ir.StateLeaf:
		l.Min = new(float64)
	case ir.MaskLeaf:
		b.masks++
	}
	return b.Load(l)
}

func (b *form) in(name string, dims ...int) *ir.Value    { return b.leaf(ir.InputLeaf, name, dims...) }
func (b *form) param(name string, dims ...int) *ir.Value { return b.leaf(ir.ParamLeaf, name, dims...) }
func (b *form) state(name string, dims ...int) *ir.Value { return b.leaf(ir.StateLeaf, name, dims...) }
func (b *form) mask(name string, dims ...int) *ir.Value  { return b.leaf(ir.MaskLeaf, name, dims...) }

func (b *form) plus(x, y *ir.Value) *ir.Value  { return whole(b.Add(x, y)) }
func (b *form) minus(x, y *ir.Value) *ir.Value { return whole(b.Sub(x, y)) }
func (b *form) sq(x *ir.Value) *ir.Value       { return b.Pow(x, b.Const(2)) }
func (b *form) root(x *ir.Value) *ir.Value     { return b.Rsqrt(b.plus(x, b.Const(1e-5))) }

func whole(v *ir.Value) *ir.Value {
	v.Atom = true
	return v
}

func (b *form) out(name string, y *ir.Value, dims ...int) {
	b.Out(ir.TensorOut, name, y, &ir.Leaf{Kind: ir.OutputLeaf, Name: name, Dims: dims})
	b.n.dys = append(b.n.dys, &ir.Leaf{Kind: ir.CotangentLeaf, Name: "d" + name, Dims: dims})
}

// standard is x normalised over the axes over, with mean and variance, and an affine.
func (b *form) standard(x *ir.Value, over ir.Axes, m *ir.Value) *ir.Value {
	xc := b.minus(x, b.Mean(x, over, m))
	return b.Mul(xc, b.root(b.Mean(b.sq(xc), over, m)))
}

func (b *form) affine(x *ir.Value, dims ...int) *ir.Value {
	return b.plus(b.Mul(x, b.param("gamma", dims...)), b.param("beta", dims...))
}

const a0, a1, a2, a3 = ir.Axes(1), ir.Axes(2), ir.Axes(4), ir.Axes(8)

var forms = []struct {
	name  string
	sizes []int
	over  []ir.Axes
	open  []ir.Axes
	build func(b *form)
}{
	{"LayerNorm", []int{3, 5}, []ir.Axes{a0, a0, a1, a1}, nil, func(b *form) {
		b.out("y", b.affine(b.standard(b.in("x", 0, 1), a1, nil), 1), 0, 1)
	}},
	{"RMSNorm", []int{3, 5}, []ir.Axes{a0, a1}, nil, func(b *form) {
		x := b.in("x", 0, 1)
		b.out("y", b.Mul(b.Mul(x, b.root(b.Mean(b.sq(x), a1, nil))), b.param("gamma", 1)), 0, 1)
	}},
	{"BatchNorm", []int{4, 3}, []ir.Axes{a0, a0}, nil, func(b *form) {
		b.out("y", b.affine(b.standard(b.in("x", 0, 1), a0, b.mask("keep", 0)), 1), 0, 1)
	}},
	{"BatchNormNCS", []int{4, 3, 2}, []ir.Axes{a0 | a2, a0 | a2}, nil, func(b *form) {
		b.out("y", b.affine(b.standard(b.in("x", 0, 1, 2), a0|a2, nil), 1), 0, 1, 2)
	}},
	{"BatchNormEval", []int{4, 3}, []ir.Axes{a0, a0}, nil, func(b *form) {
		xc := b.minus(b.in("x", 0, 1), b.state("rm", 1))
		b.out("y", b.affine(b.Mul(xc, b.root(b.state("rv", 1))), 1), 0, 1)
	}},
	{"PNV", []int{4, 3}, []ir.Axes{a0, a0}, nil, func(b *form) {
		x := b.in("x", 0, 1)
		b.out("y", b.affine(b.Mul(x, b.root(b.Mean(b.sq(x), a0, b.mask("keep", 0)))), 1), 0, 1)
	}},
	{"GroupNorm", []int{2, 2, 3, 4}, []ir.Axes{a3, a3}, nil, func(b *form) {
		b.out("y", b.affine(b.standard(b.in("x", 0, 1, 2, 3), a2|a3, nil), 1, 2), 0, 1, 2, 3)
	}},
	{"InstanceNorm", []int{2, 3, 4}, []ir.Axes{a2, a2}, nil, func(b *form) {
		b.out("y", b.affine(b.standard(b.in("x", 0, 1, 2), a2, nil), 1), 0, 1, 2)
	}},
	{"WeightNorm", []int{4, 3}, []ir.Axes{a1}, nil, func(b *form) {
		v := b.in("v", 0, 1)
		b.out("w", b.Mul(b.Mul(v, b.param("g", 0)), b.Rsqrt(b.Sum(b.sq(v), a1, nil))), 0, 1)
	}},
	{"AddRMSNorm", []int{3, 5}, []ir.Axes{a0, a1}, nil, func(b *form) {
		h := b.plus(b.in("x", 0, 1), b.in("res", 0, 1))
		b.out("y", b.Mul(b.Mul(h, b.root(b.Mean(b.sq(h), a1, nil))), b.param("gamma", 1)), 0, 1)
		b.out("hout", h, 0, 1)
	}},
	{"AdaLN", []int{2, 3, 4}, []ir.Axes{a1, a1, a2, a2}, nil, func(b *form) {
		z := b.standard(b.in("x", 0, 1, 2), a2, nil)
		s := b.plus(b.Const(1), b.param("scale", 0, 2))
		b.out("y", b.plus(b.Mul(z, s), b.param("shift", 0, 2)), 0, 1, 2)
	}},
	{"PartialRMS", []int{3, 5}, []ir.Axes{a0, a1}, nil, func(b *form) {
		x := b.in("x", 0, 1)
		p := b.Less(b.Index(a1), b.Const(3))
		b.out("y", b.Mul(b.Mul(x, b.root(b.Mean(b.sq(x), a1, p))), b.param("gamma", 1)), 0, 1)
	}},
	{"BatchRenorm", []int{4, 3}, []ir.Axes{a0, a0, a0}, nil, func(b *form) {
		x := b.in("x", 0, 1)
		mean := b.Mean(x, a0, nil)
		xc := b.minus(x, mean)
		sd := b.Sqrt(b.plus(b.Mean(b.sq(xc), a0, nil), b.Const(1e-5)))
		run := b.plus(b.state("sigma", 1), b.Const(1))
		r := b.Apply(ir.Detach, b.Apply(ir.Min, b.Apply(ir.Max, b.Div(sd, run), b.Const(0.5)), b.Const(2)))
		d := b.Apply(ir.Detach, b.Div(b.minus(mean, b.state("mu", 1)), run))
		b.out("y", b.affine(b.plus(b.Mul(b.Div(xc, sd), r), d), 1), 0, 1)
	}},
	{"DyT", []int{3, 4}, []ir.Axes{a0, a0, a0}, nil, func(b *form) {
		x := b.in("x", 0, 1)
		b.out("y", b.affine(b.Apply(ir.Tanh, b.Mul(b.param("alpha"), x)), 1), 0, 1)
	}},
	{"L2Norm", []int{3, 4}, []ir.Axes{a1}, nil, func(b *form) {
		x := b.in("x", 0, 1)
		n := b.Apply(ir.Max, b.Sqrt(b.Sum(b.sq(x), a1, nil)), b.Const(1.5))
		b.out("y", b.Mul(b.Div(x, n), b.param("g", 0)), 0, 1)
	}},
	{"MaxAbs", []int{3, 4}, []ir.Axes{a1, a1}, nil, func(b *form) {
		x := b.in("x", 0, 1)
		b.out("y", b.Div(x, b.MaxOf(b.Apply(ir.Abs, x), a1, nil)), 0, 1)
	}},
	{"StatOfStat", []int{3, 4, 5}, nil, nil, func(b *form) {
		x := b.in("x", 0, 1, 2)
		n := b.Sqrt(b.Mean(b.sq(x), a2, nil))
		b.out("y", b.plus(b.affine(b.Mul(x, b.Div(n, b.plus(b.Mean(n, a1, nil), b.Const(1e-3)))), 1), x), 0, 1, 2)
	}},
}

// norms builds every form anew.
func norms(t *testing.T) []*norm {
	var out []*norm
	for _, f := range forms {
		n := &norm{name: f.name, sizes: f.sizes, over: f.over, open: f.open}
		b := &form{Func: &ir.Func{Name: f.name}, n: n}
		f.build(b)
		n.fwd = b.Func
		n.layer = &ir.Layer{Name: f.name, Axes: make([]ir.Axis, len(f.sizes))}
		for i := range n.layer.Axes {
			n.layer.Axes[i].Name = string(rune('A' + i))
		}
		if err := ir.Verify(n.fwd); err != nil {
			t.Fatalf("%s: %v", n.name, err)
		}
		out = append(out, n)
	}
	return out
}

func (n *norm) backward(t *testing.T) *ir.Func {
	t.Helper()
	b, err := grad.Derive(n.fwd, n.dys, n.leaves)
	if err != nil {
		t.Fatalf("%s: %v", n.name, err)
	}
	return b
}
