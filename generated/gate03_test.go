package generated_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
	"github.com/normgen/normgen/testdata/vectors"
	"github.com/normgen/normgen/testdata/vectors/replay"
)

// onnxCases are how many there are of each operator. LpNormalization with p = 1 has no
// layer in the library, and LRN is left out.
var onnxCases = map[string]int{"layernorm": 22, "rmsnorm": 22, "batchnorm": 16, "instancenorm": 6, "groupnorm": 18, "mvn": 4, "lp2": 11}

// TestGate03ONNX holds layers to the operators of ONNX, with every set of instructions:
// to the tolerance of ONNX's tests and to the bounds of this project.
func TestGate03ONNX(t *testing.T) {
	g := gates.Open(t, 3, "cases of the operators of ONNX")
	cases, err := vectors.ONNX()
	if err != nil {
		t.Fatal(err)
	}
	layers := lowered(t)
	var report vectors.Report
	got, runs := map[string]int{}, 0
	for _, c := range cases {
		operator, _, _ := strings.Cut(c.ID, "_")
		got[operator]++
		for _, r := range routes(t, c) {
			for _, isa := range normtest.ISAs() {
				runs++
				if err := runONNX(t, c, r, isa, layers, &report); err != nil {
					t.Errorf("%v: %v", isa, err)
				}
			}
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(onnxCases) {
		t.Errorf("cases %v, want %v", got, onnxCases)
	}
	y, _, _, state := report.Worst("float32")
	g.Figure("%d cases of 7 operators, %d runs of %d sets of instructions: within rtol 1e-3, atol 1e-7; y %.1f u of 8, statistics %.1f u of 8",
		len(cases), runs, len(normtest.ISAs()), y, state)
}

// runONNX runs a case through a layer that uses one set.
func runONNX(t *testing.T, c *vectors.Case, r vectors.Route, isa runtime.ISA, layers map[string]*ir.Layer, report *vectors.Report) error {
	run := replay.Replay{Case: c, Route: r, Layer: layers[r.String()]}
	var s replay.Subject
	var err error
	normtest.Capped(t, isa, func() {
		s, err = newSubject[float32](r, normOf(t, r.Layer), caseSizes(t, c, r, run.Layer))
	})
	if err != nil {
		return err
	}
	k := vectors.Checker{Limits: generated32.Limits, Case: c, Route: r, Report: report}
	return run.Run(s, func(i int, got map[string]vectors.Tensor) error {
		for name, w := range c.Step(i).Want {
			for j, want := range w.Data {
				if off := math.Abs(got[name].Data[j] - want); !(off <= vectors.ONNXAbsolute+vectors.ONNXRelative*math.Abs(want)) {
					return fmt.Errorf("%v: %v: %s[%d] is %v, want %v: beyond ONNX's tolerance", c, r, name, j, got[name].Data[j], want)
				}
			}
		}
		return k.Step(i, got)
	})
}
