package gen

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/gen/random"
	"github.com/normgen/normgen/gen/trial"
	"github.com/normgen/normgen/testdata/gates"
)

// A batch of specs is one program: they share the time to build it.
const batchSize = 64

// TestGate18RandomSpecs compiles random specs and compares the back ends: the
// interpreter and plan.Eval in float64, to what the function makes of roundings;
// plan.Eval in float32, Go, AVX2 and AVX-512 to the bit, on several shapes and fills
// and under changing schedules, forward and backward, with the states after the
// commit. A spec that the planner refuses is no pass; most must have a plan. What
// fails is shrunk; put it into testdata/random.
func TestGate18RandomSpecs(t *testing.T) {
	g := gates.Open(t, 18, "random specs: interpreter, plan, Go and assembly agree")
	n, start, limit := gates.Sized(512, 10_000), time.Now(), time.Hour
	if count, err := strconv.Atoi(os.Getenv("NORMGEN_SPECS")); err == nil {
		n = count
	}
	if d, err := time.ParseDuration(os.Getenv("NORMGEN_SPECS_TIME")); err == nil {
		limit = d
	}
	var tried, refused, compiled, steps, runs, failed atomic.Int64
	t.Run("batches", func(t *testing.T) {
		for first := 0; first < n; first += batchSize {
			t.Run(fmt.Sprint(first), func(t *testing.T) {
				t.Parallel()
				if time.Since(start) > limit {
					return
				}
				var texts []string
				for i := range min(batchSize, n-first) {
					texts = append(texts, random.Spec(seedBase()+uint64(first+i)))
				}
				b := runBatch(t, texts, uint64(first))
				tried.Add(int64(len(texts)))
				refused.Add(int64(b.refused))
				compiled.Add(int64(len(b.units)))
				steps.Add(int64(len(b.problems)))
				runs.Add(int64(b.runs))
				failed.Add(int64(len(b.failed)))
				b.report(t)
			})
		}
	})
	g.Figure("%d of %d specs: %d layers compiled, %d refused as documented; %d steps of theirs run %d times, %d specs fail",
		tried.Load(), n, compiled.Load(), refused.Load(), steps.Load(), runs.Load(), failed.Load())
	if tried.Load() < int64(n) {
		t.Errorf("%d of %d specs in %v", tried.Load(), n, limit)
	}
	if 10*compiled.Load() < 8*tried.Load() {
		t.Errorf("only %d of %d specs have a plan", compiled.Load(), tried.Load())
	}
}

// seedBase is where the seeds of a run begin: those of a push are always the same,
// those of a release others.
func seedBase() uint64 { return gates.Sized[uint64](0, 1_000_000) }

// TestGate18Regressions runs the specs that a random one has shrunk to once.
func TestGate18Regressions(t *testing.T) {
	g := gates.Open(t, 18, "specs that random ones shrank to")
	files, err := filepath.Glob("testdata/random/*.dsl")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for i, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, renamed(string(text), i))
	}
	b := runBatch(t, texts, 1)
	b.report(t)
	g.Figure("%d specs, %d steps run %d times, %d specs fail", len(texts), len(b.problems), b.runs, len(b.failed))
	if b.refused > 0 {
		t.Errorf("%d of %d are refused", b.refused, len(texts))
	}
}

// A batch is some specs and what was found out about them.
type batch struct {
	texts    []string
	seed     uint64
	index    map[string]int // of the text, by layer
	units    []*plan.Unit
	files    []plan.File
	problems []trial.Problem
	refused  int
	runs     int
	failed   map[int]string // what, by index of the text
}

// runBatch examines texts, and runs those that have a plan.
func runBatch(t testing.TB, texts []string, seed uint64) *batch {
	b := &batch{texts: texts, seed: seed, index: map[string]int{}, failed: map[int]string{}}
	for i := range texts {
		b.compile(t, i)
	}
	for len(b.units) > 0 {
		r, err := trialOf(t).Run(b.units, b.files, b.problems)
		if err != nil && b.blame(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range r.Runs {
			b.runs += n
		}
		for _, d := range slices.Backward(r.Differences) { // the first is the plainest
			b.failed[b.index[d.Layer]] = d.What
		}
		break
	}
	return b
}

// compile takes text i as far as the files of its layers.
func (b *batch) compile(t testing.TB, i int) {
	units, list, refusal := examine(t, b.texts[i])
	switch {
	case len(list) > 0:
		b.failed[i] = list[0]
		return
	case refusal != nil && documented(refusal):
		b.refused++
		return
	case refusal != nil:
		b.failed[i] = refusal.Error()
		return
	}
	for _, u := range units {
		files, err := emitted(u)
		if err != nil {
			b.failed[i] = err.Error()
			return
		}
		b.index[u.Name] = i
		b.units, b.files, b.problems = append(b.units, u), append(b.files, files...), append(b.problems, trial.Problems(u, b.seed)...)
	}
}

// blame takes the layers out whose files the Go compiler or the assembler refuses.
func (b *batch) blame(err error) bool {
	guilty := map[string]bool{}
	for _, m := range fileInError.FindAllStringSubmatch(err.Error(), -1) {
		for name, i := range b.index {
			if strings.EqualFold(name, m[1]) {
				b.failed[i], guilty[name] = err.Error(), true
			}
		}
	}
	b.units = slices.DeleteFunc(b.units, func(u *plan.Unit) bool { return guilty[u.Name] })
	b.problems = slices.DeleteFunc(b.problems, func(p trial.Problem) bool { return guilty[p.Layer] })
	b.files = slices.DeleteFunc(b.files, func(f plan.File) bool {
		base, _, _ := strings.Cut(f.Name, "_")
		for name := range guilty {
			if strings.EqualFold(name, base) {
				return true
			}
		}
		return false
	})
	return len(guilty) > 0
}

// fileInError is a file of a layer in a message of the go command.
var fileInError = regexp.MustCompile(`(?m)\b(norm\d+)_norm\w*\.(?:go|s):\d+`)

// documented reports whether a refusal is one of a limit that the README states,
// and not an error of the compiler.
func documented(err error) bool {
	for _, limit := range []string{
		"over rows has no schedule", "of the rows", "groups of neighbours", "a mask selects rows", "do not know the size",
		"know positions along columns", "all together, not for each", "a domain that the plan cannot select", "a declared mask",
		"a tensor varies over all axes", "more than 2 conditions", "another value over",
	} {
		if strings.Contains(err.Error(), limit) {
			return true
		}
	}
	return false
}

// report lists the failures and shrinks the first.
func (b *batch) report(t *testing.T) {
	t.Helper()
	for i, what := range b.failed {
		t.Errorf("%s\n%s", what, b.texts[i])
	}
	for i := range b.failed {
		if testing.Short() {
			break
		}
		t.Errorf("a spec shrinks to\n%s", random.Shrink(b.texts[i], b.failing(t)))
		break
	}
}

// patience is how long a spec is shrunk.
const patience = 3 * time.Minute

// failing finds the first of some texts that fails.
func (b *batch) failing(t testing.TB) func(texts []string) int {
	start := time.Now()
	return func(texts []string) int {
		for first := 0; first < len(texts) && time.Since(start) < patience; first += batchSize {
			var part []string
			for i, text := range texts[first:min(first+batchSize, len(texts))] {
				part = append(part, renamed(text, i))
			}
			b := runBatch(t, part, b.seed)
			for i, text := range part {
				if b.failed[i] != "" && hasPlan(text) {
					return first + i
				}
			}
		}
		return -1
	}
}

// hasPlan reports whether a text is a spec that can be compiled.
func hasPlan(text string) bool {
	_, err := planText(text)
	return err == nil
}
