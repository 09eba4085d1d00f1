//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package checkpoint

import "os"

// lock does nothing where directories cannot be locked. Of two programs that replace
// a file at once one may then fail; the file is whole all the same.
func lock(*os.File) error { return nil }

// syncDirectory does nothing where directories cannot be synced.
func syncDirectory(*os.File) error { return nil }
