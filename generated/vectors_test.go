package generated_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/testdata/vectors"
)

// counts are the cases of each operation that run: every one that must not be
// rejected.
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

// TestVectors holds generated Go and the interpreter to numbers that were made
// independently of this project.
func TestVectors(t *testing.T) {
	layers := lowered(t)
	var w worst
	for _, n := range counts {
		t.Run(n.op, func(t *testing.T) {
			for _, p := range []struct {
				limits
				want int
			}{{generated32, n.f32}, {generated64, n.f64}, {interpreter, n.interpreted}} {
				if got := runOp(t, n.op, p.limits, layers, &w); got != p.want {
					t.Errorf("%s: %d cases, want %d", p.name, got, p.want)
				}
			}
		})
	}
	w.checkExcesses(t, "zoo/", "autograd/")
	t.Log("\n" + w.table())
	writeResults(t, "accuracy.txt", w.summary())
}

// runOp runs the cases of an operation and returns how many there were.
func runOp(t *testing.T, op string, l limits, layers map[string]*ir.Layer, w *worst) int {
	n := 0
	for _, c := range cases(t, op) {
		if c.ExpectError || c.Attrs["compute"] == "f32" && l.name != generated32.name {
			continue
		}
		n++
		r := routeOf(c)
		s, err := l.make(r, layers, r.call(c.Step(0), true).cols)
		if err != nil {
			t.Fatalf("%v: %v", c, err)
		}
		k := checker{t: t, limits: l, c: c, r: r, worst: w}
		if err := drive(c, s, k.step); err != nil {
			t.Errorf("%v: %s: %v", c, l.name, err)
		}
	}
	return n
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
// says why, and before any state changes.
func TestVectorsRejected(t *testing.T) {
	want := map[string]string{
		"zoo/error_batchnorm_1x5_train": "more than one row",
		"zoo/error_pnofficial_2x1x7_g4": "do not split into 4*?",
	}
	for _, n := range counts {
		for _, c := range cases(t, n.op) {
			if !c.ExpectError {
				continue
			}
			if err := rejection(t, c); err == nil || !strings.Contains(err.Error(), want[c.String()]) {
				t.Errorf("%v: error %v, want one with %q", c, err, want[c.String()])
			}
			delete(want, c.String())
		}
	}
	if len(want) > 0 {
		t.Errorf("cases that did not run: %v", want)
	}
}

func rejection(t *testing.T, c *vectors.Case) error {
	r := routeOf(c)
	call := r.call(c.Steps[0], true)
	l, err := constructs[r.norm].f32(call.cols, r.knobs)
	if err != nil {
		return err
	}
	before := fmt.Sprint(l.State(), l.Step())
	_, err = generatedNorm[float32]{l}.pass(call)
	if after := fmt.Sprint(l.State(), l.Step()); after != before {
		t.Errorf("%v: state is %v after the error, was %v", c, after, before)
	}
	return err
}
