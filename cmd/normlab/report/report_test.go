package report

import (
	"math"
	"strings"
	"testing"

	"github.com/normgen/normgen/cmd/normlab/run"
	"github.com/normgen/normgen/cmd/normlab/sweep"
)

// TestInterval compares with the tables of Student's t: 12.706 for one degree of freedom,
// 4.303 for two.
func TestInterval(t *testing.T) {
	for _, c := range []struct {
		values     []float64
		mean, half float64
		text       string
	}{
		{[]float64{1, 2, 3}, 2, 4.303 / math.Sqrt(3), "2.00 ± 2.48"},
		{[]float64{-1, 1}, 0, 12.706, "0.00 ± 12.71"},
		{[]float64{5, 5, 5}, 5, 0, "5.00 ± 0.00"},
		{[]float64{5}, 5, math.Inf(1), "5.00 (one seed)"},
		{nil, math.NaN(), math.NaN(), "-"},
	} {
		i := intervalOf(c.values)
		if near := math.Abs(i.Mean-c.mean) < 1e-12 && (i.Half == c.half || math.Abs(i.Half-c.half) < 1e-3); !near && i.N > 0 || i.format(2) != c.text {
			t.Errorf("%v: %+v %s", c.values, i, i.format(2))
		}
	}
}

func runOf(norm string, seed uint64, status string, perplexity float64) Run {
	r := &run.Result{Status: status, Test: &run.Evaluated{Perplexity: run.Real(perplexity)}}
	r.Settings.Task, r.Settings.Norms, r.Settings.Seed, r.Settings.Batch = "ptb", norm, seed, 64
	return Run{Result: r}
}

// TestJudge: a claim is judged seed by seed, by the direction of the metric.
func TestJudge(t *testing.T) {
	claim := sweep.Claim{Better: "A", Worse: "B"}
	for want, runs := range map[string][]Run{
		"**reproduces** here": { // far apart within seeds, not between them
			runOf("A", 1, run.Done, 10), runOf("B", 1, run.Done, 11), runOf("A", 2, run.Done, 20), runOf("B", 2, run.Done, 21.1), runOf("A", 3, run.Done, 30), runOf("B", 3, run.Done, 31.05)},
		"**does not reproduce**: here it is the other way round": {
			runOf("A", 1, run.Done, 11), runOf("B", 1, run.Done, 10), runOf("A", 2, run.Done, 21.1), runOf("B", 2, run.Done, 20)},
		"**not decided** by 2 seeds: the interval has 0 in it": {
			runOf("A", 1, run.Done, 10), runOf("B", 1, run.Done, 11), runOf("A", 2, run.Done, 10), runOf("B", 2, run.Done, 9)},
		"one seed decides nothing":                              {runOf("A", 1, run.Done, 10), runOf("B", 1, run.Done, 11), runOf("A", 2, run.Done, 10)},
		"no pair of runs to compare; A diverged in 1 of 1 runs": {runOf("A", 1, run.Diverged, 10), runOf("B", 1, run.Done, 11)},
		"no pair of runs to compare":                            {runOf("A", 1, run.Done, math.NaN()), runOf("B", 1, run.Done, 11)},
	} {
		g := &Group{Runs: runs, Sweep: &sweep.Sweep{Norms: []string{"A", "B"}, Batches: []int{64}}}
		if got := g.judge(claim).text; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestMetrics: BLEU is better when it is higher.
func TestMetrics(t *testing.T) {
	a, b := runOf("A", 1, run.Done, 10), runOf("B", 1, run.Done, 10)
	a2, b2 := runOf("A", 2, run.Done, 10), runOf("B", 2, run.Done, 10)
	for i, r := range []Run{a, b, a2, b2} {
		r.Settings.Task = "multi30k"
		r.Test.BLEU = []float64{30, 20, 31, 20.5}[i]
	}
	g := &Group{Runs: []Run{a, b, a2, b2}, Sweep: &sweep.Sweep{Batches: []int{64}}}
	if got := g.judge(sweep.Claim{Better: "A", Worse: "B"}).text; !strings.HasPrefix(got, "**reproduces**") {
		t.Error(got)
	}
}

// TestClaims: a claim of one size of batches says so.
func TestClaims(t *testing.T) {
	claim := sweep.Claim{Better: "A", Worse: "B", Batch: 64}
	g := &Group{Runs: []Run{runOf("A", 1, run.Done, 10), runOf("B", 1, run.Done, 11)},
		Sweep: &sweep.Sweep{Norms: []string{"A", "B"}, Batches: []int{64, 128}, Claims: []sweep.Claim{claim}}}
	var p page
	p.claims(g)
	if want := "A is better than B with batches of 64"; !strings.Contains(p.text.String(), want) {
		t.Errorf("no %q in %s", want, p.text.String())
	}
}

// TestMedian: half of the values, not more, where there are as many above as below.
func TestMedian(t *testing.T) {
	for want, values := range map[float64][]float64{3: {5, 1, 4, 2, 3}, 2: {4, 1, 3, 2}, 7: {7}} {
		if got := median(values); got != want {
			t.Errorf("of %v: %v, want %v", values, got, want)
		}
	}
}
