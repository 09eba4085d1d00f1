package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/normgen/normgen/cmd/normlab/run"
)

// TestKill kills a run at random moments and goes on with it: what it logs, evaluates
// and probes is, but for times, what a run writes that is left alone.
func TestKill(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("data/words", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"train", "valid", "test"} {
		if err := os.WriteFile("data/words/"+part+".txt", []byte(strings.Repeat("to be or not to be that is the question\n", 40)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	settings := []string{"-task", "words", "-data", "data", "-layers", "1", "-width", "16", "-hidden", "32", "-heads", "2", "-length", "12", "-batch", "60",
		"-warmup", "4", "-threads", "1", "-minutes", "0", "-steps", "40", "-log", "7", "-evaluate", "10", "-norm", "PowerNormReleased:K=2:W=5", "-probe", "first"}
	start := time.Now()
	if out, err := exec.Command("normlab", append([]string{"train", "-out", "whole"}, settings...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(start)
	args := append([]string{"train", "-out", "killed", "-save", "0.00001"}, settings...)
	killed := 0
	for range 12 {
		cmd := exec.Command("normlab", args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(took))
		cmd.Process.Kill()
		if cmd.Wait() != nil {
			killed++
		}
		if run.Dir("killed").Exists() {
			args = []string{"train", "-resume", "-out", "killed", "-data", "data", "-save", "0.00001"}
		}
	}
	if out, err := exec.Command("normlab", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if killed == 0 {
		t.Error("no run was killed: nothing is tested")
	}
	if d := cmp.Diff(written(t, "whole"), written(t, "killed")); d != "" {
		t.Errorf("after %d kills (-left alone +killed):\n%s", killed, d)
	}
}

// written is what a run has written, without times. The final evaluation comes once for each
// time that the run came to its end, with the same numbers.
func written(t *testing.T, dir string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for file, columns := range map[string][]string{run.LogFile: {"step", "epoch", "loss", "gradnorm", "rate"},
		run.EvalFile: {"step", "part", "tokens", "nll"}, run.ProbeFile: {"step", "position", "quantity", "distance", "size"}} {
		rows, err := run.ReadTable(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range columns {
			out[file+" "+c] = rows.Words(c)
		}
		if len(out[file+" step"]) == 0 {
			t.Errorf("%s has no rows of %s", dir, file)
		}
	}
	return out
}
