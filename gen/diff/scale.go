package diff

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/normgen/normgen/gen/ir"
)

// States are matched by what they do. Two states are the same up to a scale if
// their ratio is constant: over elements, steps and runs. Where the norms
// differ in other respects it is so at most in part; then the runs that bring
// the norms closest tell: one batch over and over, past all boundaries of the
// step, on inputs where the forwards may agree. A scale of those is an
// estimate, and the candidate with which most results agree is taken.

// maxSpread is how far from constant the ratio of matched states may be in the
// best of runs.
const maxSpread = 0.05

// A fit is a scale, and how far from constant the ratio was.
type fit struct{ k, spread float64 }

// A candidate is a possible pair of states and its scales in two runs.
type candidate struct {
	pair
	fit  [2]fit
	free bool // of runs on different batches from the first step
}

func (c candidate) spread() float64 { return max(c.fit[0].spread, c.fit[1].spread) }

// exact reports a ratio that is constant without any condition.
func (c candidate) exact() bool {
	return c.free && c.spread() <= relative && math.Abs(c.fit[0].k-c.fit[1].k) <= relative*math.Abs(c.fit[0].k)
}

// matchStates finds the pairs of states and their scales.
func (c *comparison) matchStates() {
	all := c.candidates()
	slices.SortStableFunc(all, func(x, y candidate) int { return cmp.Compare(x.spread(), y.spread()) })
	used := map[*ir.Leaf]bool{}
	var chosen []candidate
	for _, x := range all {
		if x.spread() < maxSpread && !used[x.a] && !used[x.b] {
			used[x.a], used[x.b] = true, true
			chosen = append(chosen, x)
			c.states = append(c.states, statePair{x.pair, x.scales()[0], x.exact()})
		}
	}
	c.leftOver("state", c.a.layer.States, c.b.layer.States, used)
	for i, x := range chosen {
		c.chooseScale(i, x)
	}
	slices.SortStableFunc(c.states, func(x, y statePair) int {
		return index(c.a.layer.States, x.a) - index(c.a.layer.States, y.a)
	})
	c.results = c.resultsOf()
}

// candidates fits every pair of states over the same axes in every kind of run
// and keeps the best fit. Once there is a pair for every state, exact without
// any condition, it looks no further.
func (c *comparison) candidates() []candidate {
	var out []candidate
	for _, a := range c.a.layer.States {
		for _, b := range c.b.layer.States {
			if of := (pair{a, b}); c.sameAxes(of) {
				out = append(out, candidate{pair: of, fit: [2]fit{noFit, noFit}})
			}
		}
	}
	refit(out, c.wander(), true)
	exact := 0
	for _, x := range out {
		if x.exact() {
			exact++
		}
	}
	if exact < min(len(c.a.layer.States), len(c.b.layer.States)) {
		for _, cond := range append([]*condition{nil}, c.conditions()...) {
			refit(out, c.settle(cond), false)
		}
	}
	return out
}

// refit replaces what fits better in the two runs.
func refit(cs []candidate, runs [2]trajectory, free bool) {
	for i := range cs {
		if x := (candidate{cs[i].pair, [2]fit{ratio(runs[0](cs[i].pair)), ratio(runs[1](cs[i].pair))}, free}); x.spread() < cs[i].spread() && !cs[i].exact() {
			cs[i] = x
		}
	}
}

var noFit = fit{1, math.Inf(1)}

// ratio fits b = k*a by the median of the ratios. What does not vary, or is no
// number, tells nothing of a scale; if it is the same, that is a weak fit.
func ratio(a, b []float64) fit {
	f := proportion(a, b)
	if f == noFit && len(a) > 0 && apart(a, b) == 0 {
		return fit{1, maxSpread / 2}
	}
	return f
}

func proportion(a, b []float64) fit {
	var ks []float64
	var size, least float64 = 0, math.Inf(1)
	for i := range a {
		if size, least = max(size, math.Abs(a[i])), min(least, math.Abs(a[i])); a[i] != 0 {
			ks = append(ks, b[i]/a[i])
		}
	}
	if len(ks) == 0 || !(size-least > 1e-6*size) {
		return noFit
	}
	slices.Sort(ks)
	f := fit{k: ks[len(ks)/2]}
	for i := range a {
		f.spread = max(f.spread, math.Abs(b[i]-f.k*a[i])/math.Abs(f.k*size))
	}
	if f.k == 0 || math.IsNaN(f.spread) {
		return noFit
	}
	return f
}

// scales lists what the scale may be, the likeliest first: as fitted, to few or
// many digits, or 1.
func (c candidate) scales() []float64 {
	if c.exact() {
		return []float64{rounded(c.fit[0].k, 12)}
	}
	var out []float64
	for _, digits := range []int{2, 3, 9, 1} {
		for _, f := range c.fit {
			out = append(out, rounded(f.k, digits))
		}
	}
	return append(out, 1)
}

func rounded(x float64, digits int) float64 {
	out, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64) // what it wrote itself
	return out
}

// chooseScale takes the scale of state pair i with which most results agree.
func (c *comparison) chooseScale(i int, x candidate) {
	scales := x.scales()
	if len(scales) == 1 {
		return
	}
	most := -1
	best := scales[0]
	for _, k := range scales {
		c.states[i].k = k
		c.results = c.resultsOf()
		n := 0
		for _, cond := range append([]*condition{nil}, c.conds...) {
			n += c.agreements(cond)
		}
		if n > most {
			most, best = n, k
		}
	}
	c.states[i].k = best
}

// agreements counts the results that agree over all situations.
func (c *comparison) agreements(cond *condition) int {
	n := 0
	for i, at := range c.cells() {
		rows, err := c.run(c.drawing(uint64(i), cond).single(at))
		if err != nil {
			continue
		}
		for _, row := range rows {
			for _, s := range row {
				if s.apart == 0 {
					n++
				}
			}
		}
	}
	return n
}
