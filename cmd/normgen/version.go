package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version prints the version of the module. It is never part of the output:
// an update that generates the same code changes no file.
func (t *tool) version(args []string) exit {
	if status, ok := t.parse(flagSet("version"), args); !ok {
		return status
	}
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	fmt.Fprintf(t.stdout, "normgen %s %s\n", version, runtime.Version())
	return done
}
