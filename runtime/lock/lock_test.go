//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package lock

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

// held reports whether the directory at path is locked against how: locks of two open
// files are apart, also in one process.
func held(t *testing.T, path string, how mode) bool {
	t.Helper()
	d, err := open(path, how|syscall.LOCK_NB)
	if err == nil {
		err = d.Close()
	}
	if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
		t.Fatal(err)
	}
	return err != nil
}

// TestDirectory: readers share a directory, a writer has it alone.
func TestDirectory(t *testing.T) {
	path := t.TempDir()
	for _, c := range []struct {
		open            func(string) (*Directory, error)
		readers, writer bool // are kept out
	}{{Read, false, true}, {Write, true, true}} {
		d, err := c.open(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := held(t, path, shared); got != c.readers {
			t.Errorf("readers are kept out: %v, want %v", got, c.readers)
		}
		if got := held(t, path, exclusive); got != c.writer {
			t.Errorf("a writer is kept out: %v, want %v", got, c.writer)
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			t.Error(err)
		}
		if held(t, path, exclusive) {
			t.Error("the lock outlives its directory")
		}
	}
	if _, err := Read(filepath.Join(path, "nothing")); err == nil {
		t.Error("a directory that is not there was locked")
	}
}

// TestFile: the second is told at once, and may try again when the first is done.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".lock")
	first, err := File(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := File(path); !errors.Is(err, syscall.EWOULDBLOCK) {
		t.Errorf("a file that is locked gave %v", err)
	}
	first.Close()
	again, err := File(path)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}
