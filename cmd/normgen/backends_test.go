package main

import (
	"slices"
	"testing"

	"github.com/normgen/normgen/asmgen"
	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/runtime"
)

// The rows of one set of instructions agree: what a spec may ask for is what assembly is
// written in, and what layers choose from, in one order.
func TestTargets(t *testing.T) {
	names := []string{runtime.Portable.String()}
	for i, s := range asmgen.Sets {
		names = append(names, s.Name)
		if isa, err := runtime.ParseISA(s.Name); isa != runtime.ISA(i+1) || err != nil {
			t.Errorf("%s is set %d, which the runtime has as %v, %v: go generate ./runtime", s.Name, i+1, isa, err)
		}
	}
	if !slices.Equal(names, dsl.Targets) {
		t.Errorf("a gen may ask for %q, and there are %q", dsl.Targets, names)
	}
}
