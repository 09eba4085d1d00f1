//go:build unix

package gates

import (
	"syscall"
	"time"
)

// Spent returns the processor time that f takes in this process, collections of garbage
// included. A limit on it holds on a machine that does other things as well.
func Spent(f func()) time.Duration {
	start := spent()
	f()
	return spent() - start
}

func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
