//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package lock

import "os"

type mode int

const (
	shared mode = iota
	exclusive
	atOnce
)

// lock does nothing where files and directories cannot be locked.
func lock(*os.File, mode) error { return nil }

// syncDirectory does nothing where directories cannot be synced.
func syncDirectory(*os.File) error { return nil }
