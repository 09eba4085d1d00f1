package gen

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/normgen/normgen/asmgen"
	"github.com/normgen/normgen/gen/gocode"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/gen/trial"
	"github.com/normgen/normgen/testdata/gates"
)

// Generated code of every edge computes what Eval computes from the plan, to the
// bit: a program made of them runs and compares.
func TestGate18Edges(t *testing.T) {
	g := gates.Open(t, 18, "norms at the edges of the planner: plan, Go and assembly agree")
	var units []*plan.Unit
	for _, e := range edges {
		if e.refused == "" {
			units = append(units, edgeUnits(t, e.text)...)
		}
	}
	r, n := tried(t, units, 1)
	for _, d := range r.Differences {
		t.Errorf("%s: %s", d.Layer, d.What)
	}
	if n < 1000 {
		t.Errorf("only %d steps were run", n)
	}
	g.Figure("%d norms, %d steps, %d differ", len(units), n, len(r.Differences))
}

// tried runs units on their problems, in Go and assembly.
func tried(t testing.TB, units []*plan.Unit, seed uint64) (r *trial.Result, steps int) {
	t.Helper()
	var files []plan.File
	var list []trial.Problem
	for _, u := range units {
		f, err := emitted(u)
		if err != nil {
			t.Fatal(err)
		}
		files, list = append(files, f...), append(list, trial.Problems(u, seed)...)
	}
	r, err := trialOf(t).Run(units, files, list)
	if err != nil {
		t.Fatal(err)
	}
	return r, len(list)
}

// trialOf is a program whose layers are quick to compile; the assembly is the same.
func trialOf(t testing.TB) *trial.Program {
	module, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	return &trial.Program{Dir: t.TempDir(), Module: module, Flags: []string{"-gcflags=trial/...=-N -l"}}
}

// emitted is what the back ends make of a unit over float32: a set of files of a spec
// of its own.
func emitted(u *plan.Unit) ([]plan.File, error) {
	u.F32, u.F64, u.Targets = true, false, targets()
	return backend().Emit(trial.Package, strings.ToLower(u.Name)+".dsl", []*plan.Unit{u})
}

// backend writes Go and assembly, as the command does.
func backend() Backend {
	var sets []gocode.Assembler
	for _, s := range asmgen.Sets {
		sets = append(sets, gocode.Assembler{Target: s.Name, Suffix: s.Suffix,
			NewFile: func(spec string) gocode.LoopFile { return s.NewFile(spec) }})
	}
	return gocode.Backend{Assemblers: sets}
}

func targets() []string {
	out := []string{"go"}
	for _, s := range asmgen.Sets {
		out = append(out, s.Name)
	}
	return out
}
