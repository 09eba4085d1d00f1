package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/plan"
)

// A report is what one run of the main form found out and did.
type report struct {
	spec        source
	dir         string
	file        *dsl.File // with what it uses in place
	program     *dsl.Program
	diagnostics dsl.ErrorList
	output      []gen.File
	units       []*plan.Unit
	Files       []change
	failure     string
}

// explainFailure prints why there is no output.
func (t *tool) explainFailure(r *report, err error) exit {
	r.diagnostics.Render(t.stderr)
	if !errors.Is(err, errSpec) {
		return t.fail(err)
	}
	return failed
}

// printReport prints warnings, then what was asked for.
func (t *tool) printReport(r *report, o *order, status exit) exit {
	r.diagnostics.Render(t.stderr)
	switch {
	case o.dry:
		for _, f := range r.output {
			fmt.Fprintf(t.stdout, "-- %s --\n%s", f.Name, f.Data)
		}
	case o.check || o.diff:
		t.printStale(r, o)
	default:
		t.printTable(r.units)
		t.printWritten(r)
	}
	return status
}

// printStale lists what is out of date, how to mend it and, for -diff, the
// differences.
func (t *tool) printStale(r *report, o *order) {
	for _, c := range r.Files {
		if c.State == same {
			continue
		}
		fmt.Fprintf(t.stderr, "%s: %s/%s\n", c.State, strings.TrimSuffix(r.dir, "/"), c.Name)
		if o.diff {
			fmt.Fprint(t.stdout, c.diff())
		}
	}
	if outOfDate(r.Files) {
		fmt.Fprintf(t.stderr, "normgen: out of date with %s; run: %s\n", r.spec.path, o.remedy())
	}
}

// diff returns the change as a unified diff; names follow the custom of git.
func (c change) diff() string {
	from, to := "a/"+c.Name, "b/"+c.Name
	switch c.State {
	case missing:
		from = "/dev/null"
	case orphaned:
		to = "/dev/null"
	}
	return udiff.Unified(from, to, string(c.Old), string(c.New))
}
