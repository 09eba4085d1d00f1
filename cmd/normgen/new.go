package main

import (
	_ "embed"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
)

// starter is a spec that shows the language. It says NAME where it speaks of
// its own file.
//
//go:embed starter.dsl
var starter string

// newSpec writes the starter spec to a new file, or to standard output.
func (t *tool) newSpec(args []string) exit {
	flags := flagSet("new")
	if status, ok := t.parse(flags, args); !ok {
		return status
	}
	switch {
	case flags.NArg() > 1:
		return t.fail(fmt.Errorf("usage: %s", synopsis("new")))
	case flags.NArg() == 0 || flags.Arg(0) == "-":
		fmt.Fprint(t.stdout, starter)
		return done
	}
	path := strings.TrimSuffix(flags.Arg(0), ".dsl") + ".dsl"
	if err := writeStarter(path); err != nil {
		return t.fail(err)
	}
	fmt.Fprintf(t.stdout, "%s: edit it, then run: normgen -spec %[1]s\n", path)
	return done
}

// writeStarter never touches a file that is there. The name becomes that of a
// package, so that the spec compiles without flags.
func writeStarter(path string) error {
	name := filepath.Base(path)
	stem := strings.TrimSuffix(name, ".dsl")
	if !token.IsIdentifier(stem) || stem == "_" {
		return fmt.Errorf("%q is no package name: a spec is named by letters, digits and underscores", stem)
	}
	d, err := openDirectory(filepath.Dir(path), true)
	if err != nil {
		return err
	}
	defer d.close()
	err = d.create(name, []byte(strings.ReplaceAll(starter, "NAME", stem)), 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s is there already", path)
	case err != nil:
		d.remove(name) // half of it
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return d.sync()
}
