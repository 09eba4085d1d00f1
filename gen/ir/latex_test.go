package ir

import (
	"strings"
	"testing"
)

// latexLayer has x[N, C] and keep[N].
func latexLayer() (l *Layer, f *Func, x, keep *Value) {
	f = &Func{}
	in := &Leaf{Kind: InputLeaf, Name: "x", Dims: []int{0, 1}}
	l = &Layer{Axes: []Axis{{Name: "N"}, {Name: "C"}, {Name: "c"}}, Inputs: []*Leaf{in}}
	return l, f, f.Load(in), f.Load(&Leaf{Kind: MaskLeaf, Name: "keep", Dims: []int{0}})
}

func TestSymbol(t *testing.T) {
	l, _, _, _ := latexLayer()
	for name, want := range map[string]string{
		"gamma": `\gamma`, "eps": `\epsilon`, "psi2": `\psi_{2}`, "running_var": `\mathrm{running\_var}`, "x": "x", "W": "W",
		"dx": `\mathrm{d}x`, "xh": `\hat{x}`, "xhat": `\hat{x}`, "xc": `\mathrm{xc}`, "dh": `\mathrm{dh}`, "v_1": "v_{1}", "_": `\mathrm{\_}`, "_1": `\mathrm{\_}_{1}`,
	} {
		if got := l.Symbol(name, 0); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for axes, want := range map[Axes]string{1: "z_{1,n}", 3: "z_{1,n,C}", 4: "z_{1,c}"} {
		if got := l.Symbol("z1", axes); got != want {
			t.Errorf("over %b it is %s, want %s", axes, got, want)
		}
	}
}

func TestLaTeX(t *testing.T) {
	l, f, x, keep := latexLayer()
	l.Axes = l.Axes[:2]
	a := f.Load(&Leaf{Kind: ParamLeaf, Name: "a"})
	sum, count := f.Sum(x, 1, keep), f.Count(1, keep)
	root := f.Rsqrt(f.Add(a, f.Const(1e-5)))
	for want, v := range map[string]*Value{
		`\frac{1}{\left|\left\{ n \in N : \mathrm{keep}_{n} \right\}\right|} \sum_{n \in N,\, \mathrm{keep}_{n}} x_{n,c}`: f.Div(sum, count),
		`\frac{1}{|N| \, |C|} \sum_{n \in N, c \in C} x_{n,c}`:                                                            f.Mean(x, 3, nil),
		`\max_{c \in C} \left(x_{n,c} + a\right)`:                                                                         f.MaxOf(f.Add(x, a), 2, nil),
		`\frac{a^{2} \, x_{n,c}}{\sqrt{a + 10^{-5}}}`:                                                                     f.Mul(f.Mul(a, root), f.Mul(a, x)),
		`\frac{1}{\left(a + 10^{-5}\right)^{3/2}}`:                                                                        f.Mul(root, f.Mul(root, root)),
		`\frac{a}{a + 10^{-5}}`:                                                                                           f.Mul(f.Mul(root, a), root),
		`\frac{a - 1}{\left(a + 1\right) \, a}`:                                                                           f.Div(f.Div(f.Sub(a, f.Const(1)), f.Add(a, f.Const(1))), a),
		`a \, \sum_{n \in N} x_{n,c}`:                                                                                     f.Mul(f.Sum(x, 1, nil), a),
		`\left(\sum_{n \in N} x_{n,c}\right) \, \left(\max_{n \in N} x_{n,c}\right)`:                                      f.Mul(f.Sum(x, 1, nil), f.MaxOf(x, 1, nil)),
		`\left(a + 1\right)^{2} - \left(-a\right)`:                                                                        f.Sub(f.Pow(f.Add(a, f.Const(1)), f.Const(2)), f.Neg(a)),
		`\begin{cases} x_{n,c} & \text{if } \mathrm{keep}_{n} \\ -2.5 \cdot 10^{-7} & \text{otherwise} \end{cases}`:       f.Select(keep, x, f.Const(-2.5e-7)),
		`\lnot \left(a < 1\right)`:                                                                                        f.Not(f.Less(a, f.Const(1))),
		`n \, |C|`:                                                                                                        f.Mul(f.Index(1), f.Size(2)),
		`n_{\mathrm{var}}`:                                                                                                f.Load(&Leaf{Kind: CountLeaf, Name: "var"}),
		"1":                                                                                                               f.Mul(f.Const(1), f.Const(1)),
	} {
		if got := l.LaTeX(v, nil); got != want {
			t.Errorf("%s gives\n\t%s, want\n\t%s", l.Equation(v), got, want)
		}
	}
	if got := l.LaTeX(f.Mul(root, x), map[*Value]string{root: "t1"}); got != `t_{1} \, x_{n,c}` {
		t.Errorf("with a name for the root: %s", got)
	}
}

// An equation stays short however much its function shares, products too.
func TestLaTeXBound(t *testing.T) {
	for _, op := range []Op{Add, Mul, Div, Max} {
		f := &Func{}
		v := f.Load(&Leaf{Name: "x"})
		for range 200 {
			v = f.Apply(op, v, v)
		}
		if s := (&Layer{}).LaTeX(v, nil); len(s) > 20000 || !strings.Contains(s, "...") {
			t.Errorf("%s: %d bytes: %.80s", op, len(s), s)
		}
	}
}
