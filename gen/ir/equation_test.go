package ir

import "testing"

// TestEquationBound requires that an equation stays short however much its
// function shares: as a tree this one has 2^200 operations.
func TestEquationBound(t *testing.T) {
	f := &Func{}
	v := f.Load(&Leaf{Name: "x"})
	for range 200 {
		v = f.Apply(Add, v, v)
	}
	if s := (&Layer{}).Equation(v); len(s) > 1000 {
		t.Errorf("%d bytes: %.80s", len(s), s)
	}
}

func TestEquation(t *testing.T) {
	l := &Layer{Axes: []Axis{{Name: "N"}, {Name: "C"}}}
	f := &Func{}
	x := f.Load(&Leaf{Kind: InputLeaf, Name: "x", Dims: []int{0, 1}})
	keep := f.Load(&Leaf{Kind: MaskLeaf, Name: "keep", Dims: []int{0}})
	n := f.Div(f.Const(1), f.Count(1, keep))
	mean := f.New(Value{Op: MomentHi, Args: []*Value{x, keep}, Axes: 2, Over: 1})
	for want, v := range map[string]*Value{
		"sum<N | keep>(x*x)/count<N | keep>": f.Mul(f.Sum(f.Mul(x, x), 1, keep), n),
		"x - hi(mean<N | keep>(x))":          f.Sub(x, mean),
		"(x + 1)*(x - (x - 1))":              f.Mul(f.Add(x, f.Const(1)), f.Sub(x, f.Sub(x, f.Const(1)))),
		"if keep then x else 0":              f.Select(keep, x, f.Const(0)),
		"x/(x + 1)":                          f.Mul(x, f.Div(f.Const(1), f.Add(x, f.Const(1)))),
		"(x*x)^2 - -x":                       f.Sub(f.Pow(f.Mul(x, x), f.Const(2)), f.Neg(x)),
		"(x^2)^(x - 1)":                      f.Pow(f.Pow(x, f.Const(2)), f.Sub(x, f.Const(1))),
		"v/(count(v) - 1)":                   f.Div(f.Load(&Leaf{Kind: StatLeaf, Name: "v"}), f.Sub(f.Load(&Leaf{Kind: CountLeaf, Name: "v"}), f.Const(1))),
	} {
		if got := l.Equation(v); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
