package main

import (
	"context"
	"fmt"
	"io"
)

// A runner measures what the options ask for.
type runner struct {
	options
	rivals *peers // nil: none
	log    io.Writer
	emit   func(result) error
	shown  display
}

// pairs lists the norms with the shapes that they take.
func (o options) pairs() []pair {
	var out []pair
	for _, e := range o.norms {
		for _, s := range o.shapes {
			if len(s) == e.dims {
				out = append(out, pair{e, s})
			}
		}
	}
	return out
}

type pair struct {
	entry
	at shape
}

// races returns how many races there are at most.
func (o options) races() int { return len(o.pairs()) * len(o.workers) * len(o.ops) }

// run runs all races, until ctx ends.
func (r *runner) run(ctx context.Context) error {
	for _, p := range r.pairs() {
		if err := r.pair(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// pair runs the races of a norm at a shape. Layers of all instruction sets share
// their tensors.
func (r *runner) pair(ctx context.Context, p pair) error {
	m := newMemory()
	var subjects []*subject
	for _, isa := range r.isas {
		s, err := makeWith(isa, func() (*subject, error) { return p.make(p.at, m) })
		if err != nil {
			return fmt.Errorf("%s at %s: %w", p.name, p.at, err)
		}
		subjects = append(subjects, s)
	}
	if err := r.rivals.share(m, subjects[0].vectors); err != nil {
		return err
	}
	for _, n := range r.workers {
		if err := r.crewed(ctx, p, subjects, n); err != nil {
			return err
		}
	}
	return nil
}

// crewed runs the races with so many workers.
func (r *runner) crewed(ctx context.Context, p pair, subjects []*subject, workers int) error {
	c := hire(workers)
	defer c.close()
	for _, s := range subjects {
		s.setPool(c.Pool)
	}
	for _, o := range r.ops {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		what := fmt.Sprintf("%s %s %s", p.name, o, p.at)
		if workers == 1 || !subjects[0].passes[o].serial {
			if err := r.race(p, o, subjects, c); err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
		}
		r.shown.done(what)
	}
	return nil
}
