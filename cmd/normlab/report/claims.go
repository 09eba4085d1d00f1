package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/normgen/normgen/cmd/normlab/run"
	"github.com/normgen/normgen/cmd/normlab/sweep"
)

// A verdict is what the runs say of a claim.
type verdict struct {
	Interval // of the difference, better minus worse, seed by seed
	text     string
}

// judge compares two norms seed by seed: runs of one seed begin with the same weights
// and read the same batches.
func (g *Group) judge(c sweep.Claim) verdict {
	m, batch := g.metrics()[0], c.Batch
	if batch == 0 {
		batch = slices.Max(g.Sweep.Batches)
	}
	better, worse := g.of(c.Better, batch), g.of(c.Worse, batch)
	var differences []float64
	for _, a := range better {
		for _, b := range worse {
			if d := m.of(a) - m.of(b); a.Settings.Seed == b.Settings.Seed && a.Status == run.Done && b.Status == run.Done && d-d == 0 {
				differences = append(differences, d)
			}
		}
	}
	v := verdict{Interval: intervalOf(differences)}
	v.text = v.say(m.lower)
	if n := diverged(better); n > 0 {
		v.text += fmt.Sprintf("; %s diverged in %d of %d runs", g.Sweep.Label(c.Better), n, len(better))
	}
	if n := diverged(worse); n > 0 {
		v.text += fmt.Sprintf("; %s diverged in %d of %d runs", g.Sweep.Label(c.Worse), n, len(worse))
	}
	return v
}

// say puts the interval into words.
func (i Interval) say(lower bool) string {
	gain := i.Mean
	if lower {
		gain = -gain
	}
	switch {
	case i.N == 0:
		return "no pair of runs to compare"
	case i.N == 1:
		return "one seed decides nothing"
	case math.Abs(gain) <= i.Half:
		return fmt.Sprintf("**not decided** by %d seeds: the interval has 0 in it", i.N)
	case gain > 0:
		return "**reproduces** here"
	}
	return "**does not reproduce**: here it is the other way round"
}
