package gap

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
)

func measure(t *testing.T, src string, o Options) *Report {
	t.Helper()
	f, errs := dsl.Parse("t.dsl", []byte(src))
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	p, errs := dsl.Check(f)
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	units, err := gen.Lower(p)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Measure(units[0].Layer, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rows are those of a family.
func (r *Report) rows(inputs string) []Row {
	var out []Row
	for _, row := range r.Rows {
		if row.Inputs == inputs {
			out = append(out, row)
		}
	}
	return out
}

// rounding bounds the error of a sum of 512 products.
const rounding = 512 * 0x1p-53

// What can be worked out by hand: 2*dy where 3*dy is derived, in both modes.
func TestKnownGap(t *testing.T) {
	r := measure(t, "norm N { in x[R..., C] backward approximate (dy) { grad x = 2*dy } out y = 3*x }", Options{Steps: 2, Seed: 1})
	if want := 2 * 2 * len(train.Families); len(r.Rows) != want { // of two steps the middle is the first
		t.Fatalf("%d rows, want %d", len(r.Rows), want)
	}
	for _, row := range r.Rows {
		if math.Abs(*row.Cosine-1) > rounding || math.Abs(*row.Relative-1./3) > rounding || math.Abs(*row.Derived/(*row.Declared)-1.5) > 1e-15 {
			t.Errorf("cosine %v, relative %v, worst %v for %v", *row.Cosine, *row.Relative, *row.Declared, *row.Derived)
		}
	}
	r = measure(t, "norm N { in x[R..., C] backward approximate (dy) { grad x = -dy } out y = x }", Options{Steps: 1, Seed: 1})
	if c := *r.Rows[0].Cosine; math.Abs(c+1) > rounding {
		t.Errorf("cosine of the opposite is %v", c)
	}
}

// An exact gradient that is declared is as near as float64 gets: some
// roundings of 2^-53 in every element.
func TestExact(t *testing.T) {
	r := measure(t, `norm N(eps = 1e-6) { in x[R..., C] stat ms[R] = mean<C>(x^2) let r = rsqrt(ms + eps)
		backward (dy) { stat c[R] = mean<C>(dy*x) grad x = dy*r - x*r^3*c } out y = x*r }`, Options{Steps: 3, Seed: 1})
	if len(r.Rows) == 0 {
		t.Fatal("nothing was compared")
	}
	for _, row := range r.Rows {
		if *row.Relative > 1e-15 || *row.Cosine < 1-rounding {
			t.Errorf("%s step %d: relative %v, cosine %v", row.Inputs, row.Step, *row.Relative, *row.Cosine)
		}
	}
}

// A gradient that is right until the state has moved.
const lagging = `norm N { in x[N..., C] mask keep[N] state s[C] = 0
	mode train { stat m[C] = mean<N | keep>(x^2) backward approximate (dy) { grad x = dy*(1 - s) } update s := ema(s, m, 0.5) } out y = x }`

func TestStateMatters(t *testing.T) {
	r := measure(t, lagging, Options{Steps: 9, Seed: 4})
	for _, f := range train.Families {
		rows := r.rows(f.Name)
		if len(rows) != 3 || rows[0].Step != 1 || rows[1].Step != 5 || rows[2].Step != 9 {
			t.Fatalf("%s: rows %+v", f.Name, rows)
		}
		if *rows[0].Relative != 0 || !(*rows[2].Relative > 0.1) {
			t.Errorf("%s: relative %v, at last %v", f.Name, *rows[0].Relative, *rows[2].Relative)
		}
	}
}

// A report is a function of the spec and the seed.
func TestSeed(t *testing.T) {
	text := func(seed uint64) string { return measure(t, lagging, Options{Steps: 4, Seed: seed}).String() }
	if d := cmp.Diff(text(1), text(1)); d != "" {
		t.Error(d)
	}
	if text(1) == text(2) {
		t.Error("the seed has no effect")
	}
}

func TestNoneDeclared(t *testing.T) {
	r := measure(t, "norm N { in x[N, C] out y = x*x }", Options{Steps: 1, Seed: 1})
	if len(r.Rows) != 0 || !strings.Contains(r.String(), "N: every gradient is derived") {
		t.Error(r)
	}
}

// A gradient that vanishes has neither a direction nor a relative error.
func TestVanishing(t *testing.T) {
	r := measure(t, "norm N { in x[N, C] backward approximate (dy) { grad x = 0*dy } out y = x - x }", Options{Steps: 1, Seed: 1})
	for _, row := range r.Rows {
		if row.Cosine != nil || row.Relative != nil {
			t.Errorf("cosine %v, relative %v", row.Cosine, row.Relative)
		}
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
}

// Axes that a spec makes long are refused, many axes are made short.
func TestSizes(t *testing.T) {
	layer := func(src string) *ir.Layer {
		f, _ := dsl.Parse("t.dsl", []byte(src))
		p, errs := dsl.Check(f)
		if errs.HasErrors() {
			t.Fatal(errs)
		}
		units, err := gen.Lower(p)
		if err != nil {
			t.Fatal(err)
		}
		return units[0].Layer
	}
	long := layer("norm N { axis S = 100000 in x[N, S] backward approximate (dy) { grad x = 2*dy } out y = x }")
	if _, err := Measure(long, Options{Steps: 1}); err == nil || !strings.Contains(err.Error(), "more than 16384 elements") {
		t.Errorf("error %v", err)
	}
	many := layer("norm N { in x[A, B, C, D, E, F, G, H] backward approximate (dy) { grad x = 2*dy } out y = x }")
	if r, err := Measure(many, Options{Steps: 1}); err != nil || len(r.Rows) == 0 || r.Sizes[0].Size != 3 {
		t.Errorf("%+v, %v", r, err)
	}
}
