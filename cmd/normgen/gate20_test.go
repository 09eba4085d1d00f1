package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/normgen/normgen/testdata/gates"
)

// obstacles are what may stand where a generated file or the directory belongs.
var obstacles = map[string]func(t *testing.T, at string) error{
	"a link out":               func(t *testing.T, at string) error { return os.Symlink("../outside/victim.go", at) },
	"a link to nothing":        func(t *testing.T, at string) error { return os.Symlink("../outside/new.go", at) },
	"an absolute link":         func(t *testing.T, at string) error { return os.Symlink(filepath.Join(cwd(t), "outside/victim.go"), at) },
	"a link to itself":         func(t *testing.T, at string) error { return os.Symlink(filepath.Base(at), at) },
	"a directory":              func(t *testing.T, at string) error { return os.Mkdir(at, 0o755) },
	"a pipe":                   func(t *testing.T, at string) error { return exec.Command("mkfifo", at).Run() },
	"a foreign file":           func(t *testing.T, at string) error { return os.WriteFile(at, []byte("package mine\n"), 0o644) },
	"a read-only foreign file": func(t *testing.T, at string) error { return os.WriteFile(at, []byte("package mine\n"), 0o444) },
	"an empty file":            func(t *testing.T, at string) error { return os.WriteFile(at, nil, 0o644) },
}

func cwd(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestGate20Obstacles puts things in the way of each kind of generated file: the run
// ends with an error, at once, and changes nothing, inside the directory or outside.
func TestGate20Obstacles(t *testing.T) {
	g := gates.Open(t, 20, "links, pipes, directories and foreign files in the way")
	tried := 0
	text := strings.Replace(rms, "target go", "target go, avx2", 1)
	for what, put := range obstacles {
		for _, name := range []string{"rms_norm.go", "rms_norm_avx2_amd64.s"} {
			tried++
			t.Run(what+" for "+name, func(t *testing.T) {
				t.Chdir(t.TempDir())
				for _, dir := range []string{"out", "outside"} {
					if err := os.Mkdir(dir, 0o755); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.WriteFile("outside/victim.go", []byte("package victim\n"), 0o644); err != nil {
					t.Fatal(err)
				}
				if err := put(t, "out/"+name); err != nil {
					t.Fatal(err)
				}
				before := tree(t)
				cmd := normgen(t, text)
				timer := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
				defer timer.Stop()
				out, err := cmd.CombinedOutput()
				if cmd.ProcessState.ExitCode() != int(failed) || !strings.Contains(string(out), "in the way") {
					t.Errorf("%v: %s", err, out)
				}
				if d := cmp.Diff(before, tree(t)); d != "" {
					t.Errorf("changed (-before +after):\n%s", d)
				}
			})
		}
	}
	g.Figure("%d runs: an error, and nothing changed", tried)
}

// tree lists what is below the working directory but the spec, with texts of files.
func tree(t *testing.T) map[string]string {
	t.Helper()
	list := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || path == "spec.dsl" {
			return err
		}
		list[path] = d.Type().String()
		if d.Type().IsRegular() {
			text, err := os.ReadFile(path)
			list[path] += string(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
