package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// A disk is what writing needs of an output directory. It is an interface so
// that tests can fail every single step.
type disk interface {
	names() ([]string, error)
	stat(name string) (fs.FileInfo, error)
	read(name string, limit int64) ([]byte, error)
	create(name string, data []byte, perm fs.FileMode) error // a new file, synced and closed
	rename(from, to string) error
	remove(name string) error
	sync() error // makes renames and removals last
}

// A directory is an open and locked output directory. Everything goes through
// an [os.Root]: no name and no symbolic link leads out of it.
type directory struct {
	root *os.Root
	self *os.File // holds the lock
}

// openDirectory waits until no other run writes to path. Readers share the
// lock: a check never sees half of a set.
func openDirectory(path string, write bool) (*directory, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	self, err := root.Open(".")
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	d := &directory{root, self}
	if err := lock(self, write); err != nil {
		d.close()
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return d, nil
}

// close releases the lock.
func (d *directory) close() {
	d.self.Close()
	d.root.Close()
}

func (d *directory) names() ([]string, error) {
	entries, err := fs.ReadDir(d.root.FS(), ".")
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

func (d *directory) stat(name string) (fs.FileInfo, error) { return d.root.Lstat(name) }
func (d *directory) rename(from, to string) error          { return d.root.Rename(from, to) }
func (d *directory) remove(name string) error              { return d.root.Remove(name) }
func (d *directory) sync() error                           { return syncDirectory(d.self) }

func (d *directory) read(name string, limit int64) ([]byte, error) {
	f, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}

// create refuses what exists: a temporary file never goes through a link.
func (d *directory) create(name string, data []byte, perm fs.FileMode) error {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
