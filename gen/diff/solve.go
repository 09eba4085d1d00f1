package diff

import (
	"math"
	"slices"
)

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
