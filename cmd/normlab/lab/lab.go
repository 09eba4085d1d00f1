// Package lab is the command line of normlab. It is a package so that a program with
// more norms than the library's can be built around it.
package lab

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/normgen/normgen/cmd/normlab/choice"
	"github.com/normgen/normgen/runtime"
)

// exit is the status of the process.
type exit int

const (
	done   exit = iota
	cut         // a run diverged or was stopped
	failed      // bad usage or input
)

// A tool is one run of normlab: its connections to the world, and the norms it knows.
type tool struct {
	stdin     io.Reader
	stdout    io.Writer
	stderr    io.Writer
	terminal  *os.File // for the progress bar, which is shown if it is one
	args      []string // all of them, for a program of the user's norms
	catalogue choice.Catalogue
	spec      string // that the catalogue has norms of; "": of the library alone
}

// Main runs normlab with the arguments of the process and returns its status. Norms
// are chosen from the catalogue; spec is the file that its first norms are from, if it
// is not the library's alone.
func Main(catalogue []runtime.Maker, spec string) int {
	t := &tool{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, terminal: os.Stderr, args: os.Args[1:], catalogue: catalogue, spec: spec}
	return int(t.run(os.Args[1:]))
}

// run chooses the command by the first word.
func (t *tool) run(args []string) exit {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		t.printUsage(t.stderr)
		return failed
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(t, args[1:])
		}
	}
	return t.fail(fmt.Errorf("no command %q: normlab help lists them", args[0]))
}

// fail reports an error and returns the status for it.
func (t *tool) fail(err error) exit {
	fmt.Fprintf(t.stderr, "normlab: %v\n", err)
	return failed
}

// parse reads flags. If ok is false the run ends with the returned status.
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
