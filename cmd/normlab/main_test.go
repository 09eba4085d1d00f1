package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/normgen/normgen/cmd/normlab/run"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"normlab": main})
}

// TestScript runs the command line as a user does, each script in a directory of its
// own.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "samelosses": sameLosses, "samescore": sameScore},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE", "GOMOD").Output()
			env := strings.Fields(string(out))
			if err != nil || len(env) != 3 {
				return fmt.Errorf("go env: %q, %v", out, err)
			}
			e.Setenv("CACHE", env[0])
			e.Setenv("MODCACHE", env[1])
			e.Setenv("CHECKOUT", filepath.Dir(env[2]))
			return nil
		},
	})
}

// sameLosses compares what two runs have logged, but for times:
//
//	samelosses dir1 dir2
func sameLosses(ts *testscript.TestScript, neg bool, args []string) {
	var losses []string
	for _, dir := range args {
		rows, err := run.ReadTable(filepath.Join(ts.MkAbs(dir), "log.csv"))
		ts.Check(err)
		losses = append(losses, fmt.Sprint(rows.Words("step"), rows.Words("loss"), rows.Words("gradnorm")))
	}
	if same := losses[0] == losses[1]; same == neg {
		ts.Fatalf("%s\n%s", losses[0], losses[1])
	}
}

// sameScore compares what eval -json has said, but for steps and times:
//
//	samescore file1 file2
func sameScore(ts *testscript.TestScript, neg bool, args []string) {
	var scores [2]run.Evaluated
	for i, file := range args {
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &scores[i]))
		scores[i].Step, scores[i].Seconds = 0, 0
	}
	if same := reflect.DeepEqual(scores[0], scores[1]); same == neg || scores[0].Tokens == 0 {
		ts.Fatalf("%+v\n%+v", scores[0], scores[1])
	}
}

// status runs a command and requires its exit status:
//
//	status 2 normlab train -norm nothing
func status(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if neg || err != nil {
		ts.Fatalf("usage: status number command args...")
	}
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		got = e.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}
