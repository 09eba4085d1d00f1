package gen

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/normgen/normgen/gen/plan"
)

// planSpecs are the specs whose norms the tests of plans go through.
var planSpecs = []string{"../testdata/*.dsl", "../dsl/testdata/*.dsl", "testdata/*.dsl"}

// A planCase is a norm of a spec and its plan, or why there is none.
type planCase struct {
	spec string
	unit *plan.Unit
	name string
	err  error
}

func (p planCase) String() string {
	dir := filepath.Base(filepath.Dir(filepath.Dir(p.spec)))
	return fmt.Sprintf("%s/%s/%s", dir, filepath.Base(p.spec), p.name)
}

// allPlanned plans every norm of every spec.
func allPlanned(t *testing.T) []planCase {
	t.Helper()
	var out []planCase
	for _, pattern := range planSpecs {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: no specs: %v", pattern, err)
		}
		for _, path := range paths {
			out = append(out, planSpec(t, path)...)
		}
	}
	return out
}

func planSpec(t *testing.T, path string) []planCase {
	t.Helper()
	var out []planCase
	for _, u := range lowered(t, path) {
		if err := Middle(u); err != nil {
			t.Fatal(err)
		}
		pu, err := PlanUnit(u)
		out = append(out, planCase{path, pu, u.Layer.Name, err})
	}
	return out
}

// accepted lists the norms that have a plan.
func accepted(t *testing.T) []planCase {
	t.Helper()
	var out []planCase
	for _, p := range allPlanned(t) {
		if p.err == nil {
			out = append(out, p)
		}
	}
	return out
}

// modes lists the modes of a unit that differ.
func modes(u *plan.Unit) []*plan.Mode {
	if u.Eval == u.Train {
		return []*plan.Mode{u.Train}
	}
	return []*plan.Mode{u.Train, u.Eval}
}

// eachKernel calls fn for every kernel of a unit.
func eachKernel(u *plan.Unit, fn func(what string, v *plan.Variant, k *plan.Kernel)) {
	for _, m := range modes(u) {
		for _, v := range m.Variants {
			what := fmt.Sprintf("%s masked=%v %s", m.Name, v.Masked, v.Conditions(u.Layer))
			fn(what+" forward", v, v.Forward)
			fn(what+" backward", v, v.Backward)
		}
	}
	for _, v := range u.Infer {
		fn("infer "+v.Conditions(u.Layer), v, v.Forward)
	}
}
