package dsl

import (
	"os"
	"path/filepath"
	"testing"
)

// The samples are the specs of the language's introduction and one for each kind
// of norm in the literature. They have no findings, warnings neither.
func TestSamplesAreClean(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.dsl")
	if len(files) < 2 {
		t.Fatalf("found %d samples", len(files))
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		mustCheck(t, name, src)
	}
}

// mustCheck parses and checks src, which must have no findings.
func mustCheck(t *testing.T, name string, src []byte) (*File, *Program) {
	t.Helper()
	f, errs := Parse(name, src)
	if len(errs) == 0 {
		var p *Program
		if p, errs = Check(f); len(errs) == 0 {
			return f, p
		}
	}
	for _, d := range errs {
		t.Errorf("%v %s", d, d.Help)
	}
	t.FailNow()
	return nil, nil
}
