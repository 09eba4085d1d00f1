package affine

import (
	"errors"
	"testing"

	"github.com/normgen/normgen/gen/ir"
)

// The layer has x[N, C]; N is bit 0, C bit 1.
const (
	n = ir.Axes(1)
	c = ir.Axes(2)
)

var (
	x     = &ir.Leaf{Kind: ir.InputLeaf, Name: "x", Dims: []int{0, 1}}
	y     = &ir.Leaf{Kind: ir.OutputLeaf, Name: "y", Dims: []int{0, 1}}
	gamma = &ir.Leaf{Kind: ir.ParamLeaf, Name: "gamma", Dims: []int{1}}
	rowly = &ir.Leaf{Kind: ir.ParamLeaf, Name: "a", Dims: []int{0}}
	layer = &ir.Layer{Axes: []ir.Axis{{Name: "N"}, {Name: "C"}}, Inputs: []*ir.Leaf{x}, Outputs: []*ir.Leaf{y}}
)

// of makes a function with the output y and looks for its scale and shift.
func of(t *testing.T, build func(f *ir.Func) *ir.Value) (*ir.Func, error) {
	t.Helper()
	f := &ir.Func{Name: "f"}
	f.Out(ir.TensorOut, "y", f.Widen(build(f), n|c), y)
	before := f.String()
	g, err := Of(layer, f, c)
	if f.String() != before {
		t.Errorf("the function was changed: %s", f)
	}
	return g, err
}

// A coefficient that the function computes for every element is computed once
// for each column.
func TestNarrow(t *testing.T) {
	g, err := of(t, func(f *ir.Func) *ir.Value {
		k := f.Add(f.Widen(f.Load(gamma), n|c), f.Const(1))
		return f.Mul(f.Sub(f.Load(x), k), f.Widen(f.Sqrt(k), n|c))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := ir.Verify(g); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"sqrt(gamma + 1)", "-(gamma + 1)*scale"} {
		if o := g.Outs[i]; o.Value.Axes != c || layer.Equation(o.Value) != want {
			t.Errorf("%s varies over %b and is %s, want %b and %s", o.Name, o.Value.Axes, layer.Equation(o.Value), c, want)
		}
	}
}

func TestReasons(t *testing.T) {
	for want, build := range map[string]func(f *ir.Func) *ir.Value{
		"y does not depend on x": func(f *ir.Func) *ir.Value { return f.Load(gamma) },
		"y depends on a, which varies over [N]": func(f *ir.Func) *ir.Value {
			return f.Mul(f.Load(x), f.Load(rowly))
		},
		"y depends on sum<N>(gamma), which the size of the batch decides": func(f *ir.Func) *ir.Value {
			return f.Mul(f.Load(x), f.Sum(f.Load(gamma), n, nil))
		},
		"y depends on mean<C>(x), a statistic of the data": func(f *ir.Func) *ir.Value {
			v := f.Load(x)
			return f.Sub(v, f.New(ir.Value{Op: ir.MomentHi, Args: []*ir.Value{v}, Axes: n, Over: c}))
		},
		"exp(x) is not linear in x": func(f *ir.Func) *ir.Value { return f.Exp(f.Load(x)) },
	} {
		_, err := of(t, build)
		var no *Reason
		if !errors.As(err, &no) || no.Text != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
