//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package lock

import (
	"os"
	"syscall"
)

// A mode is how to lock.
type mode int

const (
	shared    mode = syscall.LOCK_SH
	exclusive mode = syscall.LOCK_EX
	atOnce    mode = syscall.LOCK_EX | syscall.LOCK_NB
)

func lock(f *os.File, how mode) error {
	for {
		if err := syscall.Flock(int(f.Fd()), int(how)); err != syscall.EINTR {
			return err
		}
	}
}

func syncDirectory(dir *os.File) error { return dir.Sync() }
