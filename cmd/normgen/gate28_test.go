package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

// Every fault is one of the code as it is, and there are enough of them.
func TestMutations(t *testing.T) {
	list, err := mutations()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		text, err := m.mutated("../..")
		if err != nil {
			t.Error(err)
		} else if !strings.Contains(text, m.after) || m.before == m.after {
			t.Errorf("the mutation %q changes nothing", m.what)
		}
		if _, err := regexp.Compile(m.test); err != nil {
			t.Errorf("the mutation %q: %v", m.what, err)
		}
	}
	if len(list) < 40 {
		t.Errorf("%d mutations, want 40", len(list))
	}
}

// TestGate28Mutations requires that a named test sees each fault; on a push, those of
// square roots, which are quick to build.
func TestGate28Mutations(t *testing.T) {
	g := gates.Open(t, 28, "faults in the compiler and the runtime that a named test sees")
	var out bytes.Buffer
	n := &tool{strings.NewReader(""), &out, &out, func(string) string { return "" }}
	t.Chdir("../..")
	if status := n.run(append([]string{"selftest", "-mutate"}, gates.Sized([]string{"sqrt"}, nil)...)); status != done {
		t.Error("not all faults are seen")
	}
	t.Log(out.String())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, l := range lines {
		if strings.HasSuffix(l, "killed") {
			g.Figure("%s", l)
		}
	}
}

// A self test runs here as on a user's machine, with every set of instructions that it
// has, and finds nothing.
func TestSelftest(t *testing.T) {
	status, stdout, stderr := runIn("selftest")
	if status != done || strings.Count(stdout, "as planned") < 7 {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	for isa := runtime.Portable; runtime.Supported(isa); isa++ {
		if !strings.Contains(stdout, "\n"+isa.String()+" ") {
			t.Errorf("%v was not run:\n%s", isa, stdout)
		}
	}
}
