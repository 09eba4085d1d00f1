package gen

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata/stages")

const stages = "../testdata/stages"

// staged are the norms that have a golden each, by spec: those of the two main
// specs, one whose samples are groups of a row in one layout and segments of the
// rows in the other, and one with a ring of statistics.
var staged = map[string][]string{
	"standard":  {"LayerNorm", "RMSNorm", "BatchNorm"},
	"powernorm": {"PNV", "PowerNorm", "PowerNormReleased"},
	"spatial":   {"GroupNorm"},
	"batch":     {"UN"},
}

// A golden is the whole compiler on a page: the spec's equations, the functions
// with their derivatives, the functions simplified, the plan of each layout.
func TestStages(t *testing.T) {
	expected := map[string]bool{}
	for spec, norms := range staged {
		path := "../testdata/" + spec + ".dsl"
		for _, name := range norms {
			file := strings.ToLower(name) + ".txtar"
			expected[file] = true
			t.Run(name, func(t *testing.T) {
				compareGolden(t, filepath.Join(stages, file), stageArchive(t, path, name))
			})
		}
	}
	entries, err := os.ReadDir(stages)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !expected[e.Name()] {
			t.Errorf("%s/%s belongs to no norm", stages, e.Name())
		}
	}
}

// stageArchive dumps every stage of a norm.
func stageArchive(t *testing.T, path, name string) *txtar.Archive {
	t.Helper()
	a := &txtar.Archive{Comment: []byte("The stages of " + name + ". To rewrite: go test ./gen -run TestStages -update\n\n")}
	for _, s := range Stages {
		text, err := Dump(s, program(t, path), name)
		if err != nil {
			t.Fatal(err)
		}
		a.Files = append(a.Files, txtar.File{Name: s, Data: []byte(text)})
	}
	return a
}

// compareGolden compares section by section.
func compareGolden(t *testing.T, path string, got *txtar.Archive) {
	t.Helper()
	if *update {
		writeGolden(t, path, txtar.Format(got))
		return
	}
	want, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, f := range want.Files {
		sections[f.Name] = string(f.Data)
	}
	for _, f := range got.Files {
		if d := cmp.Diff(sections[f.Name], string(f.Data)); d != "" {
			t.Errorf("%s: %s differs (-golden +got); if that is meant, run with -update\n%s", path, f.Name, d)
		}
	}
	if len(want.Files) != len(got.Files) {
		t.Errorf("%s has %d sections, want %d", path, len(want.Files), len(got.Files))
	}
}

func writeGolden(t *testing.T, path string, data []byte) {
	t.Helper()
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// A stage that does not exist is refused with those that do.
func TestDumpRefuses(t *testing.T) {
	if _, err := Dump("asm", program(t, "../testdata/standard.dsl"), "RMSNorm"); err == nil || !strings.Contains(err.Error(), "core, grad, sums, plan") {
		t.Errorf("an unknown stage gives %v", err)
	}
}
