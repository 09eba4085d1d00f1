//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package run

import (
	"fmt"
	"os"
	"syscall"
)

// Lock makes this process the only one that writes to the directory, until the
// returned file is closed or the process ends, however it ends.
func (d Dir) Lock() (*os.File, error) {
	f, err := os.OpenFile(d.File(lockFile), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: another process is at work there: %w", d, err)
	}
	return f, nil
}
