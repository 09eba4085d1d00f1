package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// setHash is in the constant that ties a set of files together; it depends on
// their comments too.
var setHash = regexp.MustCompile(`Generation[0-9a-f]{12}`)

// code compiles a spec and returns the files without comments and hashes.
func code(t *testing.T, text string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	spec, out := filepath.Join(dir, "s.dsl"), filepath.Join(dir, "out")
	if err := put(text)(spec); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := runIn("-spec", spec, "-o", out); status != done || stderr != "" {
		t.Fatalf("%s: %s", text, stderr)
	}
	files := map[string]string{}
	for name := range readDirectory(t, out) {
		files[name] = setHash.ReplaceAllString(withoutComments(t, filepath.Join(out, name)), "Generation")
	}
	return files
}

// TestUsedIsPasted requires that a norm compiles to the same code whether it is
// used or its text stands in the spec. Comments may differ: they give lines.
func TestUsedIsPasted(t *testing.T) {
	libs, err := libraries()
	if err != nil || len(libs) == 0 {
		t.Fatal(err)
	}
	for _, l := range libs {
		var used, pasted strings.Builder
		for _, n := range l.norms {
			used.WriteString("use " + n.Name.Text + ` from "` + l.name + "\"\n")
			pasted.WriteString(n.Text())
		}
		if d := cmp.Diff(code(t, pasted.String()), code(t, used.String())); d != "" {
			t.Errorf("%s (-pasted +used):\n%s", l.name, d)
		}
	}
}

// TestLibraryIsDescribed requires a comment above each norm of the library,
// and names that are unique in it: a list shows both.
func TestLibraryIsDescribed(t *testing.T) {
	libs, err := libraries()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, l := range libs {
		for _, n := range l.norms {
			if about(n) == "" {
				t.Errorf("%s: %s has no comment", l.name, n.Name.Text)
			}
			if other, twice := seen[n.Name.Text]; twice {
				t.Errorf("%s is in %s and in %s", n.Name.Text, other, l.name)
			}
			seen[n.Name.Text] = l.name
		}
	}
}
