package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// An order is what a command line of the main form asks for.
type order struct {
	flags            *flag.FlagSet
	spec, out, pkg   string
	check, diff, dry bool
	json             bool
	fuzz             bool
}

func (t *tool) generate(args []string) exit {
	o, status, ok := t.parseOrder(args)
	if !ok {
		return status
	}
	r := &report{}
	status, err := t.fill(r, o)
	switch {
	case o.json:
		r.fail(err)
		return t.printJSON(r, status)
	case err != nil:
		return t.explainFailure(r, err)
	}
	return t.printReport(r, o, status)
}

func newOrder() *order {
	o := &order{flags: flagSet("normgen")}
	o.flags.StringVar(&o.spec, "spec", "", "the spec to compile, a `file`")
	o.flags.StringVar(&o.out, "o", "", "write to `dir` (default: here under go generate, otherwise a directory named after the spec)")
	o.flags.StringVar(&o.pkg, "pkg", "", "`name` of the generated package (default: that of the directory)")
	o.flags.BoolVar(&o.fuzz, "fuzz", false, "also write fuzz targets that hold the layers to the spec, as a test of the package")
	o.flags.BoolVar(&o.check, "check", false, "write nothing; list what is out of date and exit with 1 if anything is")
	o.flags.BoolVar(&o.diff, "diff", false, "as -check, and print the differences")
	o.flags.BoolVar(&o.dry, "n", false, "write nothing; print what would be written")
	o.flags.BoolVar(&o.json, "json", false, "print diagnostics and the report as JSON")
	return o
}

// parseOrder reads the flags of the main form.
func (t *tool) parseOrder(args []string) (o *order, status exit, ok bool) {
	o = newOrder()
	if status, ok := t.parse(o.flags, args); !ok {
		return o, status, false
	}
	if err := o.validate(); err != nil {
		return o, t.fail(err), false
	}
	return o, done, true
}

func (o *order) validate() error {
	modes := 0
	for _, on := range []bool{o.check, o.diff, o.dry} {
		if on {
			modes++
		}
	}
	switch {
	case o.flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q: a spec is given with -spec", o.flags.Arg(0))
	case o.spec == "" || o.spec == "-":
		return fmt.Errorf("-spec needs a file")
	case modes > 1:
		return fmt.Errorf("-check, -diff and -n exclude each other")
	case o.json && o.dry:
		return fmt.Errorf("-json and -n exclude each other: both own standard output")
	}
	return nil
}

// fill compiles the spec and does what is asked with the files. Everything is
// generated and verified in memory before the directory is touched.
func (t *tool) fill(r *report, o *order) (exit, error) {
	if err := t.compile(r, o); err != nil {
		return failed, err
	}
	if o.dry {
		return done, nil
	}
	write := !o.check && !o.diff
	if err := r.place(write); err != nil {
		return failed, fmt.Errorf("%s: %w", r.dir, err)
	}
	if !write && outOfDate(r.Files) {
		return differs, nil
	}
	return done, nil
}

// place compares the files with the directory and, if asked to, writes them.
func (r *report) place(write bool) error {
	if write {
		if err := os.MkdirAll(r.dir, 0o755); err != nil {
			return err
		}
	}
	d, err := openDirectory(r.dir, write)
	if !write && errors.Is(err, fs.ErrNotExist) {
		r.Files, err = survey(nothing{}, r.program.File, r.output)
		return err
	}
	if err != nil {
		return err
	}
	defer d.close()
	if r.Files, err = survey(d, r.program.File, r.output); err != nil || !write {
		return err
	}
	return apply(d, r.Files)
}

// nothing is a directory that does not exist.
type nothing struct{ disk }

func (nothing) names() ([]string, error)         { return nil, nil }
func (nothing) stat(string) (fs.FileInfo, error) { return nil, fs.ErrNotExist }

// remedy is the command that brings the files up to date: the same one without
// -check or -diff.
func (o *order) remedy() string {
	words := []string{"normgen"}
	o.flags.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "o", "pkg", "spec":
			words = append(words, "-"+f.Name, f.Value.String())
		case "fuzz":
			words = append(words, "-fuzz="+f.Value.String())
		}
	})
	return strings.Join(words, " ")
}
