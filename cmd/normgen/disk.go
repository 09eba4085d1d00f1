package main

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/normgen/normgen/runtime/lock"
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

// A directory is an output directory, open and locked.
type directory struct{ *lock.Directory }

// openDirectory waits until no other run writes to path. Readers share the
// lock: a check never sees half of a set. Where directories cannot be locked two
// runs at once still leave only whole files behind, perhaps of both; the next
// run repairs that.
func openDirectory(path string, write bool) (*directory, error) {
	open := lock.Read
	if write {
		open = lock.Write
	}
	d, err := open(path)
	if err != nil {
		return nil, err
	}
	return &directory{d}, nil
}

func (d *directory) close() { d.Close() }

func (d *directory) names() ([]string, error) {
	entries, err := fs.ReadDir(d.FS(), ".")
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

func (d *directory) stat(name string) (fs.FileInfo, error) { return d.Lstat(name) }
func (d *directory) rename(from, to string) error          { return d.Rename(from, to) }
func (d *directory) remove(name string) error              { return d.Remove(name) }
func (d *directory) sync() error                           { return d.Sync() }

func (d *directory) read(name string, limit int64) ([]byte, error) {
	f, err := d.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}

// create refuses what exists: a temporary file never goes through a link.
func (d *directory) create(name string, data []byte, perm fs.FileMode) error {
	f, err := d.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
