package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/normgen/normgen/testdata/gates"
)

// coveredPackages are the packages whose statements must run in tests: the compiler, its command
// and the engine of the layers.
var coveredPackages = []string{"./dsl/...", "./gen/...", "./asmgen/...", "./cmd/normgen", "./runtime"}

// TestGate30Coverage counts the statements that tests run, in their own process and at the
// size of a push. Tests that build everything again or start other processes are left
// out: what these run is not counted. That specs reach all diagnostics is held by TestErrors
// of package dsl and TestLint of package gen, which are among the tests.
func TestGate30Coverage(t *testing.T) {
	if !gates.Release() { // a size, not the machine
		t.Skip("it runs the tests of the compiler again: before a release")
	}
	g := gates.Open(t, 30, "statements of compiler and runtime that tests run")
	file := filepath.Join(t.TempDir(), "cover.out")
	args := []string{"test", "-timeout", "60m", "-coverprofile", file, "-coverpkg", strings.Join(coveredPackages, ","),
		"-skip", "TestGate(06|22|23|24|25|26)|Downstream"}
	cmd := exec.Command("go", append(args, coveredPackages...)...)
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), gates.Variable+"=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	profile, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all, packages, err := coverage(profile)
	if err != nil {
		t.Fatal(err)
	}
	least, where := 1.0, ""
	for name, p := range packages {
		if s := p.share(); s < least {
			least, where = s, name
		}
	}
	if all.share() < 0.9 {
		t.Errorf("tests run %d of %d statements: %v", all.run, all.statements, packages)
	}
	g.Figure("%.1f %% of %d statements of %d packages, at least 90 wanted; least %.1f %% of %s",
		100*all.share(), all.statements, len(packages), 100*least, strings.TrimPrefix(where, "github.com/normgen/normgen/"))
}

// A count of statements, and of those that ran.
type count struct{ statements, run int }

func (c *count) share() float64 { return float64(c.run) / float64(c.statements) }

// coverage reads a profile, in which a block of statements stands once for each test
// binary: it ran if it did in one.
func coverage(profile []byte) (all count, packages map[string]*count, err error) {
	type block struct {
		place string
		n     int
	}
	ran := map[block]bool{}
	s := bufio.NewScanner(bytes.NewReader(profile))
	for s.Scan() {
		var b block
		var times int
		if strings.HasPrefix(s.Text(), "mode: ") {
			continue
		}
		if _, err := fmt.Sscan(s.Text(), &b.place, &b.n, &times); err != nil {
			return all, nil, fmt.Errorf("%q: %w", s.Text(), err)
		}
		ran[b] = ran[b] || times > 0
	}
	packages = map[string]*count{}
	for b, yes := range ran {
		file, _, _ := strings.Cut(b.place, ":")
		p := packages[path.Dir(file)]
		if p == nil {
			p = &count{}
			packages[path.Dir(file)] = p
		}
		for _, c := range []*count{&all, p} {
			c.statements += b.n
			if yes {
				c.run += b.n
			}
		}
	}
	return all, packages, s.Err()
}

func TestCoverage(t *testing.T) {
	const profile = `mode: set
m/a/f.go:1.2,3.4 3 0
m/a/f.go:5.2,6.4 2 1
m/a/f.go:1.2,3.4 3 1
m/b/g.go:1.2,3.4 5 0
`
	all, packages, err := coverage([]byte(profile))
	if err != nil || all != (count{10, 5}) || *packages["m/a"] != (count{5, 5}) || *packages["m/b"] != (count{5, 0}) {
		t.Errorf("%+v %v %v", all, packages, err)
	}
	if _, _, err := coverage([]byte("m/a/f.go:1.2,3.4 three 0\n")); err == nil {
		t.Error("nonsense is a profile")
	}
}
