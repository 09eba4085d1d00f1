package gen

import (
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

const laidOut = `
norm Laid(K = 2) {
  axis  C = K*D, T = 3
  in    x[N, C, S...], z[N, C], other[C, N]
  mask  keep[S, N]
  param gamma[C] = 1, table[T, C] = 0
  stat  m[N, C] = mean<S | keep>(x)
  out   y = (x - m)*gamma + z + other + sum<T>(table), h = z*sum<S>(x)
}
gen Laid { layout [N, C, S...], [N, S..., C] }
gen Laid as Same {}
`

// A layout permutes every tensor that has the order of the first input, and
// nothing else.
func TestLayout(t *testing.T) {
	units, err := Lower(parse(t, "laid.dsl", laidOut))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]string{
		"LaidNCS": {"x": "NKDS", "z": "NKD", "other": "KDN", "keep": "SN", "gamma": "KD", "table": "TKD", "y": "NKDS", "h": "NKD"},
		"LaidNSC": {"x": "NSKD", "z": "NKD", "other": "KDN", "keep": "SN", "gamma": "KD", "table": "TKD", "y": "NSKD", "h": "NKD"},
	}
	want["Same"] = want["LaidNCS"]
	for _, u := range units {
		l := u.Layer
		for _, leaf := range slices.Concat(l.Inputs, l.Masks, l.Params, l.Outputs) {
			if got := order(l, leaf); got != want[l.Name][leaf.Name] {
				t.Errorf("%s: %s lies over %s, want %s", l.Name, leaf.Name, got, want[l.Name][leaf.Name])
			}
		}
		delete(want, l.Name)
	}
	if len(want) > 0 {
		t.Errorf("no layers %v", want)
	}
}

func order(l *ir.Layer, leaf *ir.Leaf) string {
	names := ""
	for _, d := range leaf.Dims {
		names += l.Axes[d].Name
	}
	return names
}

const firstAndRequire = `
norm First(k = 3) {
  in    x[R..., C]
  param a[C] = k*2, b[C] = 7 - 2, c[C] = size(C)^2
  require k > 1, size(C) > 1
  mode train {
    stat v[R] = mean<C>(x^2)
    let  z    = x + unbiased(v) + unbiased(v)
  }
  mode eval { let z = x }
  out y = z*a*b*c
}
gen First {}
gen First(k = 5) as Fixed {}
`

// A first value is a number, or a function of what is known when a layer is made.
func TestFirst(t *testing.T) {
	units, err := Lower(parse(t, "first.dsl", firstAndRequire))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]float64{"First": {6, 5, 16}, "Fixed": {10, 5, 16}}
	for _, u := range units {
		for i, p := range u.Layer.Params {
			if constant := p.From == nil; constant != (p.Name == "b" || p.Name == "a" && u.Layer.Name == "Fixed") {
				t.Errorf("%s: the first value of %s is constant: %v", u.Layer.Name, p.Name, constant)
			}
			f := &ir.Func{}
			f.Out(ir.StatOut, "p", f.Load(p), nil)
			got, err := interp.Run(f, interp.Env{Sizes: []int{2, 4}})
			if err != nil {
				t.Fatal(err)
			}
			if got[0][0] != want[u.Layer.Name][i] {
				t.Errorf("%s: %s is %v at first, want %v", u.Layer.Name, p.Name, got[0], want[u.Layer.Name][i])
			}
		}
	}
}

// A mode requires what the spec says, and more than one element of what it
// corrects for bias, once.
func TestRequire(t *testing.T) {
	units, err := Lower(parse(t, "first.dsl", firstAndRequire))
	if err != nil {
		t.Fatal(err)
	}
	l := units[0].Layer
	for _, tt := range []struct {
		mode     int
		requires []string
	}{
		{0, []string{"1 < k", "1 < size(C)"}}, // unbiased requires size(C) > 1 too
		{1, []string{"1 < k", "1 < size(C)"}},
	} {
		var got []string
		for _, r := range l.Modes[tt.mode].Requires {
			got = append(got, l.Equation(r.Func.Outs[0].Value))
		}
		if !slices.Equal(got, tt.requires) {
			t.Errorf("mode %s requires %q, want %q", l.Modes[tt.mode].Name, got, tt.requires)
		}
	}
	m := l.Modes[0]
	if err := interp.Check(l, m, interp.Env{Sizes: []int{1, 2}}); err != nil {
		t.Error(err)
	}
	want := "first.dsl:5: First requires 1 < size(C)"
	if err := interp.Check(l, m, interp.Env{Sizes: []int{2, 1}}); err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}
