package main_test

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestDownstream uses normgen as a stranger does: a module of its own that has
// normgen as a tool, makes its layers with go generate, and runs them.
func TestDownstream(t *testing.T) {
	dir := copyDownstream(t)
	goTool(t, dir, "generate", "./...")
	goTool(t, dir, "vet", "./...")
	goTool(t, dir, "test", "./...")
	program := filepath.Join(dir, "downstream")
	goTool(t, dir, "build", "-o", program, ".")
	first := output(t, program, "-steps", "40")
	checkReport(t, first)
	if second := output(t, program, "-steps", "40"); second != first {
		t.Errorf("two runs differ:\n%s\n%s", first, second)
	}
}

// copyDownstream copies the module to a directory of its own, without what an
// earlier generate left there, and points it at this checkout.
func copyDownstream(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "testdata", "downstream"))); err != nil {
		t.Fatal(err)
	}
	removeGenerated(t, filepath.Join(dir, "norms"))
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o644); err != nil {
		t.Fatal(err)
	}
	goTool(t, dir, "mod", "edit", "-replace", "github.com/normgen/normgen="+root)
	return dir
}

func removeGenerated(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		switch e.Name() {
		case "norms.go", "powernorm.dsl":
		default:
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// goTool runs the go command in dir. The requirements of this module may have
// moved since the other's were written, so go.mod may be brought up to date.
func goTool(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "PWD="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func output(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

var (
	summaryLine = regexp.MustCompile(`(?m)^  (\S+) +last loss (\S+), held out (\S+);(.*)$`)
	distanceIn  = regexp.MustCompile(`(\S+) \((\S+)%\)`)
)

// checkReport holds the program's summary to four norms with finite numbers, of
// which all but LayerNorm have statistics that run.
func checkReport(t *testing.T, report string) {
	t.Helper()
	distances := map[string]int{}
	for _, m := range summaryLine.FindAllStringSubmatch(report, -1) {
		numbers := m[2:4]
		ds := distanceIn.FindAllStringSubmatch(m[4], -1)
		for _, d := range ds {
			numbers = append(numbers, d[1], d[2])
		}
		for _, s := range numbers {
			if v, err := strconv.ParseFloat(s, 64); err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v <= 0 {
				t.Errorf("%s: number %s", m[1], s)
			}
		}
		distances[m[1]] = len(ds)
	}
	for name, n := range map[string]int{"PowerNorm": 2, "PN-V": 1, "BatchNorm": 2, "LayerNorm": 0} {
		if got, ok := distances[name]; !ok || got != n {
			t.Errorf("%s: %d distances, want %d", name, got, n)
		}
	}
	if t.Failed() {
		t.Log(report)
	}
}
