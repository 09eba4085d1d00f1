package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/normgen/normgen/runtime/lock"
)

// Replace makes what write writes the content of a file. Readers see the old or the
// new content, whole, however the program ends: the new one is on disk beside the old
// one before it takes its place. What a program that was killed has left behind is
// removed by the next one that replaces the file. Programs that replace files of one
// directory wait for each other.
//
// On an error the file is as it was. It is an error if path is anything but a regular
// file.
func Replace(path string, write func(io.Writer) error) error {
	f, err := openFolder(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	err = replace(f, filepath.Base(path), write)
	if err = errors.Join(err, f.close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

func replace(f folder, name string, write func(io.Writer) error) error {
	if err := f.regular(name); err != nil {
		return err
	}
	temp := "." + name + ".tmp"
	if err := f.remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := create(f, temp, write); err != nil {
		return errors.Join(err, removed(f, temp))
	}
	if err := f.rename(temp, name); err != nil {
		return errors.Join(err, removed(f, temp))
	}
	return f.sync()
}

// create leaves a whole file on disk, or part of one and an error.
func create(f folder, name string, write func(io.Writer) error) error {
	file, err := f.create(name)
	if err != nil {
		return err
	}
	err = write(file)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// removed removes a file that may be there.
func removed(f folder, name string) error {
	if err := f.remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// A folder is what replacing needs of a directory. It is an interface so that tests
// can fail every single step.
type folder interface {
	regular(name string) error // an error if name is there and is not a regular file
	create(name string) (sink, error)
	rename(from, to string) error
	remove(name string) error
	sync() error // makes renames last
	close() error
}

// A sink is a file that is being written.
type sink interface {
	io.WriteCloser
	Sync() error
}

// A directory is an open and locked directory.
type directory struct{ *lock.Directory }

func openFolder(path string) (*directory, error) {
	d, err := lock.Write(path)
	if err != nil {
		return nil, err
	}
	return &directory{d}, nil
}

func (d *directory) regular(name string) error {
	info, err := d.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is there, and is not a regular file")
	}
	return err
}

// create refuses what exists.
func (d *directory) create(name string) (sink, error) {
	return d.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}

func (d *directory) rename(from, to string) error { return d.Rename(from, to) }
func (d *directory) remove(name string) error     { return d.Remove(name) }
func (d *directory) sync() error                  { return d.Sync() }
func (d *directory) close() error                 { return d.Close() }
