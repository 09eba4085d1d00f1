package generated_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/testdata/gates"
	"github.com/normgen/normgen/testdata/vectors"
	"github.com/normgen/normgen/testdata/vectors/replay"
)

// counts are the cases of each operation, and its runs: of every case that must
// not be rejected, once for each layer that it is a case of. The float32 twins
// of cases are float32 results of PyTorch, and run in float32 alone.
var counts = []struct {
	op                string
	cases, runs, twin int
}{
	{"layernorm", 70, 70, 0},
	{"rmsnorm", 55, 102, 0},
	{"batchnorm", 77, 220, 0},
	{"masked_batchnorm", 3, 3, 0},
	{"official_mask_batchnorm", 1, 1, 0},
	{"batchrenorm", 2, 2, 0},
	{"groupnorm", 31, 60, 0},
	{"instancenorm", 17, 32, 0},
	{"pnv", 14, 14, 0},
	{"pn_paper", 10, 10, 0},
	{"pn_official", 27, 13, 13},
	{"mabn", 1, 2, 0},
	{"un", 1, 1, 0},
	{"add_layernorm", 2, 2, 0},
	{"add_rmsnorm", 2, 2, 0},
	{"adaln", 2, 2, 0},
	{"scalenorm", 3, 3, 0},
	{"l2norm", 2, 2, 0},
	{"weightnorm", 10, 10, 0},
	{"weightstd", 3, 3, 0},
	{"dyt", 2, 2, 0},
	{"derf", 2, 2, 0},
}

// A precision is a way to run a layer, and what it is held to.
type precision struct {
	vectors.Limits
	make func(r vectors.Route, n normtest.Norm, l *ir.Layer, sizes map[string]int) (replay.Subject, error)
}

var (
	generated32 = precision{vectors.Limits{Name: "float32", Format: vectors.Float32},
		func(r vectors.Route, n normtest.Norm, _ *ir.Layer, sizes map[string]int) (replay.Subject, error) {
			return newSubject[float32](r, n, sizes)
		}}
	// A column's mean is one float64, half a unit off where it is stored and as
	// much again where the means of blocks are compared.
	generated64 = precision{vectors.Limits{Name: "float64", Format: vectors.Float64, RowMean: 0x1p-10, ColMean: 1},
		func(r vectors.Route, n normtest.Norm, _ *ir.Layer, sizes map[string]int) (replay.Subject, error) {
			return newSubject[float64](r, n, sizes)
		}}
	interpreter = precision{vectors.InFloat64,
		func(r vectors.Route, _ normtest.Norm, l *ir.Layer, _ map[string]int) (replay.Subject, error) {
			return replay.NewInterpreter(l, r.Knobs)
		}}
)

// TestGate04Vectors holds generated Go and the interpreter to numbers that were made
// independently of this project.
func TestGate04Vectors(t *testing.T) {
	g := gates.Open(t, 4, "vectors: forward, backward, states")
	layers := lowered(t)
	var report vectors.Report
	all := 0
	for _, n := range counts {
		t.Run(n.op, func(t *testing.T) {
			if got := len(cases(t, n.op)); got != n.cases {
				t.Errorf("%d cases, want %d", got, n.cases)
			}
			for _, p := range []struct {
				precision
				want int
			}{{generated32, n.runs + n.twin}, {generated64, n.runs}, {interpreter, n.runs}} {
				if got := runOp(t, n.op, p.precision, layers, &report); got != p.want {
					t.Errorf("%s: %d runs, want %d", p.Name, got, p.want)
				}
			}
		})
		all += n.cases
	}
	if every, err := vectors.All(); err != nil || all != len(every) {
		t.Errorf("%d cases of %d: %v", all, len(every), err)
	}
	checkExcesses(t, &report, "zoo/", "autograd/")
	t.Log("\n" + report.Table())
	writeResults(t, "accuracy.txt", report.Summary())
	y, dx, param, state := report.Worst("float32")
	g.Figure("%d cases, float32: y %.1f u of 8, dx %.1f u of 16, dgamma and dbeta %.1f u of 16, statistics %.1f u", all, y, dx, param, state)
}

func checkExcesses(t *testing.T, r *vectors.Report, suites ...string) {
	t.Helper()
	for _, key := range r.Unmet(suites...) {
		t.Errorf("%s is within its bounds: take it off the list of excesses", key)
	}
}

func lowered(t *testing.T) map[string]*ir.Layer {
	t.Helper()
	layers, err := replay.Layers("../testdata")
	if err != nil {
		t.Fatal(err)
	}
	return layers
}

// runOp runs the cases of an operation and returns how many runs there were.
func runOp(t *testing.T, op string, p precision, layers map[string]*ir.Layer, report *vectors.Report) int {
	n := 0
	for _, c := range cases(t, op) {
		if c.ExpectError || c.Single() && p.Format != vectors.Float32 {
			continue
		}
		for _, r := range routes(t, c) {
			n++
			if err := runCase(t, c, r, p, layers, report); err != nil {
				t.Error(err)
			}
		}
	}
	return n
}

func runCase(t *testing.T, c *vectors.Case, r vectors.Route, p precision, layers map[string]*ir.Layer, report *vectors.Report) error {
	run := replay.Replay{Case: c, Route: r, Layer: layers[r.String()]}
	s, err := p.make(r, normOf(t, r.Layer), run.Layer, caseSizes(t, c, r, run.Layer))
	if err != nil {
		return err
	}
	k := vectors.Checker{Limits: p.Limits, Case: c, Route: r, Report: report}
	return run.Run(s, k.Step)
}

// caseSizes are the sizes of a case's axes by name, and of those that are split.
func caseSizes(t *testing.T, c *vectors.Case, r vectors.Route, l *ir.Layer) map[string]int {
	t.Helper()
	x, ok := c.Step(0).In["x"]
	if !ok {
		x = c.Step(0).In["v"] // weights
	}
	dims, err := r.Shape(x.Shape)
	if err != nil {
		t.Fatal(err)
	}
	sizes := vectors.Sizes(dims)
	for _, p := range l.Products {
		if _, whole := sizes[p.Name]; whole {
			continue
		}
		sizes[p.Name] = 1
		for _, f := range p.Factors {
			sizes[p.Name] *= sizes[l.Axes[f].Name]
		}
	}
	return sizes
}

func routes(t *testing.T, c *vectors.Case) []vectors.Route {
	t.Helper()
	all, err := c.Routes()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func cases(t *testing.T, op string) []*vectors.Case {
	t.Helper()
	cs, err := vectors.Op(op)
	if err != nil {
		t.Fatal(err)
	}
	return cs
}

// TestVectorsRejected runs the cases that must be rejected: with an error that
// says why, and before any state changes. Sizes that do not split are found
// before a layer is made.
func TestVectorsRejected(t *testing.T) {
	layers := lowered(t)
	want := map[string]string{
		"zoo/error_batchnorm_1x5_train": "needs more than one",
		"zoo/error_pnofficial_2x1x7_g4": "do not split into 4*?",
		"zoo/error_groupnorm_1x4_g4":    "requires 1 < size(N)*size(D)*size(S)",
		"zoo/error_instancenorm_2x3x1":  "requires 1 < size(S)",
	}
	for _, n := range counts {
		for _, c := range cases(t, n.op) {
			if !c.ExpectError {
				continue
			}
			for _, r := range routes(t, c) {
				if err := rejection(t, c, r, layers[r.String()]); err == nil || !strings.Contains(err.Error(), want[c.String()]) {
					t.Errorf("%v: %v: error %v, want one with %q", c, r, err, want[c.String()])
				}
			}
			delete(want, c.String())
		}
	}
	if len(want) > 0 {
		t.Errorf("cases that did not run: %v", want)
	}
}

func rejection(t *testing.T, c *vectors.Case, r vectors.Route, l *ir.Layer) error {
	t.Helper()
	s, err := newSubject[float32](r, normOf(t, r.Layer), caseSizes(t, c, r, l))
	if err != nil {
		return err
	}
	run := replay.Replay{Case: c, Route: r, Layer: l}
	call, err := run.Call(0)
	if err != nil {
		t.Fatal(err)
	}
	before := fmt.Sprint(s.State(), s.Step())
	_, err = s.Pass(call)
	if after := fmt.Sprint(s.State(), s.Step()); after != before {
		t.Errorf("%v: state is %v after the error, was %v", c, after, before)
	}
	return err
}
