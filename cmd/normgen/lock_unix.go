//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package main

import (
	"os"
	"syscall"
)

// lock waits for the lock on an open directory. The kernel drops it when the
// process ends, however it ends: there is no stale lock to clean up.
func lock(dir *os.File, exclusive bool) error {
	how := syscall.LOCK_SH
	if exclusive {
		how = syscall.LOCK_EX
	}
	for {
		err := syscall.Flock(int(dir.Fd()), how)
		if err != syscall.EINTR {
			return err
		}
	}
}

func syncDirectory(dir *os.File) error { return dir.Sync() }
