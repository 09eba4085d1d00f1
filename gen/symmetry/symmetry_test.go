package symmetry_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/gen/symmetry"
	"github.com/normgen/normgen/testdata"
)

// found is what is found of each library norm in training: factors as what they
// are on, along which axes they may differ, the knob that must be 0 and the power;
// shifts; whether gradients are linear, rows apart, and unordered.
var found = map[string]string{
	"LayerNorm":     "x along R eps=0 ^0, x + R, linear, apart, unordered",
	"RMSNorm":       "x along R eps=0 ^0, linear, apart, unordered",
	"BatchNorm":     "x along C eps=0 ^0, x + C, linear, unordered, hides",
	"L2Norm":        "x along R eps=0 ^0, linear, apart, unordered",
	"PowerNorm":     "apart, unordered, hides",
	"PNV":           "x along C eps=0 ^0, linear, unordered, hides",
	"AddLayerNorm":  "x,residual along R eps=0 ^0, linear, apart, unordered",
	"GroupNormNCS":  "x along G N eps=0 ^0, x + G N, linear, apart, unordered",
	"DyT":           "linear, apart, unordered",
	"WeightNorm":    "v along O 1 eps=0 ^0, linear, apart, unordered",
	"UN":            "unordered",
	"PowerNormWarm": "unordered, hides",
}

func TestLibrary(t *testing.T) {
	units := library(t)
	for name, want := range found {
		if got := describe(units[name], units[name].Train.Mode); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func describe(u *plan.Unit, m *ir.Mode) string {
	var out []string
	for _, s := range symmetry.Scalings(u.Layer, m) {
		var on []string
		for _, x := range s.Leaves {
			on = append(on, x.Name)
		}
		text := strings.Join(on, ",") + axes(u.Layer, " along", s.Along)
		if s.Zero != "" {
			text += " " + s.Zero + "=0"
		}
		out = append(out, fmt.Sprintf("%s ^%g", text, s.Powers[u.Layer.Outputs[0]]))
	}
	for _, s := range symmetry.Shifts(u.Layer, m) {
		out = append(out, s.Input.Name+axes(u.Layer, " +", s.Along))
	}
	for _, p := range []struct {
		name  string
		holds bool
	}{{"linear", symmetry.Linear(m)}, {"apart", symmetry.Apart(m, u.Rows[0])}, {"unordered", symmetry.Unordered(m, u.Rows[0])},
		{"hides", len(u.Layer.Masks) > 0 && symmetry.Hides(m, u.Layer.Masks[0])}} {
		if p.holds {
			out = append(out, p.name)
		}
	}
	return strings.Join(out, ", ")
}

func axes(l *ir.Layer, before string, set ir.Axes) string {
	for i, a := range l.Axes {
		if set.Has(1 << i) {
			before += " " + a.Name
		}
	}
	return before
}

func library(t *testing.T) map[string]*plan.Unit {
	t.Helper()
	out := map[string]*plan.Unit{}
	files, err := testdata.Specs.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		src, err := testdata.Specs.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range compiled(t, f.Name(), string(src)) {
			out[u.Name] = u
		}
	}
	return out
}

func compiled(t *testing.T, name, text string) []*plan.Unit {
	t.Helper()
	f, errs := dsl.Parse(name, []byte(text))
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	p, errs := dsl.Check(f)
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	units, err := gen.Plan(p)
	if err != nil {
		t.Fatal(err)
	}
	return units
}

// TestRules holds single operations to what they do to factors and shifts.
func TestRules(t *testing.T) {
	for out, want := range map[string]string{
		"x":                                     "^1",
		"3*x":                                   "^1",
		"x*x":                                   "^2",
		"x^3 / x":                               "^2",
		"x + 1":                                 "",
		"x + x":                                 "^1",
		"x + x^2":                               "",
		"sqrt(abs(x))":                          "^0.5",
		"rsqrt(x^2)":                            "^-1",
		"x - mean<C>(x)":                        "^1 +",
		"max(x, x - mean<C>(x))":                "^1",
		"x - max<C>(x)":                         "^1 +",
		"x - sum<C>(x)":                         "^1",
		"x - mean<R>(x)":                        "^1 +",
		"2*x - mean<C>(x)":                      "^1",
		"if 0 < x - mean<C>(x) then 1.0 else 2": "^0 +",
		"if 1 < x then x else 2*x":              "",
		"max(x, 0)":                             "^1",
		"tanh(x - mean<C>(x))":                  "+",
		"tanh(x)":                               "",
		"x * index(C)":                          "^1",
		"floor(x / max<C>(abs(x)))":             "^0",
		"(x - mean<C>(x)) * rsqrt(mean<C>((x - mean<C>(x))^2))": "^0 +",
	} {
		units := compiled(t, "t.dsl", "norm T { in x[R..., C] out y = "+out+" }\ngen T { shape C = any; dtype f32 }\n")
		l, m := units[0].Layer, units[0].Train.Mode
		got := []string{}
		for _, s := range symmetry.Scalings(l, m) {
			got = append(got, fmt.Sprintf("^%g", s.Powers[l.Outputs[0]]))
		}
		if len(symmetry.Shifts(l, m)) > 0 {
			got = append(got, "+")
		}
		if g := strings.Join(slices.Compact(got), " "); g != want {
			t.Errorf("%s: %q, want %q", out, g, want)
		}
	}
}
