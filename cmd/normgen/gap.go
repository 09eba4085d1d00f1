package main

import (
	"flag"
	"fmt"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/gap"
)

// A gapOrder holds the flags of grad -gap.
type gapOrder struct {
	wanted, json bool
	steps        int
	seed         uint64
}

func (o *gapOrder) flags(fs *flag.FlagSet) {
	fs.BoolVar(&o.wanted, "gap", false, "measure how far declared gradients are from the derived ones")
	fs.IntVar(&o.steps, "steps", 50, "with -gap: the `number` of training steps")
	fs.Uint64Var(&o.seed, "seed", 1, "with -gap: the `seed` of the data")
	fs.BoolVar(&o.json, "json", false, "with -gap: print JSON")
}

// maxGapSteps bounds the time of a run, which is some milliseconds a step.
const maxGapSteps = 100000

// check wants the other flags to come with -gap.
func (o *gapOrder) check(fs *flag.FlagSet) (err error) {
	fs.Visit(func(f *flag.Flag) {
		if !o.wanted && (f.Name == "steps" || f.Name == "seed" || f.Name == "json") {
			err = fmt.Errorf("-%s needs -gap", f.Name)
		}
	})
	if o.steps < 1 || o.steps > maxGapSteps {
		return fmt.Errorf("-steps %d is not in 1 to %d", o.steps, maxGapSteps)
	}
	return err
}

// gap measures the declared gradients of norms.
func (t *tool) gap(o gapOrder, args []string) exit {
	reports := []*gap.Report{}
	status := t.inspect("grad", args, func(p *dsl.Program, norms []string) error {
		units, err := gen.Lower(p)
		if err != nil {
			return err
		}
		for _, u := range unitsOf(units, norms) {
			r, err := gap.Measure(u.Layer, gap.Options{Steps: o.steps, Seed: o.seed})
			if err != nil {
				return err
			}
			reports = append(reports, r)
		}
		return nil
	})
	if status != done {
		return status
	}
	if o.json {
		return t.encode(reports, done)
	}
	for _, r := range reports {
		fmt.Fprint(t.stdout, r)
	}
	return done
}

// unitsOf returns the units that are generated from the norms.
func unitsOf(units []gen.Unit, norms []string) []gen.Unit {
	var out []gen.Unit
	for _, norm := range norms {
		for _, u := range units {
			if u.Gen.Norm.Name == norm {
				out = append(out, u)
			}
		}
	}
	return out
}
