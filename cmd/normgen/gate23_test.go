package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/normgen/normgen/testdata/gates"
)

// TestGate23Generators runs two processes on one directory again and again, each with
// a spec of its own text under the same name, while others check. A check says that
// all is right or that all is out of date, and never sees half of a set. At the end
// there is one whole set and nothing else.
func TestGate23Generators(t *testing.T) {
	g := gates.Open(t, 23, "two generators and two checks on one directory, as processes")
	t.Chdir(t.TempDir())
	texts := map[string]string{"a": rms, "b": strings.Replace(rms, "1e-5", "1e-6", 1)}
	sets := map[string]map[string]string{}
	for dir, text := range texts {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "spec.dsl"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("normgen", "-spec", dir+"/spec.dsl", "-o", dir+"/out", "-pkg", "out").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		sets[dir] = readDirectory(t, dir+"/out")
	}
	const rounds = 15
	var wg sync.WaitGroup
	run := func(allowed int, args ...string) {
		wg.Go(func() {
			for range rounds {
				cmd := exec.Command("normgen", append(args, "-o", "out", "-pkg", "out")...)
				out, err := cmd.CombinedOutput()
				if code := cmd.ProcessState.ExitCode(); code != 0 && code != allowed {
					t.Errorf("%v: %v\n%s", args, err, out)
				}
			}
		})
	}
	if err := os.Mkdir("out", 0o755); err != nil {
		t.Fatal(err)
	}
	for dir := range texts {
		run(int(done), "-spec", dir+"/spec.dsl")
		run(int(differs), "-spec", dir+"/spec.dsl", "-check")
	}
	wg.Wait()
	got := readDirectory(t, "out")
	if !cmp.Equal(got, sets["a"]) && !cmp.Equal(got, sets["b"]) {
		t.Errorf("the directory has a mixed set: (-a +got):\n%s", cmp.Diff(sets["a"], got))
	}
	g.Figure("%d writes, %d checks: one whole set, nothing else", 2*rounds, 2*rounds)
}

// TestGate23MixedSets requires that the Go compiler refuses a set of files of two
// generations, whichever file is the other one, and that the next run mends it.
func TestGate23MixedSets(t *testing.T) {
	g := gates.Open(t, 23, "a file of another generation in a set")
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	with := strings.Replace(rms, "target go", "target go, avx2", 1)
	runSpec(t, with)
	old := readDirectory(t, "out")
	runSpec(t, strings.Replace(with, "1e-5", "1e-6", 1))
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module mixed\n\ngo 1.26\n\nrequire github.com/normgen/normgen v0.0.0\n\nreplace github.com/normgen/normgen => "+module+"\n")
	sums, err := os.ReadFile(filepath.Join(module, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write("go.sum", string(sums))
	build := func() error {
		cmd := exec.Command("go", "build", "./out")
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err != nil && !strings.Contains(string(out), "Generation") {
			t.Errorf("go build: %s", out)
		}
		return err
	}
	if err := build(); err != nil {
		t.Fatalf("the new set: %v", err)
	}
	now, mixed := readDirectory(t, "out"), 0
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if old[name] == now[name] || !strings.HasSuffix(name, ".go") {
			continue // assembly has no constants; its Go file ties it to the set
		}
		write("out/"+name, old[name])
		if build() == nil {
			t.Errorf("%s of the old set is not noticed", name)
		}
		write("out/"+name, now[name])
		mixed++
	}
	if mixed < 2 {
		t.Errorf("only %d files differ", mixed)
	}
	g.Figure("%d mixed sets, all refused by the Go compiler", mixed)
}
