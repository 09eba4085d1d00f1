package interval

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
)

// Check finds what may go wrong in the numbers of a layer as lowered, stored in
// format: in each mode its outputs, statistics, declared gradients and
// updates. What only the derived gradients compute is told in notes.
func Check(l *ir.Layer, format Format) []Finding {
	var found []Finding
	for _, m := range l.Modes {
		found = append(found, checkMode(l, m, format)...)
	}
	return found
}

func checkMode(l *ir.Layer, m *ir.Mode, format Format) []Finding {
	fwd := newChecker(l, m.Forward, format, nil)
	fwd.updates = m.Updates
	fwd.check()
	bwd := newChecker(l, m.Backward, format, nil)
	bwd.updates, bwd.own = m.Updates, len(m.Forward.Values)
	bwd.check()
	bwd.notes = true
	bwd.check()
	found := append(fwd.found, bwd.found...)
	stats := Stats(m, fwd.root.of, bwd.root.of)
	for _, u := range m.Updates {
		c := newChecker(l, u.Func, format, stats)
		c.check()
		c.invariant(u)
		found = append(append(found, c.found...), divergence(l, m, u, format)...)
	}
	return found
}

// Stats bounds the statistics of a mode, merged over any number of passes,
// given bounds of the values of its functions.
func Stats(m *ir.Mode, forward, backward func(*ir.Value) Interval) map[string]Interval {
	of := [...]func(*ir.Value) Interval{ir.ForwardPhase: forward, ir.BackwardPhase: backward}
	stats := map[string]Interval{}
	for _, s := range m.Stats {
		stats[s.Name] = merged(s, of[s.Phase](s.Value))
	}
	return stats
}

// merged bounds what i becomes over several passes: a sum grows, and so does a
// variance, by the distances of the means.
func merged(s *ir.Stat, i Interval) Interval {
	if (s.Merge == ir.MergeSum || s.Merge == ir.MergeVar) && i.Hi > 0 {
		i.Hi = most * i.Hi
	}
	if s.Merge == ir.MergeSum && i.Lo < 0 {
		i.Lo = most * i.Lo
	}
	return i
}

// invariant checks that an update keeps the where of its state, which the next
// step relies on.
func (c *checker) invariant(u *ir.Update) {
	if u.State.Min == nil {
		return
	}
	v := strip(u.Func.Outs[0].Value)
	i, sign := c.root.of(v), ">="
	if u.State.Open {
		sign = ">"
	}
	if i.Lo > *u.State.Min || i.Lo == *u.State.Min && !(u.State.Open && i.Contains(i.Lo)) {
		return
	}
	c.report(Invariant, v, fmt.Sprintf("an update keeps the invariant of its state, %s %s %g, and %s %s",
		u.State.Name, sign, *u.State.Min, c.text(v), i.bounds()), "use ema(old, new, m), which stays between old and new, or bound it with max")
}
