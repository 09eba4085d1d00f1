package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/normgen/normgen/testdata/gates"
)

// specs returns the specs of the repository.
func specs(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/*.dsl")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no specs (%v)", err)
	}
	return paths
}

// ordered returns what normgen makes of a spec, in memory.
func ordered(t *testing.T, o *order) *report {
	t.Helper()
	r := &report{}
	n := &tool{getenv: func(string) string { return "" }}
	if err := n.compile(r, o); err != nil {
		t.Fatalf("%s: %v %v", o.spec, err, r.diagnostics)
	}
	return r
}

// TestUpToDate requires that generated holds what the specs say and nothing
// else: no file stale, missing or orphaned, no directory without a spec.
func TestUpToDate(t *testing.T) {
	const generated = "../../generated"
	expected := map[string]bool{}
	for _, path := range append(specs(t), "../../testdata/fast/fast.dsl") {
		stem := strings.TrimSuffix(filepath.Base(path), ".dsl")
		expected[stem] = true
		r := ordered(t, &order{spec: path, out: filepath.Join(generated, stem), fuzz: true})
		if err := r.place(false); err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Files {
			if c.State != same {
				t.Errorf("%s: %s/%s; run: go generate ./generated", c.State, r.dir, c.Name)
			}
		}
	}
	entries, err := os.ReadDir(generated)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != "testdata" && !expected[e.Name()] {
			t.Errorf("orphaned: %s/%s has no spec", generated, e.Name())
		}
	}
}

// TestGate25Reproducible requires that the output depends on the spec alone: not on the
// run, the directories or the number of processors. The committed files are the
// first of the runs.
func TestGate25Reproducible(t *testing.T) {
	g := gates.Open(t, 25, "runs in other directories, on one processor and two, in shuffled order")
	runs, list := gates.Sized(1, 100), specs(t)
	g.Figure("%d runs of %d specs, all bytes equal to the committed ones", runs, len(list))
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	for _, path := range list {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		stem := strings.TrimSuffix(filepath.Base(path), ".dsl")
		want := readDirectory(t, filepath.Join("../../generated", stem))
		for run := range runs {
			elsewhere := filepath.Join(t.TempDir(), filepath.Base(path))
			if err := os.WriteFile(elsewhere, text, 0o644); err != nil {
				t.Fatal(err)
			}
			procs := runtime.GOMAXPROCS(1 + run%2)
			got := contents(ordered(t, &order{spec: elsewhere, out: filepath.Join(t.TempDir(), stem), fuzz: true}).output)
			runtime.GOMAXPROCS(procs)
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("%s: run %d (-committed +this):\n%s", path, run, d)
			}
		}
	}
}

// TestGate22Kill kills normgen at random moments. Every file must be whole, of the
// old or of the new spec, and the next run must leave the new set alone.
func TestGate22Kill(t *testing.T) {
	g := gates.Open(t, 22, "kill -9 at random moments of generating")
	kills := gates.Sized(12, 200)
	g.Figure("%d kills: every file is whole, the next run mends", kills)
	t.Chdir(t.TempDir())
	texts := []string{rms, strings.Replace(rms, "1e-5", "1e-6", 1)}
	var sets []map[string]string
	var took time.Duration
	for _, text := range texts {
		start := time.Now()
		runSpec(t, text)
		took = time.Since(start)
		sets = append(sets, readDirectory(t, "out"))
	}
	if cmp.Equal(sets[0], sets[1]) {
		t.Fatal("the two specs give the same files: nothing is tested")
	}
	for i := range kills {
		killed(t, texts[i%2], rand.N(took))
		for name, text := range readDirectory(t, "out") {
			if !strings.HasPrefix(name, tempPrefix) && text != sets[0][name] && text != sets[1][name] {
				t.Fatalf("run %d: %s is not whole", i, name)
			}
		}
		if i%5 == 4 {
			runSpec(t, texts[i%2])
			if d := cmp.Diff(sets[i%2], readDirectory(t, "out")); d != "" {
				t.Fatalf("run %d: not mended (-want +got):\n%s", i, d)
			}
		}
	}
}

// normgen returns normgen on the text as a process: TestMain put it on PATH.
func normgen(t *testing.T, text string) *exec.Cmd {
	t.Helper()
	if err := os.WriteFile("spec.dsl", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return exec.Command("normgen", "-spec", "spec.dsl", "-o", "out")
}

func runSpec(t *testing.T, text string) {
	t.Helper()
	if out, err := normgen(t, text).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// killed starts a run and kills it after the given time.
func killed(t *testing.T, text string, after time.Duration) {
	t.Helper()
	cmd := normgen(t, text)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	cmd.Process.Kill()
	cmd.Wait()
}
