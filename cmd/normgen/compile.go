package main

import (
	"errors"
	"fmt"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/gocode"
)

// errSpec says that the diagnostics of the report hold the reason.
var errSpec = errors.New("the spec has errors")

// check reads, parses, links and checks a spec; what it finds is in the report.
func (t *tool) check(r *report, path string) (err error) {
	if r.spec, err = t.readSource(path); err != nil {
		return err
	}
	file, list := dsl.Parse(r.spec.path, r.spec.text)
	if r.diagnostics = list; list.HasErrors() {
		return errSpec
	}
	file, list = dsl.Link(file, sourcesOf(r.spec))
	r.file = file
	if r.diagnostics = append(r.diagnostics, list...); list.HasErrors() {
		return errSpec
	}
	r.program, list = dsl.Check(file)
	if r.diagnostics = append(r.diagnostics, list...); list.HasErrors() {
		return errSpec
	}
	return nil
}

// lint adds what may go wrong in the numbers of a spec that is checked.
func (r *report) lint(notes bool) error {
	list, err := gen.Lint(r.program, notes)
	r.diagnostics = append(r.diagnostics, list...)
	return err
}

// compile makes the files that o asks for, in memory, and reads them back.
func (t *tool) compile(r *report, o *order) error {
	if err := t.check(r, o.spec); err != nil {
		return err
	}
	if err := r.lint(false); err != nil {
		return err
	}
	r.dir = t.outputDirectory(o.out, r.spec)
	pkg, err := t.packageName(o.pkg, r.dir, r.spec)
	if err != nil {
		return err
	}
	result, err := gen.Compile(r.program, gen.Options{Package: pkg}, r.backends(o)...)
	if err != nil {
		return err
	}
	r.output, r.units = result.Files, result.Units
	if err := collide(r.output); err != nil {
		return fmt.Errorf("%s: %w", r.spec.path, err)
	}
	if err := verify(pkg, r.program.File, r.output); err != nil {
		return fmt.Errorf("internal error, nothing was written: %w", err)
	}
	return nil
}

// backends are those that the order asks for.
func (r *report) backends(o *order) []gen.Backend {
	all := backends(nil)
	if o.fuzz {
		all = append(all, gocode.Fuzz{Text: string(dsl.Format(r.file))})
	}
	return all
}
