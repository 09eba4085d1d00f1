package diff

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// A Report is the outcome of a comparison.
type Report struct {
	*comparison
	A, B     string
	Findings []Finding
	Cond     *condition // under which the forwards agree more, or nil
	Notes    []string   // differences that are no result's
	Remarks  []string   // what else is worth knowing
}

// A Finding is what was found of one result.
type Finding struct {
	result
	free, cond region // in one step from equal states; under the report's condition
	quiet      region // under it, and for gradients with which it agrees in eval; nil if not tried
	late       region // if not in one step, the starts of the runs in which it differs
	first      *problem
	like       string // an earlier output that differs in exactly the same situations
	smallest   *Case
	under      *Case // under the condition, if the situations are others there
}

// follows reports whether the result differs in runs alone, since some state
// does in one step.
func (r *Report) follows(f *Finding) bool {
	return len(f.late) > 0 && slices.ContainsFunc(r.Findings[len(r.Findings)-len(r.states):], func(s Finding) bool { return len(s.free) > 0 })
}

// Differs reports whether the result ever was different.
func (f *Finding) Differs() bool { return len(f.free)+len(f.late) > 0 }

// Equal reports whether nothing told the norms apart.
func (r *Report) Equal() bool {
	return len(r.alone) == 0 && len(r.Notes) == 0 && r.refusal == "" &&
		!slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Differs() })
}

func (r *Report) fill() error {
	r.initials()
	if err := r.examine(); err != nil {
		return err
	}
	if err := r.otherKnobs(); err != nil {
		return err
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Differs() && f.like == "" && !r.follows(f) {
			f.smallest = r.smallest(i, f)
			if len(f.cond) > 0 && !sameCells(f.free, f.cond) {
				f.under = r.smallestUnder(i, f)
			}
		}
	}
	return nil
}

// initials notes parameters and states that start at different values.
func (r *Report) initials() {
	note := func(what string, p pair, k float64) {
		if math.Abs(p.b.Init-k*p.a.Init) > relative*math.Abs(p.b.Init) {
			r.Notes = append(r.Notes, fmt.Sprintf("%s %s starts at %g in a and at %g in b", what, both("", p), p.a.Init, p.b.Init))
		}
	}
	for _, p := range r.params {
		note("parameter", p, 1)
	}
	for _, s := range r.states {
		note("state", s.pair, s.k)
	}
}

// examine finds where every result differs.
func (r *Report) examine() error {
	free, err := r.explore(nil, admitAll)
	if err != nil {
		return err
	}
	var narrow []seenIn
	if r.outputCells(free) > 0 {
		if r.Cond, narrow, err = r.narrow(r.conds, free); err != nil {
			return err
		}
	}
	late, err := r.runs()
	if err != nil {
		return err
	}
	for i, res := range r.results {
		f := Finding{result: res, free: free[i].where, first: free[i].first}
		if narrow != nil {
			f.cond = narrow[i].where
		}
		if len(f.free) == 0 {
			f.late, f.first = late[i].where, late[i].first
		}
		r.likeOutput(&f)
		if err := r.quieten(i, &f); err != nil {
			return err
		}
		r.Findings = append(r.Findings, f)
	}
	return nil
}

// likeOutput notes an output with the same regions.
func (r *Report) likeOutput(f *Finding) {
	for i := range min(len(r.outputs), len(r.Findings)) {
		if y := &r.Findings[i]; len(f.free) > 0 && sameCells(y.free, f.free) && sameCells(y.cond, f.cond) {
			f.like = y.name
		}
	}
}

func sameCells(x, y region) bool {
	return maps.EqualFunc(x, y, func(float64, float64) bool { return true })
}

// runLength is the number of steps of a run.
const runLength = 6

// runs trains both from their own initial states, from the first step and from
// shortly before the last boundary, and returns where each result differs.
func (c *comparison) runs() ([]seenIn, error) {
	out := c.nothingSeen()
	for i, at := range c.cells() {
		if at.step != 1 && at.step != c.steps[max(0, len(c.steps)-3)] {
			continue
		}
		for seed := range uint64(seeds) {
			q := c.drawing(1000+seeds*uint64(i)+seed, nil).training(at, runLength)
			if _, err := c.look(q, at, out); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
