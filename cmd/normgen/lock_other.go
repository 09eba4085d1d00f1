//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package main

import "os"

// lock does nothing where directories cannot be locked. Two runs at once still
// leave only whole files behind, perhaps of both; the next run repairs that.
func lock(*os.File, bool) error { return nil }

// syncDirectory does nothing where directories cannot be synced.
func syncDirectory(*os.File) error { return nil }
