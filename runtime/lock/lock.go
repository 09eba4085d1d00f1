// Package lock keeps processes that write to one place from each other's way.
//
// The kernel drops a lock when the process that holds it ends, however it ends: there
// is no stale one to clean up. Where the system cannot lock, processes do not wait for
// each other.
package lock

import (
	"errors"
	"fmt"
	"os"
)

// A Directory is open and locked. Everything goes through its [os.Root]: no name and
// no symbolic link leads out of it.
type Directory struct {
	*os.Root
	self *os.File // holds the lock
}

// Read waits until no process writes to the directory at path.
func Read(path string) (*Directory, error) { return open(path, shared) }

// Write waits until no process reads or writes the directory at path.
func Write(path string) (*Directory, error) { return open(path, exclusive) }

func open(path string, how mode) (*Directory, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	self, err := root.Open(".")
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	d := &Directory{root, self}
	if err := lock(self, how); err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), d.Close())
	}
	return d, nil
}

// Sync makes renames and removals in the directory last.
func (d *Directory) Sync() error { return syncDirectory(d.self) }

// Close releases the lock.
func (d *Directory) Close() error { return errors.Join(d.self.Close(), d.Root.Close()) }

// File locks the file at path, which it makes if it is not there, until the returned
// file is closed. It does not wait: if another process holds the lock that is an error.
func File(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := lock(f, atOnce); err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), f.Close())
	}
	return f, nil
}
