//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package checkpoint

import (
	"os"
	"syscall"
)

// lock waits for the lock on an open directory. The kernel drops it when the process
// ends, however it ends.
func lock(dir *os.File) error {
	for {
		if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX); err != syscall.EINTR {
			return err
		}
	}
}

func syncDirectory(dir *os.File) error { return dir.Sync() }
