//go:build unix

package checkpoint

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/normgen/normgen/testdata/gates"
)

// A failing folder fails its nth operation, and all writes from then on.
type failing struct {
	folder
	left int
	err  error
}

func (f *failing) fail() error {
	if f.left--; f.left < 0 {
		return f.err
	}
	return nil
}

func (f *failing) create(name string) (sink, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	s, err := f.folder.create(name)
	return &failingSink{s, f}, err
}

func (f *failing) rename(from, to string) error {
	if err := f.fail(); err != nil {
		return err
	}
	return f.folder.rename(from, to)
}

func (f *failing) sync() error {
	if err := f.fail(); err != nil {
		return err
	}
	return f.folder.sync()
}

type failingSink struct {
	sink
	folder *failing
}

func (s *failingSink) Write(p []byte) (int, error) {
	if err := s.folder.fail(); err != nil {
		n, _ := s.sink.Write(p[:len(p)/2]) // as a full disk does
		return n, err
	}
	return s.sink.Write(p)
}

func (s *failingSink) Sync() error {
	if err := s.folder.fail(); err != nil {
		return err
	}
	return s.sink.Sync()
}

func (s *failingSink) Close() error {
	err := s.folder.fail()
	return errors.Join(err, s.sink.Close())
}

// TestGate22DiskFails: a disk that is full, or broken, at any single step leaves the
// old file or the new one, and an error.
func TestGate22DiskFails(t *testing.T) {
	g := gates.Open(t, 22, "ENOSPC and EIO at every step of a save")
	steps := 0
	for _, cause := range []error{syscall.ENOSPC, syscall.EIO} {
		for step := 0; ; step++ {
			dir := t.TempDir()
			path := filepath.Join(dir, "run")
			if err := Save(path, numbered(1, large)); err != nil {
				t.Fatal(err)
			}
			err := saveFailing(dir, "run", step, cause)
			n, readErr := number(path, large)
			if readErr != nil {
				t.Fatalf("%v at step %d: %v", cause, step, readErr)
			}
			if names := list(t, dir); !slices.Equal(names, []string{"run"}) {
				t.Errorf("%v at step %d leaves %q", cause, step, names)
			}
			if err == nil {
				if n != 2 {
					t.Errorf("state %d after a save without errors", n)
				}
				break
			}
			if !errors.Is(err, cause) {
				t.Errorf("step %d: error %v, want %v", step, err, cause)
			}
			steps++
		}
	}
	if steps < 20 { // a create, four writes or more, a sync, a close, a rename and a sync, twice
		t.Errorf("only %d steps failed", steps)
	}
	g.Figure("%d failures, each with an error and a whole file", steps)
}

// saveFailing saves state 2 on a disk that fails at a step.
func saveFailing(dir, name string, step int, cause error) error {
	d, err := openFolder(dir)
	if err != nil {
		return err
	}
	s := numbered(2, large)
	content, err := s.content()
	if err == nil {
		err = replace(&failing{folder: d, left: step, err: cause}, name, content)
	}
	return errors.Join(err, d.close())
}

// TestReplaceRefused: what is no file is not replaced, and links are not followed.
func TestReplaceRefused(t *testing.T) {
	dir := t.TempDir()
	for name, make := range map[string]func(path string) error{
		"a folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"a link":   func(path string) error { return os.Symlink("elsewhere", path) },
		"a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
	} {
		path := filepath.Join(dir, name)
		if err := make(path); err != nil {
			t.Fatal(err)
		}
		if err := Save(path, small()); err == nil || !strings.Contains(err.Error(), "is not a regular file") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if err := Save(filepath.Join(dir, "none", "run"), small()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if names := list(t, dir); !slices.Equal(names, []string{"a folder", "a link", "a pipe"}) {
		t.Errorf("the directory has %q", names)
	}
}

// TestReplaceTemporary: a link in place of the temporary file is removed, not written
// through.
func TestReplaceTemporary(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other")
	if err := os.WriteFile(other, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("other", filepath.Join(dir, ".run.tmp")); err != nil {
		t.Fatal(err)
	}
	err := Replace(filepath.Join(dir, "run"), func(w io.Writer) error {
		_, err := io.WriteString(w, "new")
		return err
	})
	if err != nil || string(contents(t, other)) != "mine" || string(contents(t, filepath.Join(dir, "run"))) != "new" {
		t.Errorf("%q: %v", contents(t, other), err)
	}
	if names := list(t, dir); !slices.Equal(names, []string{"other", "run"}) {
		t.Errorf("the directory has %q", names)
	}
}
