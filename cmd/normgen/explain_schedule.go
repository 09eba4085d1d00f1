package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/normgen/normgen/asmgen"
	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/runtime"
)

// explainSchedules prints how each loop of the norms runs on each set of vector
// instructions that the spec asks for, and why.
func (t *tool) explainSchedules(p *dsl.Program, norms []string) error {
	units, err := gen.Plan(p)
	if err != nil {
		return err
	}
	var files []*asmgen.File
	watched := backends(func(f *asmgen.File) { files = append(files, f) })
	for _, b := range watched {
		if _, err := b.Emit("p", p.File, planned(p, units, norms)); err != nil {
			return err
		}
	}
	if len(files) == 0 {
		return fmt.Errorf("%s asks for no assembly: write target %s in a gen", p.File, strings.Join(dsl.Targets, ", "))
	}
	for _, f := range files {
		functions, err := f.Explain()
		if err != nil {
			return err
		}
		for _, fn := range functions {
			t.printSchedule(fn)
		}
	}
	bytes, source := runtime.StreamsFrom()
	fmt.Fprintf(t.stdout, "Streaming stores are used by passes whose tensors have more than %d bytes together: %s.\n", bytes, source)
	return nil
}

func (t *tool) printSchedule(fn asmgen.Explained) {
	fmt.Fprintf(t.stdout, "%s: %s\n", fn.Name, fn.Equation)
	w := tabwriter.NewWriter(t.stdout, 0, 0, 2, ' ', 0)
	for _, c := range fn.Choices {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", c.What, c.Value, c.Why)
	}
	w.Flush()
	fmt.Fprintln(t.stdout)
}
