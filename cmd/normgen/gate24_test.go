package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/normgen/normgen/testdata/gates"
)

// patience is how long a run may take, whatever the spec.
const patience = 10 * time.Second

// TestGate24ResourceBombs runs the command as a process with little memory and time on
// every hostile spec: the answer is an error, and not the end of the process by other
// means.
func TestGate24ResourceBombs(t *testing.T) {
	g := gates.Open(t, 24, "hostile specs in 512 MiB of address space and 10 s")
	list := hostile()
	list["gen of all shapes"] = shape("1") + manyGens(4000)
	list["deep lets"] = normOf("x") + "norm B {\n in x[R..., C]\n" + manyLets(3000) + " out y = x\n}\n"
	for name, text := range list {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "spec.dsl"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			cmd := exec.CommandContext(ctx, "sh", "-c", `ulimit -v "$0" && exec normgen -spec spec.dsl`, "524288")
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != int(failed) {
				t.Errorf("%v: %.300s", err, out)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
				t.Errorf("written: %v", entries)
			}
		})
	}
	g.Figure("%d specs", len(list))
}

func manyGens(n int) string {
	text := ""
	for range n {
		text += "gen Rms { shape C = 1, 2, 3, any }\n"
	}
	return text
}

// manyLets refers to a name that is not there at the end.
func manyLets(n int) string {
	text := ""
	for range n {
		text += " let a = b\n"
	}
	return text
}
