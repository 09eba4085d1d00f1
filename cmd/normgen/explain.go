package main

import (
	"errors"
	"slices"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/plan"
)

// explain prints how often a training step of each norm crosses memory; with
// -traffic, sweep by sweep, and what each one waits for; with -schedule, how its
// loops run on each set of vector instructions.
func (t *tool) explain(args []string) exit {
	fs := flagSet("explain")
	traffic := fs.Bool("traffic", false, "list the sweeps over memory and what each waits for")
	schedule := fs.Bool("schedule", false, "say how each loop of assembly runs, and why")
	if status, ok := t.parse(fs, args); !ok {
		return status
	}
	if file, line, ok := asmArgument(fs.Args()); ok {
		return t.explainAsm(file, line)
	}
	switch {
	case *traffic && *schedule:
		return t.fail(errors.New("-traffic and -schedule exclude each other"))
	case *traffic:
		return t.show("explain", fs.Args(), gen.Traffic)
	case *schedule:
		return t.inspect("explain", fs.Args(), t.explainSchedules)
	}
	return t.inspect("explain", fs.Args(), func(p *dsl.Program, norms []string) error {
		units, err := gen.Plan(p)
		if err != nil {
			return err
		}
		t.printTable(planned(p, units, norms))
		return nil
	})
}

// planned returns the units that the spec generates from the norms. A gen item
// may rename its norm.
func planned(p *dsl.Program, units []*plan.Unit, norms []string) []*plan.Unit {
	var names []string
	for _, g := range p.Gens {
		if slices.Contains(norms, g.Norm.Name) {
			names = append(names, g.Name)
		}
	}
	return slices.DeleteFunc(units, func(u *plan.Unit) bool { return !slices.Contains(names, u.Name) })
}
