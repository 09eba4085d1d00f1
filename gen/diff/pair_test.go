package diff

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// two compares norms A and B of a text.
func two(t *testing.T, src string) (*Report, error) {
	t.Helper()
	n := parsed(t, "t.dsl", []byte(src))
	return Norms(n["A"], n["B"])
}

// What has no counterpart is said, and is a difference; the rest is compared.
func TestAlone(t *testing.T) {
	r, err := two(t, `
		norm A { in x[N, C] mask keep[N] param g[C] = 1, h[N] = 2 state s[C] = 0
			mode train { update s := s + 1 + 0*mean<N | keep>(x) } out y = g*x + 0*s + 0*h, z = 3*x }
		norm B { in x[N, C] param w[C] = 1 out y = w*x }`)
	if err != nil {
		t.Fatal(err)
	}
	differing(t, r)
	want := []string{"mask keep only in a", "parameter h only in a", "output z only in a", "state s only in a"}
	if d := cmp.Diff(want, r.alone); d != "" || r.Equal() {
		t.Errorf("%s\n%v", d, r)
	}
}

// A state with a value for each row makes all axes columns, of one row that no
// spec names: updates do not see it.
func TestUnitRow(t *testing.T) {
	r, err := two(t, `
		norm A { in x[N, C] state r[N] = 0 mode train { update r := mean<C>(x) } out y = x + r }
		norm B { in x[N, C] state s[N] = 0 mode train { update s := sum<C>(x)/size(C) } out y = x + s }`)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Equal() {
		t.Error(r)
	}
}

// What cannot be compared is refused, with the reason.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"norm A { in x[N, C], w[N, C] out y = x*w } norm B { in x[N, C] out y = x }", "A has the inputs x, w, B has x: "},
		{"norm A { in x[N, C] out y = x } norm B { in x[N, T, C] out y = x }", "x and x have different axes: [N, C] in a, [N, T, C] in b"},
		{"norm A { axis S = 3 in x[N, S] out y = x } norm B { axis S = 4 in x[N, S] out y = x }", "an axis has 3 elements in a and 4 in b"},
		{"norm A { in x[N, C] out y = x } norm B { in x[N, C] out s = sum<N>(x) }", "no output over the same axes"},
		{"norm A(K = 100000) { axis C = K*D in x[N, C] out y = x } norm B { in x[N, C] out y = x }", "more than 4096 elements"},
		{"norm A { axis S = 1000000, T = 1000000 in x[S, T] out y = x } norm B { in x[N, C] out y = x }", "more than 4096 elements"},
	} {
		if _, err := two(t, c.src); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\nerror %v, want one with %q", c.src, err, c.want)
		}
	}
}

// A batch that one norm refuses and the other takes is a difference.
func TestOneRefuses(t *testing.T) {
	r, err := two(t, `
		norm A { in x[N..., C] mask keep[N] state v[C] = 1
			mode train { stat m[C] = mean<N | keep>(x^2) update v := ema(v, unbiased(m), 0.5) } out y = x + 0*v }
		norm B { in x[N..., C] mask keep[N] state v[C] = 1
			mode train { stat m[C] = mean<N | keep>(x^2) let n = sum<N | keep>(x^0) update v := ema(v, m, 0.5) } out y = x + 0*v }`)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(r.refusal, "only a refuses: the unbiased m needs more than one value, and has one") {
		t.Errorf("refusal %q\n%v", r.refusal, r)
	}
}

// Axes that one norm splits are as long as those of the other, in any order of
// a mask's axes.
func TestAxes(t *testing.T) {
	r, err := two(t, `
		norm A { in x[N..., C] mask keep[N] param g[C] = 1 out y = if keep then x*g else 0 }
		norm B(K = 2) { axis C = K*D in x[S, T, B, C] mask keep[B, S, T] param g[C] = 1 out y = if keep then g*x else 0*x }`)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Equal() {
		t.Error(r)
	}
	for seed := range uint64(20) {
		d := r.drawing(seed, nil)
		a, b := d.sizes.a, d.sizes.b
		if a[0] != b[2]*b[3]*b[4] || a[1] != b[0]*b[1] || b[0] != 2 {
			t.Fatalf("sizes %v and %v", a, b)
		}
	}
	// The other order of the mask's axes is another norm.
	r, err = two(t, `
		norm A { in x[S, T, C] mask keep[S, T] out y = if keep then x else 0 }
		norm B { in x[S, T, C] mask keep[T, S] out y = if keep then x else 0 }`)
	if err != nil || !r.Equal() {
		t.Errorf("%v, %v", r, err)
	}
}

func TestSteps(t *testing.T) {
	n := parsed(t, "t.dsl", []byte(`norm A(W = 50) {
		in x[N, C]
		let a = if step < W then x else 2*x, b = if 2*W + 20.5 <= step then a else 3*a, c = if mod(step, 7) == 0 then b else -b
		out y = if x > 40 then c else 2*c }`))
	s, err := newSide("a", n["A"])
	if err != nil {
		t.Fatal(err)
	}
	got := stepsOf(s)
	for _, want := range []float64{1, 2, 3, 6, 7, 8, 49, 50, 51, 119, 120, 121} {
		if !slices.Contains(got, want) {
			t.Errorf("step %v is not tried: %v", want, got)
		}
	}
	if slices.Contains(got, 40) {
		t.Errorf("data is no step: %v", got)
	}
}

func TestRatio(t *testing.T) {
	f := ratio([]float64{1, -2, 0, 4}, []float64{-3, 6, 0, -12})
	if f.k != -3 || f.spread != 0 {
		t.Errorf("fit %+v", f)
	}
	if f := ratio([]float64{1, 2}, []float64{3, 7}); !(f.spread > 0.01) {
		t.Errorf("no constant ratio: %+v", f)
	}
	for _, a := range [][]float64{{2, 2}, {0, 0}, {math.NaN(), 1}} { // the same, but no scale
		if f := ratio(a, a); f.k != 1 || f.spread < 0.01 || f.spread >= maxSpread {
			t.Errorf("%v: %+v", a, f)
		}
	}
	for _, b := range [][]float64{{3, 3}, {math.NaN(), 3}, {}} {
		if f := ratio([]float64{2, 2}[:len(b)], b); !math.IsInf(f.spread, 1) {
			t.Errorf("%v: %+v", b, f)
		}
	}
}

func TestMinimum(t *testing.T) {
	const want = -1.2345678901234
	if got := minimum(func(x float64) float64 { return math.Abs(x - want) }); math.Abs(got-want) > 1e-14 {
		t.Errorf("minimum at %v, want %v", got, want)
	}
}

func TestApart(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		a, b []float64
		want float64
	}{
		{[]float64{1, 2}, []float64{1, 2 + 1e-10}, 0},
		{[]float64{1, 2}, []float64{1.5, 2}, 0.25},
		{[]float64{nan, inf}, []float64{nan, inf}, 0},
		{[]float64{nan}, []float64{1}, 1},
		{[]float64{inf}, []float64{-inf}, 1},
		{[]float64{1e-17}, []float64{0}, 0},
		{nil, nil, 0},
	} {
		if got := apart(c.a, c.b); got != c.want {
			t.Errorf("apart(%v, %v) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
