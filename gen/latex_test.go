package gen

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/pass"
)

// TestLaTeX compares the equations of the library's main norms with a golden.
func TestLaTeX(t *testing.T) {
	a := &txtar.Archive{Comment: []byte("Norms in LaTeX. To rewrite: go test ./gen -run TestLaTeX -update\n\n")}
	for _, path := range []string{"../testdata/standard.dsl", "../testdata/powernorm.dsl"} {
		p := program(t, path)
		for _, c := range p.Norms {
			text, err := LaTeX(p, c.Name)
			if err != nil {
				t.Fatal(err)
			}
			a.Files = append(a.Files, txtar.File{Name: c.Name, Data: []byte(text)})
		}
	}
	compareGolden(t, "testdata/latex.txtar", a)
}

// Every norm gives LaTeX that TeX reads, whole, and the same every time.
func TestLaTeXValid(t *testing.T) {
	for path := range foldable {
		for _, c := range program(t, path).Norms {
			text, err := LaTeX(program(t, path), c.Name)
			if err != nil {
				t.Fatal(err)
			}
			if err := checkTeX(text); err != nil {
				t.Errorf("%s: %v", c.Name, err)
			}
			if strings.Contains(text, "...") {
				t.Errorf("%s: an equation was cut short", c.Name)
			}
			if again, _ := LaTeX(program(t, path), c.Name); again != text {
				t.Errorf("%s: other equations the second time", c.Name)
			}
		}
	}
}

// What a part without a name is called is neither a name nor an index already,
// and what has several readers is written once.
func TestLaTeXParts(t *testing.T) {
	const src = `norm A { in x[T, C] param s[C] = 1 out y = (exp(x*s) + x + s)^3 * (exp(x*s) + x + s) }`
	text, err := LaTeX(parse(t, "a.dsl", src), "A")
	if err != nil {
		t.Fatal(err)
	}
	want := `w_{1,t,c} &= \exp\left(x_{t,c} \, s_{c}\right) + x_{t,c} + s_{c} \\
  y_{t,c} &= w_{1,t,c}^{3} \, w_{1,t,c}
`
	if !strings.Contains(text, want) {
		t.Errorf("got %s, want it to have %s", text, want)
	}
}

// A name in the backward means what the forward means by it, and the backward
// that is written is the one that was derived.
func TestLaTeXMeaning(t *testing.T) {
	shared := 0
	each(t, func(t *testing.T, l *ir.Layer, m *ir.Mode) {
		forward, simple, backward := m.Forward.Clone(), m.Forward.Clone(), m.Backward.Clone()
		for _, f := range []*ir.Func{simple, backward} {
			if err := pass.Run(f, pass.Exact); err != nil {
				t.Fatal(err)
			}
		}
		shareNames(simple, backward)
		env := interp.Sample(1, interp.Sizes(l, 1), forward, m.Backward)
		for i, want := range results(t, m.Backward, env) {
			sameValues(t, m.Backward.Outs[i].Name, results(t, backward, env)[i], want)
		}
		for _, v := range backward.Values {
			i := slices.IndexFunc(forward.Values, func(w *ir.Value) bool { return w.Name == v.Name && w.Op != ir.Load && w.Axes == v.Axes })
			if v.Name == "" || v.Op == ir.Load || i < 0 {
				continue
			}
			shared++
			sameValues(t, v.Name, alone(t, backward, v, env), alone(t, forward, forward.Values[i], env))
		}
	})
	if shared < 50 {
		t.Errorf("only %d names of a backward are also in its forward", shared)
	}
}

// alone evaluates one value of f.
func alone(t *testing.T, f *ir.Func, v *ir.Value, env interp.Env) []float64 {
	t.Helper()
	g := &ir.Func{Name: f.Name, Values: f.Values}
	g.Out(ir.StatOut, v.Name, v, nil)
	return results(t, g, env)[0]
}

// sameValues allows what rewriting a sum costs in float64 where it cancels.
func sameValues(t *testing.T, name string, got, want []float64) {
	t.Helper()
	if d := distance(got, want); !(d <= 1e-9) {
		t.Errorf("%s differs by %.2g of its size", name, d)
	}
}
