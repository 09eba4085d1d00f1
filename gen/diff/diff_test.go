package diff

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
)

func norms(t *testing.T, path string) map[string]Norm {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, path, src)
}

func parsed(t *testing.T, path string, src []byte) map[string]Norm {
	t.Helper()
	f, errs := dsl.Parse(path, src)
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
	out := map[string]Norm{}
	for _, u := range units {
		out[u.Layer.Name] = Norm{Label: u.Layer.Name, Layer: u.Layer}
	}
	return out
}

func compare(t *testing.T, a, b Norm) *Report {
	t.Helper()
	r, err := Norms(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *Report) finding(t *testing.T, name string) *Finding {
	t.Helper()
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.name == name })
	if i < 0 {
		t.Fatalf("no result %s in\n%v", name, r)
	}
	return &r.Findings[i]
}

// differing holds that exactly these results differ.
func differing(t *testing.T, r *Report, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, r.names(true)); d != "" {
		t.Errorf("results that differ: %s\n%v", d, r)
	}
}

// where holds in which situations a result differs, and under the condition.
func where(t *testing.T, r *Report, name string, free, cond []string) {
	t.Helper()
	f := r.finding(t, name)
	if d := cmp.Diff(free, r.situations(f.free)); d != "" {
		t.Errorf("%s differs: %s", name, d)
	}
	if r.Cond != nil {
		if d := cmp.Diff(cond, r.situations(f.cond)); d != "" {
			t.Errorf("%s differs under %v: %s", name, r.Cond, d)
		}
	}
}

const pairsFile = "testdata/pairs.dsl"

// Scales are found, whatever is called what and in whatever order it is
// written; both ways round.
func TestRescaled(t *testing.T) {
	n := norms(t, pairsFile)
	r := compare(t, n["Lagged"], n["Rescaled"])
	if !r.Equal() {
		t.Fatal(r)
	}
	if got := []float64{r.states[0].k, r.states[1].k}; !slices.Equal(got, []float64{3, 5}) {
		t.Errorf("scales %v, want 3 and 1/rate = 5", got)
	}
	if s := r.String(); !strings.Contains(s, "s ~ t with b's = 3 times a's; d ~ e with b's = 5 times a's") ||
		!strings.Contains(s, "N ~ T*B") || !strings.Contains(s, "keep ~ pick") {
		t.Error(s)
	}
	r = compare(t, n["Rescaled"], n["Lagged"])
	if !r.Equal() || r.states[0].k != 0.2 || math.Abs(r.states[1].k-1./3) > 1e-12 {
		t.Errorf("the other way round: %v", r)
	}
}

// A state is taken before the step or after it.
func TestOldOrNew(t *testing.T) {
	n := norms(t, pairsFile)
	r := compare(t, n["Lagged"], n["Hasty"])
	differing(t, r, "dx")
	where(t, r, "dx", []string{"train"}, nil)
	c := r.finding(t, "dx").smallest
	if c == nil || len(c.problem.batches) != 1 || len(c.seen.a) != 1 {
		t.Fatalf("the smallest case is not of one element:\n%v", r)
	}
	x, dy := c.problem.batches[0].Inputs[0][0], c.problem.batches[0].Cotangents[0][0]
	a, b := dy/math.Sqrt(1+1e-4), dy/math.Sqrt(0.8+0.2*x*x+1e-4)
	if math.Abs(c.seen.a[0]-a) > 1e-15 || math.Abs(c.seen.b[0]-b) > 1e-15 || a == b {
		t.Errorf("case x = %v, dy = %v: dx = %v and %v, want %v and %v", x, dy, c.seen.a, c.seen.b, a, b)
	}
}

func TestUnbiased(t *testing.T) {
	n := norms(t, pairsFile)
	r := compare(t, n["Biased"], n["Unbiased"])
	differing(t, r, "y", "dx", "running_var")
	where(t, r, "running_var", []string{"train"}, nil)
	for _, name := range []string{"y", "dx"} {
		if f := r.finding(t, name); len(f.free) > 0 || !r.follows(f) {
			t.Errorf("%s differs in itself: %v", name, r)
		}
	}
	c := r.finding(t, "running_var").smallest
	if len(c.problem.batches[0].Inputs[0]) != 2 {
		t.Errorf("two values are enough: %v", r)
	}
	if math.Abs((c.seen.b[0]-0.9)-2*(c.seen.a[0]-0.9)) > 1e-12 {
		t.Errorf("of two values the unbiased variance is twice the other: %v, %v", c.seen.a, c.seen.b)
	}
}

// Where two norms agree is found: on rows of mean 0.
func TestCondition(t *testing.T) {
	n := norms(t, pairsFile)
	r := compare(t, n["Rows"], n["Centred"])
	differing(t, r, "y", "dx")
	if r.Cond == nil || r.Cond.String() != "mean<C>(x) = 0" {
		t.Errorf("condition %v", r.Cond)
	}
	where(t, r, "y", []string{"always"}, nil)
	// There the gradients differ, but as much in train as in eval.
	where(t, r, "dx", []string{"always"}, []string{"always"})
	if q := r.finding(t, "dx").quiet; q == nil || len(q) > 0 {
		t.Errorf("dx where it agrees in eval: %v", q)
	}
}

// A gradient that is declared differs in train alone, beyond what the forward explains.
func TestQuiet(t *testing.T) {
	n := norms(t, pairsFile)
	r := compare(t, n["Centred"], n["Declared"])
	if q := r.finding(t, "dx").quiet; !slices.Equal(r.situations(q), []string{"train"}) {
		t.Errorf("dx where it agrees in eval: %v", r)
	}
}

func TestBoundary(t *testing.T) {
	n := norms(t, pairsFile)
	r := compare(t, n["Early"], n["Late"])
	differing(t, r, "y", "dx")
	where(t, r, "y", []string{"only at step 20 (a.W)"}, nil)
	late := n["Late"]
	late.Set = map[string]float64{"W": 19}
	if r := compare(t, n["Early"], late); !r.Equal() || !slices.Equal(r.Remarks, []string{"with W = 20 in b as in a, these differ: y, dx"}) {
		t.Errorf("with W one less: %v", r)
	}
}

func TestMasks(t *testing.T) {
	n := norms(t, pairsFile)
	r := compare(t, n["Wide"], n["Narrow"])
	differing(t, r, "s")
	where(t, r, "s", []string{"train, only with a mask"}, nil)
}

// A difference that one step from equal states cannot show.
func TestInitialState(t *testing.T) {
	n := norms(t, pairsFile)
	r := compare(t, n["First"], n["Second"])
	if f := r.finding(t, "y"); len(f.free) > 0 || len(f.late) == 0 || f.smallest == nil || len(f.smallest.problem.batches) != 1 {
		t.Errorf("y: %v", r)
	}
	if !slices.Contains(r.Notes, "state s starts at 0 in a and at 1 in b") {
		t.Errorf("notes %v", r.Notes)
	}
}

func TestKnobs(t *testing.T) {
	n := norms(t, pairsFile)
	r := compare(t, n["Free"], n["Fixed"])
	differing(t, r)
	if r.Equal() || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "equal with the knobs as they are, but with rate = ") {
		t.Errorf("a knob without effect was not found: %v", r)
	}
	r = compare(t, n["Rows"], n["Small"])
	differing(t, r, "y", "dx")
	if !slices.Equal(r.Remarks, []string{"with eps = 1e-05 in b as in a, all results are equal"}) {
		t.Errorf("remarks %v", r.Remarks)
	}
	small := n["Small"]
	small.Set = map[string]float64{"eps": 1e-5}
	if r := compare(t, n["Rows"], small); !r.Equal() {
		t.Error(r)
	}
	small.Set = map[string]float64{"mass": 1}
	if _, err := Norms(n["Rows"], small); err == nil || err.Error() != "Small has no knob mass" {
		t.Errorf("error %v", err)
	}
}

// The paper's algorithm and the released code: what reference pages list as
// their differences, and not the scale of the second state.
func TestPaperAndReleased(t *testing.T) {
	n := norms(t, "../../testdata/powernorm.dsl")
	r := compare(t, n["PowerNorm"], n["PowerNormReleased"])
	differing(t, r, "y", "dx", "dgamma", "psi2 ~ phi", "nu ~ e")
	if got := []float64{r.states[0].k, r.states[1].k}; !slices.Equal(got, []float64{1, 10}) {
		t.Errorf("scales %v, want 1 and 10", got)
	}
	// The scaling by groups does nothing to rows of mean square 1 - 1e-5, its own eps.
	if r.Cond == nil || r.Cond.String() != "mean<D>(x^2) = 0.99999" {
		t.Fatalf("condition %v", r.Cond)
	}
	// Apart from it, warm-up uses the batch statistic up to step W inclusive,
	where(t, r, "y", []string{"always"}, []string{"train, up to step 10000 (b.W)"})
	// and averages cumulatively up to step W exclusive;
	where(t, r, "psi2 ~ phi", []string{"train, unless a mask keeps nothing"},
		[]string{"train, unless a mask keeps nothing, up to step 9999 (b.W - 1)"})
	// the second state looks at padding, and is otherwise the same after warm-up.
	where(t, r, "nu ~ e", []string{"train"},
		[]string{"train, without a mask, up to step 10000 (b.W)", "train, with a mask, at every step"})
	// The smallest case under the condition is where the mask alone matters: a
	// row that is masked moves the second state of b.
	u := r.finding(t, "nu ~ e").under
	if q := u.problem; q.step != 10001 || q.batches[0].Masks == nil || len(u.seen.a) != 1 {
		t.Errorf("the case of nu under the condition: %v", r)
	}
	for _, x := range u.problem.batches[0].Inputs[0] {
		if math.Abs(x*x-r.Cond.t) > 1e-15 {
			t.Errorf("x = %v does not meet %v", x, r.Cond)
		}
	}
	if u := r.finding(t, "psi2 ~ phi").under; u.problem.step != 9999 {
		t.Errorf("the case of psi2 under the condition is at step %v", u.problem.step)
	}
	// The gradient differs in train beyond the scaling.
	if f := r.finding(t, "dx"); !slices.Equal(r.situations(f.quiet), []string{"train"}) {
		t.Errorf("dx where it agrees in eval: %v", r.situations(f.quiet))
	}
	if f := r.finding(t, "dgamma"); f.like != "y" {
		t.Errorf("dgamma differs like %q", f.like)
	}
}

// A norm is equal to itself, and to itself with another knob it is not.
func TestItself(t *testing.T) {
	for _, m := range []struct{ path, norm, knob string }{
		{"../../testdata/standard.dsl", "BatchNorm", "momentum"},
		{"../../testdata/powernorm.dsl", "PowerNorm", "alpha"},
		{"../../dsl/testdata/zoo.dsl", "MABN", "W"},
		{"../../dsl/testdata/zoo.dsl", "InstanceNorm", "m"},
		{"../../gen/testdata/zoo.dsl", "MaskedBatchRMS", "eps"},
	} {
		a, b := norms(t, m.path)[m.norm], norms(t, m.path)[m.norm]
		if r := compare(t, a, b); !r.Equal() {
			t.Errorf("%s differs from itself: %v", m.norm, r)
		}
		b.Set = map[string]float64{m.knob: 0.07}
		if r := compare(t, a, b); r.Equal() || len(r.names(true)) == 0 {
			t.Errorf("%s does not differ from itself with another %s: %v", m.norm, m.knob, r)
		}
	}
}

// A comparison is a function of the norms alone.
func TestDeterministic(t *testing.T) {
	n := norms(t, pairsFile)
	once := func() string { return compare(t, n["Biased"], n["Unbiased"]).String() }
	if d := cmp.Diff(once(), once()); d != "" {
		t.Error(d)
	}
}
