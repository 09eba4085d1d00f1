package generated_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/testdata/vectors"
	"github.com/normgen/normgen/testdata/vectors/replay"
)

// counts are the runs of each operation: of every case that must not be rejected,
// once for each generated layer that it is a case of.
var counts = []struct {
	op                    string
	f32, f64, interpreted int
}{
	{"layernorm", 70, 70, 70},
	{"rmsnorm", 55, 55, 55},
	{"batchnorm", 76, 76, 76},
	{"masked_batchnorm", 3, 3, 3},
	{"pnv", 14, 14, 14},
	{"pn_paper", 10, 10, 10},
	{"pn_official", 26, 13, 13}, // the float32 twins are float32 results of PyTorch
}

// A precision is a way to run a layer, and what it is held to.
type precision struct {
	vectors.Limits
	make func(r vectors.Route, l *ir.Layer, cols int) (replay.Subject, error)
}

var (
	generated32 = precision{vectors.Limits{Name: "float32", Format: vectors.Float32},
		func(r vectors.Route, l *ir.Layer, cols int) (replay.Subject, error) {
			n, err := constructs[r.Layer].f32(cols, r.Knobs)
			return generatedNorm[float32]{n, l}, err
		}}
	// A column's mean is one float64, half a unit off where it is stored and as
	// much again where the means of blocks are compared.
	generated64 = precision{vectors.Limits{Name: "float64", Format: vectors.Float64, RowMean: 0x1p-10, ColMean: 1},
		func(r vectors.Route, l *ir.Layer, cols int) (replay.Subject, error) {
			n, err := constructs[r.Layer].f64(cols, r.Knobs)
			return generatedNorm[float64]{n, l}, err
		}}
	interpreter = precision{vectors.InFloat64,
		func(r vectors.Route, l *ir.Layer, _ int) (replay.Subject, error) {
			return replay.NewInterpreter(l, r.Knobs)
		}}
)

// TestVectors holds generated Go and the interpreter to numbers that were made
// independently of this project.
func TestVectors(t *testing.T) {
	layers := lowered(t)
	var report vectors.Report
	for _, n := range counts {
		t.Run(n.op, func(t *testing.T) {
			for _, p := range []struct {
				precision
				want int
			}{{generated32, n.f32}, {generated64, n.f64}, {interpreter, n.interpreted}} {
				if got := runOp(t, n.op, p.precision, layers, &report); got != p.want {
					t.Errorf("%s: %d runs, want %d", p.Name, got, p.want)
				}
			}
		})
	}
	checkExcesses(t, &report, "zoo/", "autograd/")
	t.Log("\n" + report.Table())
	writeResults(t, "accuracy.txt", report.Summary())
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
		for _, r := range generatedRoutes(t, c) {
			n++
			if err := runCase(c, r, p, layers, report); err != nil {
				t.Error(err)
			}
		}
	}
	return n
}

func runCase(c *vectors.Case, r vectors.Route, p precision, layers map[string]*ir.Layer, report *vectors.Report) error {
	run := replay.Replay{Case: c, Route: r, Layer: layers[r.String()]}
	call, err := run.Call(0)
	if err != nil {
		return err
	}
	s, err := p.make(r, run.Layer, matrixOf(run.Layer, call).cols)
	if err != nil {
		return err
	}
	k := vectors.Checker{Limits: p.Limits, Case: c, Route: r, Report: report}
	return run.Run(s, k.Step)
}

// generatedRoutes are the routes of a case through layers that are generated.
func generatedRoutes(t *testing.T, c *vectors.Case) []vectors.Route {
	t.Helper()
	all, err := c.Routes()
	if err != nil {
		t.Fatal(err)
	}
	var out []vectors.Route
	for _, r := range all {
		if _, ok := constructs[r.Layer]; ok {
			out = append(out, r)
		}
	}
	return out
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
		"zoo/error_batchnorm_1x5_train": "more than one row",
		"zoo/error_pnofficial_2x1x7_g4": "do not split into 4*?",
	}
	for _, n := range counts {
		for _, c := range cases(t, n.op) {
			if !c.ExpectError {
				continue
			}
			if err := rejection(t, c, layers); err == nil || !strings.Contains(err.Error(), want[c.String()]) {
				t.Errorf("%v: error %v, want one with %q", c, err, want[c.String()])
			}
			delete(want, c.String())
		}
	}
	if len(want) > 0 {
		t.Errorf("cases that did not run: %v", want)
	}
}

func rejection(t *testing.T, c *vectors.Case, layers map[string]*ir.Layer) error {
	r := generatedRoutes(t, c)[0]
	run := replay.Replay{Case: c, Route: r, Layer: layers[r.String()]}
	shape := c.Steps[0].In["x"].Shape
	l, err := constructs[r.Layer].f32(shape[len(shape)-1], r.Knobs)
	if err != nil {
		return err
	}
	call, err := run.Call(0)
	if err != nil {
		return err
	}
	before := fmt.Sprint(l.State(), l.Step())
	call.Cotangents = map[string][]float64{"y": call.In["x"]} // the case has none
	_, err = generatedNorm[float32]{l, run.Layer}.Pass(call)
	if after := fmt.Sprint(l.State(), l.Step()); after != before {
		t.Errorf("%v: state is %v after the error, was %v", c, after, before)
	}
	return err
}
