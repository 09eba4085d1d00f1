// Primitives writes the assembly of package runtime: what generated sweeps and
// the engine call for float32 rows, columns and the nodes of the reduction tree.
// Each function has the bits of the Go function that its comment names. It also
// writes the tables of that package that have a row for each set of instructions.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	flags := flag.NewFlagSet("primitives", flag.ExitOnError) // avo registers flags of its own with the default set
	dir := flags.String("o", ".", "the directory of package runtime")
	flags.Parse(os.Args[1:])
	if err := write(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "primitives:", strings.TrimSpace(err.Error()))
		os.Exit(1)
	}
}

func write(dir string) error {
	files, err := source()
	if err != nil {
		return err
	}
	var errs []error
	for name, data := range files {
		errs = append(errs, os.WriteFile(filepath.Join(dir, name), data, 0o644))
	}
	return errors.Join(errs...)
}
