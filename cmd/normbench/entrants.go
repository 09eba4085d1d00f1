package main

import "slices"

// An entrants lists who takes part in the race of a pass.
type entrants struct {
	pair
	op      op
	pass    pass
	workers int
	layers  []*contender // by instruction set
	plain   []*contender // the plain loop, if there is one
	rivals  []*contender
}

// race times one pass and emits a result for each instruction set.
func (r *runner) race(p pair, o op, subjects []*subject, c crew) error {
	e := entrants{pair: p, op: o, pass: subjects[0].passes[o], workers: c.Workers()}
	for i, s := range subjects {
		if err := s.ready(); err != nil {
			return err
		}
		e.layers = append(e.layers, c.local(r.isas[i], s.passes[o].run))
	}
	if l := loop(p.name, p.at, o, subjects[0]); l != nil && c.Workers() == 1 {
		e.plain = append(e.plain, c.local("plain loop", l))
	}
	e.rivals = r.rivals.enter(p, o, c.Workers(), subjects[0], r.log)
	best, err := race{c.limits(e.pass), slices.Concat(e.layers, e.plain, e.rivals), r.rounds}.run()
	if err != nil {
		return err
	}
	r.rivals.leave(e.rivals, r.log)
	for _, l := range e.layers {
		if err := r.emit(e.result(l, best)); err != nil {
			return err
		}
	}
	return nil
}

// result is what the race says of a layer.
func (e *entrants) result(l, limit *contender) result {
	r := result{Norm: e.name, Op: e.op, Shape: e.at.String(), ISA: l.name, Workers: e.workers, Rounds: len(l.ns),
		NS: median(l.ns), LimitNS: median(limit.ns), Limit: limit.name, OverLimit: median(l.ratios),
		Peers: map[string]float64{}, elements: e.at.elements(), calls: l.calls * len(l.ns)}
	r.bytes = 4 * r.elements * (len(e.pass.in) + len(e.pass.out))
	for _, c := range e.plain {
		r.LoopNS = median(c.ns)
	}
	for _, c := range e.rivals {
		if c.err == nil {
			r.Peers[c.name] = median(c.ns)
		}
	}
	return r
}
