package generated_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/generated/fast"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/vectors"
	"github.com/normgen/normgen/testdata/vectors/replay"
)

// fastConstructors make the layers in fast arithmetic: Fast and the name of the one
// in exact arithmetic.
var fastConstructors = map[string]any{
	"FastLayerNorm": fast.NewFastLayerNorm,
	"FastRMSNorm":   fast.NewFastRMSNorm,
	"FastBatchNorm": fast.NewFastBatchNorm,
	"FastPowerNorm": fast.NewFastPowerNorm,
	"FastAdaLN":     fast.NewFastAdaLN,
	"FastDyT":       fast.NewFastDyT,
}

// fastNorms are the layers in fast arithmetic with their plans.
func fastNorms(t testing.TB) map[string]normtest.Norm {
	t.Helper()
	units, err := fastUnits()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]normtest.Norm{}
	for _, u := range units {
		if fastConstructors[u.Name] == nil {
			t.Fatalf("no constructor of %s: add a row to the table", u.Name)
		}
		out[u.Name] = normtest.Norm{Unit: u, New: fastConstructors[u.Name]}
	}
	return out
}

var fastUnits = sync.OnceValues(func() ([]*plan.Unit, error) { return planSpec("../testdata/fast/fast.dsl") })

// TestFastBits holds fast arithmetic to plan.Eval, bit for bit: Go to the exact one,
// the assembly of all sets to the one that fuses what the plan says.
func TestFastBits(t *testing.T) {
	for name := range fastNorms(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachBits(name, func(b bits) { bitsOf[float32](t, b, normtest.ISAs()...) })
		})
	}
}

// TestFastDiffers holds Go to the bits of the layer in exact arithmetic, and fails
// where assembly has them too: then nothing is fused.
func TestFastDiffers(t *testing.T) {
	sizes := func(name string) []int { return normtest.EvenSizes(normOf(t, name).Unit, 64, 300) }
	step := func(name string, isa runtime.ISA) outcome {
		r := newRigOf[float32](t, name, sizes(name), isa).Randomize()
		g := rand.New(rand.NewPCG(7, 7))
		return r.Mount(r.NewWork(64), normtest.NewSample[float32](r.Unit, g, sizes(name), "randn", nil), 0).Train(t)
	}
	for name := range fastNorms(t) {
		want := step(name[len("Fast"):], runtime.Portable)
		for _, isa := range normtest.ISAs() {
			if got := alike(step(name, isa), want); got != (isa == runtime.Portable) {
				t.Errorf("%s %v has the bits of exact arithmetic: %v", name, isa, got)
			}
		}
	}
}

func alike(a, b outcome) bool {
	for k, x := range a {
		if !slices.Equal(x, b[k]) {
			return false
		}
	}
	return true
}

// TestFastErrors holds fast arithmetic to the bounds of exact arithmetic, on the
// vectors and on the hard inputs: an operation less is rounded, none more.
func TestFastErrors(t *testing.T) {
	layers, norms, report := lowered(t), fastNorms(t), vectors.Report{}
	fused := precision{generated32.Limits, func(r vectors.Route, _ normtest.Norm, _ *ir.Layer, sizes map[string]int) (replay.Subject, error) {
		return newSubject[float32](r, norms["Fast"+r.Layer], sizes)
	}}
	runs := map[string]int{}
	run := func(c *vectors.Case) {
		for _, r := range routes(t, c) {
			if norms["Fast"+r.Layer].Unit == nil || c.ExpectError {
				continue
			}
			runs[r.Layer]++
			if err := runCase(t, c, r, fused, layers, &report); err != nil {
				t.Error(err)
			}
		}
	}
	for _, n := range counts {
		for _, c := range cases(t, n.op) {
			run(c)
		}
	}
	for op := range hardOps {
		for fill := range hardFills {
			for _, n := range []int{16, 17, 33, 100, 1000, 1 << 15} {
				c := hardCase(op, fill, n, 4, 1e-5)
				c.Suite = "fast"
				run(c)
			}
		}
	}
	for name := range norms {
		if runs[name[len("Fast"):]] == 0 {
			t.Errorf("%s is held to nothing", name)
		}
	}
	checkExcesses(t, &report, "fast/")
	t.Log(runs, "\n"+report.Table())
}
