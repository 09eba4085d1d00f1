package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/normgen/normgen/testdata/gates"
)

// TestGate26Clean holds generated code and the runtime to the tools: go vet, gofmt and
// go mod verify find nothing, and what a model links is of this module, of the
// standard library, and golang.org/x/sys.
func TestGate26Clean(t *testing.T) {
	g := gates.Open(t, 26, "go vet, gofmt, go mod verify, modules of the runtime")
	t.Chdir("../..")
	for _, command := range []string{"go vet ./generated/... ./runtime", "go mod verify"} {
		if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
	if out := output(t, "gofmt", "-l", "generated", "runtime"); out != "" {
		t.Errorf("gofmt would change:\n%s", out)
	}
	modules := map[string]bool{}
	for _, m := range strings.Fields(output(t, "go", "list", "-deps", "-f", "{{if .Module}}{{.Module.Path}}{{end}}", "./runtime", "./generated/standard")) {
		modules[m] = true
	}
	delete(modules, "github.com/normgen/normgen")
	delete(modules, "golang.org/x/sys")
	if len(modules) > 0 {
		t.Errorf("the runtime needs %v", modules)
	}
	g.Figure("0 findings; the runtime needs golang.org/x/sys alone")
}

func output(t *testing.T, command string, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(command, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", command, args, err, stderr.Bytes())
	}
	return string(out)
}
