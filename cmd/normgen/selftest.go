package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/normgen/normgen/asmgen"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/trial"
)

// selfSpec is what a self test compiles unless it is given specs: norms of every
// kind of the library.
//
//go:embed selftest.dsl
var selfSpec string

// selftest compiles norms on this machine, with its Go, and holds what they compute to
// the plan, bit for bit, on every instruction set that the machine has. With -mutate it
// tests the tests.
func (t *tool) selftest(args []string) exit {
	fs := flagSet("selftest")
	mutate := fs.Bool("mutate", false, "put faults into the compiler, one at a time, and require that a test sees each; in a checkout of normgen, and takes long")
	if status, ok := t.parse(fs, args); !ok {
		return status
	}
	module, err := moduleDirectory()
	if err != nil {
		return t.fail(err)
	}
	dir, err := os.MkdirTemp("", "normgen")
	if err != nil {
		return t.fail(err)
	}
	defer os.RemoveAll(dir)
	if *mutate {
		if err := t.mutate(module, fs.Args()); err != nil {
			return t.fail(err)
		}
		return done
	}
	specs := fs.Args()
	if len(specs) == 0 {
		specs = []string{filepath.Join(dir, "self.dsl")}
		if err := os.WriteFile(specs[0], []byte(selfSpec), 0o644); err != nil {
			return t.fail(err)
		}
	}
	status := done
	for _, path := range specs {
		good, err := t.try(path, dir, module)
		if err != nil {
			return t.fail(err)
		}
		if !good {
			status = differs
		}
	}
	return status
}

// moduleDirectory is where the module normgen is: in the working directory's module or
// among those it needs.
func moduleDirectory() (string, error) {
	var stderr bytes.Buffer
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/normgen/normgen")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("finding the module of normgen: %w: run it in a module that has normgen as a tool\n%s", err, stderr.Bytes())
	}
	return strings.TrimSpace(string(out)), nil
}

// try compiles a spec for all instruction sets, runs it and prints a line for each
// layer.
func (t *tool) try(path, dir, module string) (good bool, err error) {
	r := &report{}
	if err := t.check(r, path); err != nil {
		r.diagnostics.Render(t.stderr)
		return false, err
	}
	for _, g := range r.program.Gens {
		g.Targets = []string{"go"}
		for _, s := range asmgen.Sets {
			g.Targets = append(g.Targets, s.Name)
		}
		g.Dtypes = []string{"f32"}
	}
	result, err := gen.Compile(r.program, gen.Options{Package: trial.Package}, backends(nil)...)
	if err != nil {
		return false, err
	}
	var problems []trial.Problem
	for _, u := range result.Units {
		problems = append(problems, trial.Problems(u, 1)...)
	}
	p := &trial.Program{Dir: filepath.Join(dir, "trial"), Module: module}
	found, err := p.Run(result.Units, result.Files, problems)
	if err != nil {
		return false, err
	}
	wrong := map[string]string{}
	for _, d := range slices.Backward(found.Differences) {
		wrong[d.Layer] = d.What
	}
	for _, u := range result.Units {
		verdict := "as planned"
		if what, ok := wrong[u.Name]; ok {
			verdict = "DIFFERS: " + what
		}
		fmt.Fprintf(t.stdout, "%-24s %s\n", u.Name, verdict)
	}
	for _, isa := range slices.Sorted(maps.Keys(found.Runs)) {
		fmt.Fprintf(t.stdout, "%-24s %d runs of %d steps\n", isa, found.Runs[isa], len(problems))
	}
	return len(wrong) == 0, nil
}
