// Command normgen compiles a specification of normalization layers to Go and
// assembly.
//
//	normgen -spec powernorm.dsl [-o dir] [-pkg name] [-fuzz] [-check | -diff | -n]
//
// Downstream it is a tool of the module:
//
//	//go:generate go tool normgen -spec powernorm.dsl
//
// It exits with 0 when done, 1 when a file is out of date or norms differ, and 2 for a bad
// spec or usage, in which case nothing was written. normgen help lists the
// other commands.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// exit is the status of the process.
type exit int

const (
	done    exit = iota
	differs      // something is out of date, or two norms are not the same
	failed       // a bad spec, bad usage, or a disk that does not work
)

// A tool is one run of normgen: its connections to the world.
type tool struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
}

func main() {
	t := &tool{os.Stdin, os.Stdout, os.Stderr, os.Getenv}
	os.Exit(int(t.run(os.Args[1:])))
}

// run chooses the command by the first word. Without one it is generate.
func (t *tool) run(args []string) exit {
	if len(args) == 0 {
		printUsage(t.stderr)
		return failed
	}
	if strings.HasPrefix(args[0], "-") {
		return t.generate(args)
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(t, args[1:])
		}
	}
	return t.fail(fmt.Errorf("no command %q: normgen help lists them", args[0]))
}

// fail reports an error and returns the status for it.
func (t *tool) fail(err error) exit {
	fmt.Fprintf(t.stderr, "normgen: %v\n", err)
	return failed
}

// parse reads flags. If ok is false the run ends with the returned status:
// help was asked for or the flags are wrong.
func (t *tool) parse(fs *flag.FlagSet, args []string) (status exit, ok bool) {
	fs.SetOutput(t.stderr)
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return done, false
	case err != nil:
		return failed, false
	}
	return done, true
}
