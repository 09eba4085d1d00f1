package diff

import (
	"errors"
	"fmt"
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

func admitAll(*problem) bool { return true }

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
		rs, err := c.explore(cond, admitAll)
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
