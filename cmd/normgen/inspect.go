package main

import (
	"errors"
	"fmt"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
)

// vet reports errors and warnings. Warnings alone are no failure.
func (t *tool) vet(args []string) exit {
	fs := flagSet("vet")
	asJSON := fs.Bool("json", false, "print the diagnostics as JSON")
	numeric := fs.Bool("numeric", false, "also print notes: limits of the numbers that a good norm may have")
	if status, ok := t.parse(fs, args); !ok {
		return status
	}
	if fs.NArg() == 0 {
		return t.fail(fmt.Errorf("usage: %s", synopsis("vet")))
	}
	status := done
	var all dsl.ErrorList
	for _, path := range fs.Args() {
		r := &report{}
		err := t.check(r, path)
		if err == nil {
			err = r.lint(*numeric)
		}
		if err != nil {
			status = failed
			r.fail(err)
		}
		all = append(all, r.diagnostics...)
		t.vetted(r, *asJSON)
	}
	if *asJSON {
		return t.encode(jsonReport{Status: status, Diagnostics: jsonDiagnostics(all)}, status)
	}
	return status
}

// vetted prints what is for people: with -json only what is no diagnostic.
func (t *tool) vetted(r *report, asJSON bool) {
	if !asJSON {
		r.diagnostics.Render(t.stderr)
	}
	if r.failure != "" {
		fmt.Fprintf(t.stderr, "normgen: %s\n", r.failure)
	}
}

// dump prints a stage of the compiler.
func (t *tool) dump(args []string) exit {
	fs := flagSet("dump")
	stage := fs.String("ir", "", "the `stage`: core, grad, sums or plan")
	if status, ok := t.parse(fs, args); !ok {
		return status
	}
	if *stage == "" {
		return t.fail(fmt.Errorf("usage: %s", synopsis("dump")))
	}
	return t.show("dump", fs.Args(), func(p *dsl.Program, norm string) (string, error) {
		return gen.Dump(*stage, p, norm)
	})
}

// grad prints the derived backward, or how far declared gradients are from it.
func (t *tool) grad(args []string) exit {
	fs := flagSet("grad")
	latex := fs.Bool("latex", false, "print forward, backward and updates as LaTeX")
	var o gapOrder
	o.flags(fs)
	if status, ok := t.parse(fs, args); !ok {
		return status
	}
	if err := o.check(fs); err != nil {
		return t.fail(err)
	}
	switch {
	case o.wanted && *latex:
		return t.fail(errors.New("-gap measures and -latex prints: one at a time"))
	case o.wanted:
		return t.gap(o, fs.Args())
	case *latex:
		return t.show("grad", fs.Args(), gen.LaTeX)
	}
	return t.show("grad", fs.Args(), func(p *dsl.Program, norm string) (string, error) {
		return gen.Gradient(p, norm)
	})
}

// inspect checks the spec args[0] and calls print with the norm args[1], or
// with all norms.
func (t *tool) inspect(name string, args []string, print func(*dsl.Program, []string) error) exit {
	if len(args) < 1 || len(args) > 2 {
		return t.fail(fmt.Errorf("usage: %s", synopsis(name)))
	}
	r := &report{}
	if err := t.check(r, args[0]); err != nil {
		return t.explainFailure(r, err)
	}
	norms, err := chosen(r.program, args[1:])
	if err == nil {
		err = print(r.program, norms)
	}
	if err != nil {
		return t.fail(err)
	}
	return done
}

// show prints what text says of each norm.
func (t *tool) show(name string, args []string, text func(*dsl.Program, string) (string, error)) exit {
	return t.inspect(name, args, func(p *dsl.Program, norms []string) error {
		for _, norm := range norms {
			s, err := text(p, norm)
			if err != nil {
				return err
			}
			fmt.Fprint(t.stdout, s)
		}
		return nil
	})
}

// chosen returns the norms to show: the one asked for, or all.
func chosen(p *dsl.Program, asked []string) ([]string, error) {
	var names []string
	for _, n := range p.Norms {
		if len(asked) == 0 || n.Name == asked[0] {
			names = append(names, n.Name)
		}
	}
	if len(names) == 0 && len(asked) > 0 {
		return nil, fmt.Errorf("%s has no norm %s", p.File, asked[0])
	}
	return names, nil
}
