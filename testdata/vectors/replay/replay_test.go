package replay

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/testdata/vectors"
)

// layers are those of the library, as derived or as simplified.
func layers(t *testing.T, simple bool) map[string]*ir.Layer {
	t.Helper()
	ls, err := Layers("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range ls {
		if simple {
			if err := gen.Middle(gen.Unit{Layer: l}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return ls
}

// rejected are the cases that must be rejected, and why they are: by the sizes
// that an axis can have, by a requirement of the spec, and by the count that an
// unbiased statistic has.
var rejected = map[string]string{
	"zoo/error_pnofficial_2x1x7_g4": "C = 7 does not split into 4",
	"zoo/error_groupnorm_1x4_g4":    "requires 1 < size(N)*size(D)*size(S)",
	"zoo/error_instancenorm_2x3x1":  "requires 1 < size(S)",
	"zoo/error_batchnorm_1x5_train": "the unbiased var needs more than one value, and has one",
}

// unvectored are the layers that no vector is of. The tests of package gen hold
// their gradients to dual numbers, but for PowerNormUnscaled, whose declared gradient
// is that of PowerNormReleased behind its scaling; of that there are vectors.
var unvectored = []string{"batch.BatchNormClamped", "conditional.AdaLNZero",
	"variants.GroupScaling", "variants.GroupScalingPNV", "variants.PowerNormUnscaled"}

// TestInterpreter runs every case through every layer that it is a case of, as
// derived and as simplified.
func TestInterpreter(t *testing.T) {
	all, err := vectors.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, simple := range []bool{false, true} {
		ls := layers(t, simple)
		report := &vectors.Report{}
		ran, met, used := map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, c := range all {
			routes, err := c.Routes()
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range routes {
				err := interpret(c, r, ls, report)
				why, reject := rejected[c.String()]
				switch {
				case reject && (err == nil || !strings.Contains(err.Error(), why)):
					t.Errorf("%v: %v: error %v, want one with %q", c, r, err, why)
				case !reject && err != nil:
					t.Error(err)
				}
				ran[c.String()], met[c.String()], used[r.String()] = true, met[c.String()] || reject, true
			}
		}
		if len(ran) != 337 {
			t.Errorf("%d cases ran, want the 182 of zoo and the 155 of autograd", len(ran))
		}
		for name := range rejected {
			if !met[name] {
				t.Errorf("%s did not run", name)
			}
		}
		unused := slices.Sorted(maps.Keys(ls))
		unused = slices.DeleteFunc(unused, func(name string) bool { return used[name] })
		if !slices.Equal(unused, unvectored) {
			t.Errorf("layers without a case: %v, want %v", unused, unvectored)
		}
		t.Log("\n" + report.Table())
	}
}

func interpret(c *vectors.Case, r vectors.Route, ls map[string]*ir.Layer, report *vectors.Report) error {
	p := Replay{Case: c, Route: r, Layer: ls[r.String()]}
	n, err := NewInterpreter(p.Layer, r.Knobs)
	if err != nil {
		return err
	}
	k := vectors.Checker{Limits: vectors.Interpreted(c), Case: c, Route: r, Report: report}
	return p.Run(n, k.Step)
}

// TestChecks plants an error in each result of the first step of each case: the
// checker sees it.
func TestChecks(t *testing.T) {
	ls := layers(t, false)
	all, err := vectors.All()
	if err != nil {
		t.Fatal(err)
	}
	planted := 0
	for _, c := range all {
		if c.ExpectError || len(c.Steps) == 0 {
			continue
		}
		routes, err := c.Routes()
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range c.Steps[0].Want {
			size := max(largest(want.Data), c.Steps[0].Scale[name])
			if size == 0 || len(want.Data) == 0 {
				continue // nothing to be wrong by
			}
			planted++
			if err := spoilt(c, routes[len(routes)-1], ls, name, size*1e-3); err == nil {
				t.Errorf("%v: an error in %s is not seen", c, name)
			}
		}
	}
	if planted < 1000 {
		t.Errorf("%d errors were planted", planted)
	}
}

// spoilt runs a case with an error in one result of its first step.
func spoilt(c *vectors.Case, r vectors.Route, ls map[string]*ir.Layer, name string, by float64) error {
	p := Replay{Case: c, Route: r, Layer: ls[r.String()]}
	n, err := NewInterpreter(p.Layer, r.Knobs)
	if err != nil {
		return err
	}
	k := vectors.Checker{Limits: vectors.Interpreted(c), Case: c, Route: r, Report: &vectors.Report{}}
	return p.Run(n, func(i int, got map[string]vectors.Tensor) error {
		if i == 0 {
			v := got[name]
			v.Data = slices.Clone(v.Data)
			v.Data[len(v.Data)/2] += by
			got[name] = v
		}
		return k.Step(i, got)
	})
}

func largest(v []float64) float64 {
	out := 0.0
	for _, x := range v {
		out = max(out, x, -x)
	}
	return out
}
