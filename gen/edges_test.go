package gen

import (
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/plan"
)

// edges are small norms that go where a plan could go wrong, and what the error
// says of those that have no plan.
var edges = []struct{ text, refused string }{
	// Outputs that are nothing but an input or a constant still need a sweep.
	{"norm Same { in x[N, C] out y = x }", ""},
	{"norm Zero { in x[N, C] out y = 0*x + 1 }", ""},
	{"norm Swapped { in x[N, C], w[N, C] out y = w, z = x }", ""},
	{"norm Twice { in x[N, C] out y = x, z = x }", ""},
	{"norm Unused { in x[N, C], w[N, C] out y = 2*x }", ""},
	{"norm Dropped { in x[N, C] mask keep[N] out y = if keep then x else 0 }", ""},

	// Reductions of every kind and in every order.
	{"norm MaxRow { in x[R..., C] out y = x - max<C>(x) }", "has no schedule"},
	{"norm MaxCol { in x[N..., C] out y = x / max<N>(x) }", "has no schedule"},
	{"norm SumCol { in x[N..., C] stat s[C] = sum<N>(x) out y = x*s }", ""},
	{"norm RowOfCol { in x[N..., C] stat a[C] = mean<N>(x^2) let z = x*rsqrt(a + 1) stat b[N] = mean<C>(z^2) out y = z*rsqrt(b + 1) }", ""},
	{"norm ColOfRow { in x[N..., C] stat b[N] = mean<C>(x^2) let z = x*rsqrt(b + 1) stat a[C] = mean<N>(z^2) out y = z*rsqrt(a + 1) }", ""},
	{"norm Both { in x[N..., C] stat b[N] = mean<C>(x^2), a[C] = mean<N>(x^2) out y = x*rsqrt(a + b + 1) }", ""},
	{"norm BothMoments { in x[N..., C] stat v[N] = mean<C>((x - mean<C>(x))^2), w[C] = mean<N>((x - mean<N>(x))^2) out y = x*rsqrt(v + w + 1) }", ""},
	{"norm TwoDomains { in x[N..., C] mask keep[N] stat v[C] = mean<N | keep>((x - mean<N | keep>(x))^2), w[C] = mean<N | all>((x - mean<N | all>(x))^2) out y = x*rsqrt(v + w + 1) }", ""},
	{"norm Chain { in x[R..., C] let z = x*rsqrt(mean<C>(x^2) + 1), w = z*rsqrt(mean<C>(z^4) + 1) out y = w - mean<C>(w^3) }", ""},
	{"norm LetTwice { in x[R..., C] let s = x*rsqrt(mean<C>(x^2) + 1) stat v[R] = mean<C>(s*x) out y = s*v + x }", ""},
	{"norm FourSweeps { in x[N..., C] let a = x*rsqrt(mean<N>(x^2) + 1), b = a*rsqrt(mean<N>(a^4) + 1), c = b*rsqrt(mean<N>(b^6) + 1) out y = c }", ""},
	{"norm Whole { in x[N, C] stat a = mean<N, C>(x^2) out y = x*rsqrt(a + 1) }", "has no schedule"},
	{"norm OfStat { in x[N, C] stat a[N] = mean<C>(x^2), m = mean<N>(a) out y = x*rsqrt(m + 1) }", "has no schedule"},

	// Elementary functions of elements, rows, columns and knobs.
	{"norm Saturated { in x[N, C] param alpha[C] = 0.5 out y = tanh(alpha*x) + erf(alpha*x) }", ""},
	{"norm Softplus { in x[N, C] out y = log(1 + exp(x)) }", ""},
	{"norm LogOfRow { in x[R..., C] stat m[R] = mean<C>(x^2) out y = x*log(m + 2) }", ""},
	{"norm ExpOfCol { in x[N..., C] stat m[C] = mean<N>(x) out y = x*exp(-m) }", ""},
	{"norm OfKnobs(a = 0.5) { in x[N, C] out y = x*exp(-a) + tanh(a)*x + erf(0.25) - log(a + 1) }", ""},

	// Several inputs, outputs and masks.
	{"norm Cross { in x[R..., C], w[R..., C] stat c[R] = sum<C>(x*w) out y = x*c, z = w*c }", ""},
	{"norm Centred { in x[R..., C], w[R..., C] let xc = x - mean<C>(x), wc = w - mean<C>(w) out y = xc*mean<C>(xc*wc)*rsqrt(mean<C>(xc^2) + 1) }", ""},
	{"norm TwoMasks { in x[N..., C] mask keep[N], use[N] stat a[C] = mean<N | keep>(x^2), b[C] = mean<N | use>(x) out y = (x - b)*rsqrt(a + 1) }", ""},
	{"norm Computed { in x[N..., C] mask keep[N], use[N] let m = keep and use stat a[C] = mean<N | m>(x^2) out y = x*rsqrt(a + 1) }", "is computed"},
	{"norm OtherOrder { in x[N, C], s[C, N] out y = x*s }", "OtherOrder"},
	{"norm Narrow { in x[N, C], s[C] out y = x*s }", "an input varies over all axes"},
	{"norm Transposed { in x[T, B, C] mask keep[B, T] stat a[C] = mean<T, B | keep>(x^2) out y = x*rsqrt(a + 1) }", ""},

	// Groups.
	{"norm Grouped(K = 2) { axis C = K*D in x[R..., C] param gamma[C] = 1 stat m[R, K] = mean<D>(x) let xc = x - m stat v[R, K] = mean<D>(xc^2) out y = xc*rsqrt(v + 1)*gamma }", ""},
	{"norm GroupAndCol(K = 2) { axis C = K*D in x[N, C] stat a[N, K] = mean<D>(x^2), b[C] = mean<N>(x) out y = (x - b)*rsqrt(a + 1) }", ""},
	{"norm GroupAndRow(K = 2) { axis C = K*D in x[R..., C] let z = x*rsqrt(mean<D>(x^2) + 1) out y = z*rsqrt(mean<K, D>(z^2) + 1) }", "has no schedule"},
	{"norm TwoFactors(K = 2, M = 3) { axis C = K*M*D in x[R..., C] stat a[R, K, M] = mean<D>(x^2) out y = x*rsqrt(a + 1) }", ""},
	{"norm TwoLevels(K = 2, M = 3) { axis C = K*M*D in x[R..., C] stat a[R, K] = mean<M, D>(x^2), b[R, K, M] = mean<D>(x^2) out y = x*rsqrt(a + b + 1) }", "another reduction"},
	{"norm Strided(K = 2) { axis C = K*D in x[R..., C] stat a[R, D] = mean<K>(x^2) out y = x*rsqrt(a + 1) }", "not the outer part"},
	{"norm OnlyEval(K = 2) { axis C = K*D in x[R..., C] mode train { let u = x } mode eval { let u = x*rsqrt(mean<D>(x^2) + 1) } out y = u }", ""},

	// Conditions, positions, sizes.
	{"norm RowCond { in x[N, C] stat m[N] = mean<C>(x) out y = if m > 0 then x else -x }", ""},
	{"norm ColCond { in x[N, C] stat m[C] = mean<N>(x) out y = if m > 0 then x else -x }", ""},
	{"norm MixedCond { in x[N, C] stat m[C] = mean<N>(x) out y = if step > 3 and m > 0 then x else -x }", ""},
	{"norm FullCond { in x[N, C], w[N, C] let p = x > w out y = if p then x*w else if not p and x > 0 then w else x*x }", ""},
	{"norm Position { in x[T, C] out y = x*index(C) }", ""},
	{"norm RowPosition { in x[T, C] out y = x*(1 + index(T)) }", "position along"},
	{"norm PartSize { in x[T, B, C] out y = x/size(T) }", "do not know the size"},
	{"norm ColSize { in x[N, C] out y = x/size(C) }", ""},
	{"norm Steps { in x[N, C] out y = x*step }", ""},
	{"norm Knobs(W = 3) { in x[N, C] out y = clip(x, -W, W) }", ""},
	{"norm RowPower { in x[N, C] out y = x*(1 + mean<C>(x^2))^(-0.5) }", ""},
	{"norm MaskUse { in x[N, C] mask keep[N] stat m[C] = mean<N | keep>(x) out y = if not keep then x - m else x*m }", ""},
	{"norm OneAxis { in x[C] out y = x*x }", "rows"},
}

// Small norms have plans that agree with the interpreter, or are refused with a
// reason.
func TestEdges(t *testing.T) {
	for _, e := range edges {
		name := strings.Fields(strings.ReplaceAll(e.text, "(", " "))[1]
		t.Run(name, func(t *testing.T) {
			u, err := planEdge(t, e.text)
			if e.refused != "" {
				if err == nil || !strings.Contains(err.Error(), e.refused) || !strings.Contains(err.Error(), name) {
					t.Errorf("the error is %v, want one with %q", err, e.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			checkUnit(t, u)
			evalAgrees(t, u)
		})
	}
}

func planEdge(t *testing.T, text string) (*plan.Unit, error) {
	t.Helper()
	units, err := Lower(parse(t, "edge.dsl", text))
	if err != nil {
		t.Fatal(err)
	}
	if err := Middle(units[0]); err != nil {
		t.Fatal(err)
	}
	return PlanUnit(units[0])
}

func edgeUnit(t *testing.T, text string) *plan.Unit {
	t.Helper()
	u, err := planEdge(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
