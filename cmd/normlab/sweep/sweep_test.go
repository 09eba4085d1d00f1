package sweep_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/normgen/normgen/cmd/normlab/choice"
	"github.com/normgen/normgen/cmd/normlab/sweep"
	"github.com/normgen/normgen/generated"
)

// TestFiles holds that the sweeps behind the published results can be run: their settings
// are complete and their norms exist.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/results/sweeps/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sweeps (%v)", err)
	}
	library := choice.Catalogue(generated.Catalogue())
	for _, file := range files {
		s, err := sweep.Read(file)
		if err != nil {
			t.Error(err)
			continue
		}
		names := map[string]bool{}
		for _, c := range s.Cells() {
			if names[c.Name] {
				t.Errorf("%s: two runs are called %s", file, c.Name)
			}
			names[c.Name] = true
			if err := c.Settings.Check(); err != nil {
				t.Errorf("%s: %s: %v", file, c.Name, err)
			}
			if _, err := library.ParsePlaces(c.Settings.Norms, c.Settings.Translates(), choice.Names{"heads": 4, "warmup": 9}); err != nil {
				t.Errorf("%s: %s: %v", file, c.Name, err)
			}
		}
		if want := len(s.Norms) * len(s.Seeds) * len(s.Batches); len(names) != want {
			t.Errorf("%s: %d runs, want %d", file, len(names), want)
		}
	}
}

// TestEqualTokens: smaller batches take more steps.
func TestEqualTokens(t *testing.T) {
	s, err := sweep.Read("../../../testdata/results/sweeps/batches.json")
	if err != nil {
		t.Fatal(err)
	}
	var batches []int
	for _, c := range s.Cells() {
		r := c.Settings
		if r.Steps*r.Batch != s.Base().Steps*s.Base().Batch || r.Warmup*r.Steps != s.Base().Warmup*r.Steps*r.Steps/s.Base().Steps {
			t.Errorf("%s: %d steps, %d of warm-up", c.Name, r.Steps, r.Warmup)
		}
		batches = append(batches, r.Batch)
	}
	slices.Sort(batches)
	if got := slices.Compact(batches); !slices.Equal(got, []int{512, 1024, 2048, 4096}) {
		t.Error(got)
	}
}
