package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
)

// fold prints how each norm, in evaluation, is a scale and a shift of every
// column, or why it is not. That a norm asked for does not fold is status 1.
func (t *tool) fold(args []string) exit {
	fs := flagSet("fold")
	if status, ok := t.parse(fs, args); !ok {
		return status
	}
	var all []gen.Folding
	status := t.inspect("fold", fs.Args(), func(p *dsl.Program, norms []string) error {
		for _, norm := range norms {
			foldings, err := gen.Fold(p, norm)
			if err != nil {
				return err
			}
			all = append(all, foldings...)
		}
		t.printFoldings(p.File, all)
		return nil
	})
	for _, f := range all {
		if f.Reason != nil && fs.NArg() == 2 && status == done {
			status = differs
		}
	}
	return status
}

func (t *tool) printFoldings(file string, all []gen.Folding) {
	w := tabwriter.NewWriter(t.stdout, 0, 0, 2, ' ', 0)
	defer w.Flush()
	for _, f := range all {
		if r := f.Reason; r != nil {
			fmt.Fprintf(w, "%s\tdoes not fold: %s:%d: %s\n", f.Norm, file, r.Line, r.Text)
		}
		title := f.Norm
		for _, e := range f.Equations {
			fmt.Fprintf(w, "%s\t%-5s = %s\n", title, e.Name, e.Text)
			title = ""
		}
	}
}
