// Package diff tells how two norms differ in what they compute, whatever
// they are called and however they are written: for every output, gradient and
// state whether it is the same, in which situations it is not, and the
// smallest case that shows it. It runs both; equal means that no run of many
// told them apart.
package diff

import (
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// A Norm is one side of a comparison.
type Norm struct {
	Label string // how messages call it
	Layer *ir.Layer
	Set   map[string]float64 // knobs that are not at their default
}

// Norms compares two norms.
func Norms(a, b Norm) (*Report, error) {
	c, err := newComparison(a, b)
	if err != nil {
		return nil, err
	}
	r := &Report{A: a.Label, B: b.Label, comparison: c}
	return r, r.fill()
}

func newComparison(a, b Norm) (*comparison, error) {
	sideA, err := newSide("a", a)
	if err != nil {
		return nil, err
	}
	sideB, err := newSide("b", b)
	if err != nil {
		return nil, err
	}
	return sides(sideA, sideB)
}

func sides(a, b *side) (*comparison, error) {
	p, err := newPairing(a, b)
	if err != nil {
		return nil, err
	}
	c := &comparison{pairing: p, steps: stepsOf(a, b)}
	c.results = c.resultsOf()
	if !c.outputsAgree() {
		c.conds = slices.DeleteFunc(c.conditions(), func(cond *condition) bool { return cond.square && !c.solve(cond) })
	}
	c.matchStates()
	return c, nil
}
