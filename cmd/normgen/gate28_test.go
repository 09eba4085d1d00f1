package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

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

// TestGate28Mutations requires that a named test sees each fault.
func TestGate28Mutations(t *testing.T) {
	if !gates.Release() {
		t.Skip("a gate of releases")
	}
	g := gates.Open(t, 28, "faults in the compiler and the runtime that a named test sees")
	var out bytes.Buffer
	n := &tool{strings.NewReader(""), &out, &out, func(string) string { return "" }}
	t.Chdir("../..")
	if status := n.run([]string{"selftest", "-mutate"}); status != done {
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

// A self test runs here as on a user's machine, and finds nothing.
func TestSelftest(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles eight norms")
	}
	status, stdout, stderr := runIn("selftest")
	if status != done || !strings.Contains(stdout, "as planned") || !strings.Contains(stdout, "avx2") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}
