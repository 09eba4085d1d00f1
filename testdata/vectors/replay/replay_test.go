package replay

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/testdata/vectors"
)

// lowered are the layers of the specs, by spec and name, as derived or
// simplified.
func lowered(t *testing.T, simple bool) map[string]*ir.Layer {
	t.Helper()
	specs, err := filepath.Glob("../../*.dsl")
	if err != nil || len(specs) == 0 {
		t.Fatalf("no specs: %v", err)
	}
	layers := map[string]*ir.Layer{}
	for _, path := range specs {
		for _, u := range lower(t, path) {
			if simple {
				if err := gen.Middle(u); err != nil {
					t.Fatal(err)
				}
			}
			layers[strings.TrimSuffix(filepath.Base(path), ".dsl")+"."+u.Layer.Name] = u.Layer
		}
	}
	return layers
}

func lower(t *testing.T, path string) []gen.Unit {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, errs := dsl.Parse(filepath.Base(path), src)
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
	return units
}

// TestInterpreter runs every case through every layer that it is a case of, as
// derived and as simplified.
func TestInterpreter(t *testing.T) {
	all, err := vectors.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, simple := range []bool{false, true} {
		layers := lowered(t, simple)
		report := &vectors.Report{}
		ran := map[string]int{}
		for _, c := range all {
			routes, err := c.Routes()
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range routes {
				err := interpret(c, r, layers, report)
				switch {
				case c.ExpectError && err == nil:
					t.Errorf("%v: %v accepts it", c, r)
				case !c.ExpectError && err != nil:
					t.Error(err)
				}
			}
			ran[c.Suite]++
		}
		if ran["zoo"] != 182 || ran["autograd"] != 155 {
			t.Errorf("%v cases ran, want 182 and 155", ran)
		}
		t.Log("\n" + report.Table())
	}
}

func interpret(c *vectors.Case, r vectors.Route, layers map[string]*ir.Layer, report *vectors.Report) error {
	p := Replay{Case: c, Route: r, Layer: layers[r.String()]}
	n, err := NewInterpreter(p.Layer, r.Knobs)
	if err != nil {
		return err
	}
	k := vectors.Checker{Limits: vectors.Interpreted(c), Case: c, Route: r, Report: report}
	return p.Run(n, k.Step)
}
