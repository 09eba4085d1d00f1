package diff

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// A region is where a result differs, and by how much.
type region map[cell]float64

// size is the largest difference.
func (r region) size() float64 {
	most := 0.0
	for _, d := range r {
		most = max(most, d)
	}
	return most
}

// seeds is how many problems are drawn for each situation: two of each family.
const seeds = 6

// explore compares single steps from equal states in every situation, under a
// condition on the input. Problems that are not admitted, after a change
// perhaps, are left out.
func (c *comparison) explore(cond *condition, admit func(*problem) bool) ([]seenIn, error) {
	out := c.nothingSeen()
	for i, at := range c.cells() {
		for seed := range uint64(seeds) {
			for again := range uint64(redraws) {
				q := c.drawing(seeds*(uint64(i)+1000*again)+seed, cond).single(at)
				if !admit(q) {
					break
				}
				if taken, err := c.look(q, at, out); err != nil {
					return nil, err
				} else if taken {
					break
				}
			}
		}
	}
	return out, nil
}

// redraws is how often a problem that a norm refuses is drawn anew.
const redraws = 4

// A seenIn is where a result differs, and the first problem that showed it.
type seenIn struct {
	where region
	first *problem
}

func (c *comparison) nothingSeen() []seenIn {
	out := make([]seenIn, len(c.results))
	for i := range out {
		out[i].where = region{}
	}
	return out
}

// look runs a problem and notes what differs. It reports whether both sides
// took every batch.
func (c *comparison) look(q *problem, at cell, out []seenIn) (taken bool, err error) {
	rows, err := c.run(q)
	for i, row := range rows {
		for k, s := range row {
			if s.apart == 0 {
				continue
			}
			out[k].where[at] = max(out[k].where[at], s.apart)
			if out[k].first == nil {
				out[k].first = q.until(i)
			}
		}
	}
	return len(rows) == len(q.batches), c.refused(err, at)
}

func all(*problem) bool { return true }

// refused notes that one side refuses what the other takes, and passes other
// errors on.
func (c *comparison) refused(err error, at cell) error {
	var r refusal
	if !errors.As(err, &r) {
		return err
	}
	if c.refusal == "" {
		c.refusal = fmt.Sprintf("%v (%s, step %s)", r, c.a.layer.Modes[at.mode].Name, c.stepName(at.step))
	}
	return nil
}

// narrow returns the condition under which the outputs differ in the fewest
// situations, with its regions, if that is half of what it is without or less.
func (c *comparison) narrow(conds []*condition, free []seenIn) (*condition, []seenIn, error) {
	var best *condition
	var regions []seenIn
	least := c.outputCells(free)/2 + 1
	for _, cond := range conds {
		rs, err := c.explore(cond, all)
		if err != nil {
			return nil, nil, err
		}
		if n := c.outputCells(rs); n < least {
			least, best, regions = n, cond, rs
		}
	}
	return best, regions, nil
}

func (c *comparison) outputCells(rs []seenIn) int {
	n := 0
	for i := range c.outputs {
		n += len(rs[i].where)
	}
	return n
}

// outputsAgree looks at one step from the initial states in every situation.
func (c *comparison) outputsAgree() bool {
	return !slices.ContainsFunc(c.cells(), func(at cell) bool { return c.distance(nil, at) > relative })
}

// solve finds the mean square under which the outputs agree: in eval, or in
// train past all boundaries. It reports whether there is one.
func (c *comparison) solve(cond *condition) bool {
	last := c.steps[len(c.steps)-1]
	for _, at := range []cell{{mode: 1, step: last}, {mode: 0, step: last}} {
		cond.t = math.Exp(minimum(func(logT float64) float64 {
			cond.t = math.Exp(logT)
			return c.distance(cond, at)
		}))
		for _, t := range []float64{rounded(cond.t, 6), cond.t} {
			if c.crosses(cond, at, t) {
				cond.t = t
				return true
			}
		}
	}
	return false
}

// crosses reports whether the outputs agree at t and nowhere near: at twice or
// half of it they do not, as they would if it were just large enough.
func (c *comparison) crosses(cond *condition, at cell, t float64) bool {
	apart := func(t float64) float64 {
		cond.t = t
		return c.distance(cond, at)
	}
	return apart(t) <= relative && apart(t/2) > 10*relative && apart(2*t) > 10*relative
}

// distance is how far the outputs are apart in one step from the initial states.
func (c *comparison) distance(cond *condition, at cell) float64 {
	most := 0.0
	for seed := range uint64(2) {
		rows, err := c.run(c.drawing(seed, cond).training(at, 1))
		if err != nil || len(rows) == 0 {
			return math.Inf(1)
		}
		for i := range c.outputs {
			s := rows[0][i]
			for k := range s.a {
				most = max(most, math.Abs(s.a[k]-s.b[k])/(1+math.Abs(s.a[k])))
			}
		}
	}
	return most
}

// minimum returns where f is least between -6 and 6: by a grid, then by golden
// section, which finds the tip of |x - x0| to the last digits.
func minimum(f func(float64) float64) float64 {
	const step, golden = 0.25, 0.6180339887498949
	best, least := 0.0, math.Inf(1)
	for x := -6.0; x <= 6; x += step {
		if y := f(x); y < least {
			best, least = x, y
		}
	}
	lo, hi := best-step, best+step
	for range 80 {
		if a, b := hi-golden*(hi-lo), lo+golden*(hi-lo); f(a) < f(b) {
			hi = b
		} else {
			lo = a
		}
	}
	return (lo + hi) / 2
}
