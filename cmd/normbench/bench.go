package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/normgen/normgen/cmd/normbench/limit"
)

// A runner measures what the options ask for.
type runner struct {
	options
	rivals *peers // nil: none
	log    io.Writer
	emit   func(result) error
	done   func(what string) // after each race, for the progress bar
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

func (r *runner) run() error {
	for _, p := range r.pairs() {
		if err := r.pair(p); err != nil {
			return err
		}
	}
	return nil
}

// pair runs the races of a norm at a shape. Layers of all instruction sets share
// their tensors.
func (r *runner) pair(p pair) error {
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
		if err := r.crewed(p, subjects, n); err != nil {
			return err
		}
	}
	return nil
}

// crewed runs the races with so many workers.
func (r *runner) crewed(p pair, subjects []*subject, workers int) error {
	c := hire(workers)
	defer c.close()
	for _, s := range subjects {
		s.setPool(c.Pool)
	}
	for _, o := range r.ops {
		what := fmt.Sprintf("%s %s %s", p.name, o, p.at)
		if workers == 1 || !subjects[0].passes[o].serial {
			if err := r.race(p, o, subjects, c); err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
		}
		r.done(what)
	}
	return nil
}

// race times one pass: the layers, the plain loop if one worker is asked for, and
// the peers.
func (r *runner) race(p pair, o op, subjects []*subject, c crew) error {
	var failed error
	var layers, rest []*contender
	for i, s := range subjects {
		if err := s.ready(); err != nil {
			return err
		}
		run := s.passes[o].run
		layers = append(layers, local(r.isas[i], func() {
			if err := run(); err != nil {
				failed = err
			}
		}))
	}
	plain := loop(p.name, p.at, o, subjects[0])
	if plain != nil && c.Workers() == 1 {
		rest = append(rest, local("plain loop", plain))
	}
	rivals := r.rivals.enter(p, o, c.Workers(), subjects[0], r.log)
	rc := race{contenders: slices.Concat(layers, rest, rivals), rounds: r.rounds}
	ps := subjects[0].passes[o]
	for _, w := range limit.Ways(limit.Flow{Reads: len(ps.in), Writes: len(ps.out)}) {
		rc.limits = append(rc.limits, local(w.Name, c.moves(w, ps)))
	}
	best, err := rc.run()
	r.rivals.leave(rivals, r.log)
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	for i, l := range layers {
		res := result{Norm: p.name, Op: o, Shape: p.at.String(), ISA: r.isas[i], Workers: c.Workers(), Rounds: r.rounds,
			NS: median(l.ns), LimitNS: median(best.ns), Limit: best.name, OverLimit: median(l.ratios), Peers: map[string]float64{},
			bytes: 4 * p.at.elements() * (len(ps.in) + len(ps.out)), calls: l.calls * r.rounds}
		if plain != nil && len(rest) > 0 {
			res.LoopNS = median(rest[0].ns)
		}
		for _, c := range rivals {
			if c.err == nil {
				res.Peers[c.name] = median(c.ns)
			}
		}
		if err := r.emit(res); err != nil {
			return err
		}
	}
	return nil
}
