package dsl

import (
	"os"
	"path/filepath"
	"testing"
)

// The samples are written in canonical layout.
func TestFormatKeepsSamples(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.dsl")
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, _ := Parse(name, src)
		if got := string(Format(f)); got != string(src) {
			t.Errorf("%s: formatted to\n%s", name, got)
		}
	}
}
