//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package run

import "os"

// Lock does nothing where files cannot be locked: two processes in one directory spoil
// each other's results.
func (d Dir) Lock() (*os.File, error) {
	return os.OpenFile(d.File(lockFile), os.O_CREATE|os.O_RDWR, 0o644)
}
