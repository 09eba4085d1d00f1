package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/normgen/normgen/testdata/gates"
)

// A target is a fuzz target of the repository.
type target struct{ dir, name string }

// executions is how often a release runs it. A parser runs ten thousand times a second;
// a layer does all that it can, on every set of instructions, in some milliseconds.
func (g target) executions() int {
	switch {
	case strings.HasPrefix(g.dir, "generated/"):
		return 2000
	case g.name == "FuzzParse":
		return 5_000_000
	}
	return 1_000_000
}

// TestGate14Fuzz fuzzes every target. Executions are counted, not seconds: a deadline
// fails targets that have no fault (golang/go#75804).
func TestGate14Fuzz(t *testing.T) {
	all := targets(t, "../..")
	if len(all) < 10 || !slices.Contains(all, target{"dsl", "FuzzParse"}) {
		t.Fatalf("only %v", all)
	}
	if !gates.Release() { // a size, not the machine
		t.Skip("it takes an hour: before a release; a push fuzzes the same targets in .ci/run fuzz")
	}
	g := gates.Open(t, 14, "fuzz targets")
	total, layers, failures := 0, 0, 0
	for _, f := range all {
		n, err := fuzz(t, f)
		if n < f.executions() || err != nil {
			failures++
			t.Errorf("%s in %s: %d executions, %v", f.name, f.dir, n, err)
		}
		if total += n; strings.HasPrefix(f.dir, "generated/") {
			layers += n
		}
	}
	g.Figure("%d targets, %d executions, %d of them of all that a layer does; %d targets fail", len(all), total, layers, failures)
}

var fuzzFunc = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)

// targets are those of all packages of the repository.
func targets(t *testing.T, root string) []target {
	t.Helper()
	var out []target
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		for _, m := range fuzzFunc.FindAllSubmatch(text, -1) {
			out = append(out, target{filepath.ToSlash(dir), string(m[1])})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var executed = regexp.MustCompile(`execs: (\d+)`)

// fuzz returns how often a target ran.
func fuzz(t *testing.T, f target) (n int, err error) {
	t.Helper()
	cmd := exec.Command("go", "test", "-run", "^$", "-fuzz", "^"+f.name+"$", "-fuzztime", strconv.Itoa(f.executions())+"x", "-fuzzminimizetime", "1000x", "./"+f.dir)
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), gates.Variable+"=")
	out, err := cmd.CombinedOutput()
	if all := executed.FindAllSubmatch(out, -1); len(all) > 0 {
		n, _ = strconv.Atoi(string(all[len(all)-1][1]))
	}
	if err != nil {
		t.Logf("%s", out)
	}
	return n, err
}
