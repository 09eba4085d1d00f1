package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/normgen/normgen/testdata/gates"
)

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
		if d := cmp.Diff(codeOf(t, pasted.String()), codeOf(t, used.String())); d != "" {
			t.Errorf("%s (-pasted +used):\n%s", l.name, d)
		}
	}
}

// codeOf compiles a spec.
func codeOf(t *testing.T, text string) map[string]string {
	t.Helper()
	spec := filepath.Join(t.TempDir(), "s.dsl")
	if err := put(text)(spec); err != nil {
		t.Fatal(err)
	}
	return code(t, ordered(t, &order{spec: spec, out: "out"}))
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

// TestUseIsBounded requires a clear error, within a second, for files that are
// no files, and for more of them than anybody writes.
func TestUseIsBounded(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := syscall.Mkfifo("pipe.dsl", 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", "zero.dsl"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("loop.dsl", "loop.dsl"); err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		if err := put("norm A { in x[R..., C] out y = x }\n" + strings.Repeat("//\n", 100*i))(fmt.Sprintf("f%d.dsl", i)); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ spec, want string }{
		{`use A from "pipe.dsl"`, "spec.dsl:1:12: error: a use reads a file, \"pipe.dsl\" cannot be read: it is not a regular file [N521]"},
		{`use A from "zero.dsl"`, "spec.dsl:1:12: error: a use reads a file, \"zero.dsl\" cannot be read: "},
		{`use A from "loop.dsl"`, "spec.dsl:1:12: error: a use reads a file, \"loop.dsl\" cannot be read: "},
		{manyUses(4000, 60) + `use B from "f1.dsl"`, "spec.dsl:4001:5: error: a use takes norms of its source, \"f1.dsl\" has no norm \"B\" [N522]"},
		{manyUses(4000, 200), "spec.dsl:65:19: error: a spec uses at most 64 files [N525]"},
		{manyUses(60, 60) + "// " + strings.Repeat("a", 900_000), "a spec and the files it uses have at most 1048576 bytes"},
	} {
		if err := put(test.spec)("spec.dsl"); err != nil {
			t.Fatal(err)
		}
		var status exit
		var stderr string
		if took := gates.Spent(func() { status, _, stderr = runIn("-spec", "spec.dsl") }); took > time.Second {
			t.Errorf("%.60s: took %v", test.spec, took)
		}
		if status != failed || !strings.Contains(stderr, test.want) {
			t.Errorf("%.60s: status %d, %.300s, want %s", test.spec, status, stderr, test.want)
		}
	}
}
