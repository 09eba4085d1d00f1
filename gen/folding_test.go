package gen

import (
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// foldable are the norms of the specs that fold: those that use running
// statistics, and nothing else, in evaluation.
var foldable = map[string][]string{
	"../testdata/standard.dsl":    {"BatchNorm"},
	"../testdata/powernorm.dsl":   {"PNV", "PowerNorm"},
	"../testdata/variants.dsl":    {"BatchNormCumulative", "PowerNormWarm", "PowerNormUnscaled"},
	"../testdata/residual.dsl":    nil,
	"../testdata/spatial.dsl":     {"BatchNormSpatialNCS", "BatchNormSpatialNSC", "InstanceNormRunningNCS", "InstanceNormRunningNSC"},
	"../testdata/batch.dsl":       {"BatchRenorm", "MABNNCP", "MABNNPC", "UN"},
	"../testdata/scale.dsl":       nil,
	"../testdata/weights.dsl":     nil,
	"../testdata/conditional.dsl": nil,
	"../testdata/pointwise.dsl":   nil,
	"testdata/zoo.dsl":            {"BatchRenorm", "InstanceNormLast", "BatchNormSpatial", "BatchNormSpatialLast", "WholeNorm"},
	"../dsl/testdata/zoo.dsl":     {"InstanceNorm", "BatchRenorm", "PRepBN", "MABN"},
}

// TestFold finds the norms that fold, and holds their scale and shift to the
// meaning of the forward, before and after it is simplified.
func TestFold(t *testing.T) {
	for path, want := range foldable {
		var names, simplified []string
		for _, u := range lowered(t, path) {
			forward := u.Layer.Modes[1].Forward.Clone()
			if checkFold(t, u.Layer, forward) {
				names = append(names, u.Layer.Name)
			}
			if err := Middle(u); err != nil {
				t.Fatal(err)
			}
			if checkFold(t, u.Layer, forward) {
				simplified = append(simplified, u.Layer.Name)
			}
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: %v fold, want %v", path, names, want)
		}
		if !slices.Equal(names, simplified) {
			t.Errorf("%s: simplified %v fold, as written %v", path, simplified, names)
		}
	}
}

// checkFold compares scale*x + shift of l with forward; false if l does not fold.
func checkFold(t *testing.T, l *ir.Layer, forward *ir.Func) bool {
	t.Helper()
	f, err := ScaleShift(l)
	if err != nil {
		return false
	}
	if err := ir.Verify(f); err != nil {
		t.Errorf("%s: %v", l.Name, err)
		return true
	}
	y := f.Add(f.Mul(f.Load(l.Inputs[0]), f.Outs[0].Value), f.Outs[1].Value)
	f.Outs = nil
	f.Out(ir.TensorOut, "y", y, l.Outputs[0])
	for seed := range uint64(4) {
		env := interp.Sample(seed, interp.Sizes(l, seed), f, forward)
		got, err := interp.Run(f, env)
		if err != nil {
			t.Fatal(err)
		}
		want, err := interp.Run(forward, env)
		if err != nil {
			t.Fatal(err)
		}
		// About ten roundings of 1.1e-16, and cancellation between scale*x and
		// shift, which the largest element bounds.
		if d := distance(got[0], want[0]); !(d <= 1e-12) {
			t.Errorf("%s: scale*x + shift differs from the forward by %.2g", l.Name, d)
		}
	}
	return true
}

// TestFoldEquations reads scale and shift off equations, or says why there are
// none. In all of them x[N..., C] is the input, keep[N] a mask, gamma[C] and
// beta[C] parameters, and k a knob.
func TestFoldEquations(t *testing.T) {
	for body, want := range map[string]string{
		"2*x":                            "scale = 2, shift = 0",
		"x":                              "scale = 1, shift = 0",
		"-x":                             "scale = -1, shift = 0",
		"beta + gamma*x":                 "scale = gamma, shift = beta",
		"(x + beta)*gamma":               "scale = gamma, shift = beta*gamma",
		"(x - beta)*gamma":               "scale = gamma, shift = -beta*gamma",
		"x*gamma + x/beta":               "scale = gamma + 1/beta, shift = 0",
		"beta - (gamma - x)":             "scale = 1, shift = beta - gamma",
		"detach(x)*k + index(C)/size(C)": "scale = k, shift = index(C)/size(C)",
		"if k < 2 then x else gamma*x":   "scale = if k < 2 then 1 else gamma, shift = 0",
		"if k < 2 then x else beta":      "scale = if k < 2 then 1 else 0, shift = if k < 2 then 0 else beta",
		"x*x":                            "x*x is not linear in x",
		"gamma/x":                        "gamma/x is not linear in x",
		"gamma*max(x, 0)":                "max(x, 0) is not linear in x",
		"if x < 0 then x else gamma*x":   "if x < 0 then x else gamma*x is not linear in x",
		"if keep then x else 0":          "y depends on the mask keep",
		"x + mean<N | keep>(gamma*x)":    "y depends on mean<N | keep>(gamma*x), a statistic of the data",
		"x*size(N)":                      "y depends on size(N), which the size of the batch decides",
		"x + gamma*index(N)":             "y depends on index(N), a place in the batch",
	} {
		src := "norm A(k = 1) { in x[N..., C] mask keep[N] param gamma[C] = 1, beta[C] = 1 out y = " + body + " }"
		if strings.Contains(body, "index(N)") {
			src = strings.Replace(src, "N...", "N", 1)
		}
		fs, err := Fold(parse(t, "a.dsl", src), "A")
		if err != nil || len(fs) != 1 {
			t.Fatalf("%s: %v", body, err)
		}
		if got := foldingText(fs[0]); got != want {
			t.Errorf("%s gives\n\t%s, want\n\t%s", body, got, want)
		}
	}
}

func foldingText(f Folding) string {
	if f.Reason != nil {
		return f.Reason.Text
	}
	var parts []string
	for _, e := range f.Equations {
		parts = append(parts, e.Name+" = "+e.Text)
	}
	return strings.Join(parts, ", ")
}

// A name that a coefficient has in the spec is defined before it is used.
func TestFoldNames(t *testing.T) {
	for src, want := range map[string]string{
		"norm A { in x[N, C] state v[C] = 1 where v >= 0 param gamma[C] = 1 let r = rsqrt(v + 1) out y = x*r*gamma }": "r = rsqrt(v + 1), scale = r*gamma, shift = 0",
		"norm A { in x[N, C], z[N, C] out y = x + z }":                                                                "there is a second input, z",
		"norm A { in x[N, C] out y = x, z = 2*x }":                                                                    "there is a second output, z",
	} {
		fs, err := Fold(parse(t, "a.dsl", src), "A")
		if err != nil {
			t.Fatal(err)
		}
		if got := foldingText(fs[0]); got != want {
			t.Errorf("%s gives\n\t%s, want\n\t%s", src, got, want)
		}
	}
}
