package gen

import (
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
)

// A declared gradient that is not the derivative must say so.
func TestDeclaredWrong(t *testing.T) {
	src := "norm N(eps = 1e-6) {\n in x[R..., C]\n stat ms[R] = mean<C>(x^2)\n mode train {\n backward (dy) { grad x = dy*rsqrt(ms + eps) }\n }\n out y = x*rsqrt(ms + eps)\n}\ngen N { dtype f32 }"
	_, err := Lower(parse(t, "wrong.dsl", src))
	if err == nil || !strings.Contains(err.Error(), "gradient of x is not the derivative") {
		t.Errorf("error %v", err)
	}
	if _, err := Lower(parse(t, "right.dsl", strings.Replace(src, "backward", "backward approximate", 1))); err != nil {
		t.Error(err)
	}
}

// A statistic of what a reduction of the whole batch left cannot be merged, be it
// over other axes; one of what a reduction of a segment left can.
func TestMergeOfReductions(t *testing.T) {
	src := "norm N {\n in x[N, S, C]\n state s = 1 where s >= 0\n mode train {\n" +
		" stat a[N, C] = mean<S>(x), b[C] = mean<N>(a), c = mean<C>(b), v = mean<C>((b - c)^2), w = mean<C>(b*b)\n let m = v\n update s := ema(s, unbiased(v) + w, 0.1)\n }\n" +
		" mode eval { let m = s }\n out y = x*rsqrt(m + 1)\n}\ngen N { dtype f32 }"
	units, err := Lower(parse(t, "reductions.dsl", src))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]ir.Merge{"a": ir.MergeMean, "b": ir.MergeMean, "c": ir.MergeNone, "v": ir.MergeNone, "w": ir.MergeNone}
	for _, s := range units[0].Layer.Modes[0].Stats {
		if s.Merge != want[s.Name] {
			t.Errorf("%s merges as %d, want %d", s.Name, s.Merge, want[s.Name])
		}
	}
}

// How the statistics of several passes merge.
func TestMerge(t *testing.T) {
	want := map[string]ir.Merge{
		"BatchNorm.mean": ir.MergeMean, "BatchNorm.var": ir.MergeVar, "PNV.ms": ir.MergeMean,
		"PowerNorm.b": ir.MergeMean, "PowerNorm.Gam": ir.MergeMean, "PowerNorm.Lam": ir.MergeMean,
		"PowerNormReleased.v": ir.MergeMean, "PowerNormReleased.e_mean1": ir.MergeNone,
		"LayerNorm.mean": ir.MergeMean, "LayerNorm.var": ir.MergeVar, "BatchRenorm.v": ir.MergeVar,
	}
	seen := map[string]bool{}
	for _, spec := range specs {
		for _, u := range lowered(t, spec) {
			for _, s := range u.Layer.Modes[0].Stats {
				k := u.Layer.Name + "." + s.Name
				if m, ok := want[k]; ok && m != s.Merge {
					t.Errorf("%s merges as %d, want %d", k, s.Merge, m)
				}
				seen[k] = true
			}
		}
	}
	for k := range want {
		if !seen[k] {
			t.Errorf("no statistic %s", k)
		}
	}
}
