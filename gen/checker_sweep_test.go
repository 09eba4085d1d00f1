package gen

import (
	"fmt"
	"slices"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A sweepState is what a sweep has of the row at hand.
type sweepState struct {
	row     map[*ir.Value]bool // row values
	group   map[*ir.Value]bool // group values of the group at hand
	element map[*ir.Value]bool // full values of the loop at hand
	made    map[*ir.Value]bool // row and group values of the whole row
}

// sweep checks a sweep and returns the reductions that all rows enter; those of
// the segment are finished with it.
func (c *checker) sweep(i int, stage *plan.Stage) []*ir.Value {
	sw := stage.Sweep
	c.sweepState = sweepState{row: map[*ir.Value]bool{}, made: map[*ir.Value]bool{}}
	if len(sw.Phases)+len(stage.Begin)+len(stage.Sums)+len(stage.Moments)+len(stage.Stores) == 0 {
		c.errs = append(c.errs, fmt.Sprintf("stage %d does nothing", i+1))
	}
	var finished []*ir.Value
	for _, ph := range sw.Phases {
		c.phase(ph)
	}
	for _, ph := range sw.Phases {
		for _, v := range rowsReductions(ph) {
			c.compute(v)
			if c.k.Rank(v) == plan.Seg {
				c.wide[v] = true
			} else {
				finished = append(finished, v)
			}
		}
	}
	for _, v := range sw.Saves {
		if _, ok := c.k.Slot[v]; !ok || !c.made[v] {
			c.errorf(v, "is saved, but not computed in the sweep or without an array")
		}
		c.narrow[v] = true
	}
	c.traffic(i, sw)
	return finished
}

// phase checks a loop over the groups of a row.
func (c *checker) phase(ph *plan.Phase) {
	c.group, c.element = map[*ir.Value]bool{}, map[*ir.Value]bool{}
	c.scalars(ph, ph.Head)
	c.body(ph)
	for _, v := range slices.Concat(ph.RowSums, momentsOf(ph.RowMoments)) {
		if v.Over != c.cols&^ph.Level || len(v.Args) > 1 {
			c.errorf(v, "does not reduce the elements of a group")
		}
		c.scalar(ph, v)
	}
	c.scalars(ph, ph.Tail)
	for _, v := range slices.Concat(ph.SmallSums, momentsOf(ph.SmallMoments)) {
		c.operand(ph, v, v.Args[0])
		if v.Args[0].Axes&c.cols != ph.Level {
			c.errorf(v, "reduces groups in a loop over others")
		}
	}
	for _, v := range rowsReductions(ph) {
		c.mask(v)
		if m := v.Mask(); m != nil {
			c.operand(ph, v, m)
		}
	}
	for v := range c.group { // only now whole
		_, ok := c.k.Slot[v]
		c.narrow[v] = c.narrow[v] || ok
	}
}

// mask checks the domain of a reduction over rows. A sum may select by any
// condition on the row; counts of rows are the engine's, so moments need a
// declared mask.
func (c *checker) mask(v *ir.Value) {
	if m := v.Mask(); m != nil && (c.k.Rank(m) == plan.Full || m.Op != ir.Load && v.Op != ir.Sum) {
		c.errorf(v, "has a mask that does not select rows")
	}
}

// scalars checks row and group values that are not reductions of elements.
func (c *checker) scalars(ph *plan.Phase, vals []*ir.Value) {
	for _, v := range vals {
		for _, a := range v.Args {
			if a = plan.Strip(a); v.Op.Reduces() && !c.free(a) && !c.narrow[a] {
				c.errorf(v, "reduces v%d, which is in no array", a.ID)
			} else if !v.Op.Reduces() {
				c.operand(ph, v, a)
			}
		}
		c.scalar(ph, v)
	}
}

// scalar notes a row or group value, which must belong to the phase's level.
func (c *checker) scalar(ph *plan.Phase, v *ir.Value) {
	c.compute(v)
	if r := c.k.Rank(v); r != plan.Row && r != plan.Group || v.Axes&c.cols != ph.Level {
		c.errorf(v, "is no value of the groups of its loop")
	}
	if c.made[v] = true; ph.Level == 0 {
		c.row[v] = true
	} else {
		c.group[v] = true
	}
}

// operand checks that v can have a, which is not of full rank.
func (c *checker) operand(ph *plan.Phase, v, a *ir.Value) {
	a = plan.Strip(a)
	if !c.free(a) && !c.row[a] && !c.group[a] && !c.narrow[a] {
		c.errorf(v, "needs v%d (%s), which the loop does not have", a.ID, a.Op)
	}
	if cols := a.Axes & c.cols; c.group[a] && cols&^ph.Level != 0 {
		c.errorf(v, "reads v%d (%s) of another group", a.ID, a.Op)
	}
}

// element checks that the loop has a: computed, or an operand that a run has in
// common or that has an element for each of the run's.
func (c *checker) elementOperand(ph *plan.Phase, v, a *ir.Value) {
	if a = plan.Strip(a); c.k.Rank(a) == plan.Full {
		if !c.element[a] {
			c.errorf(v, "needs v%d (%s), which the loop has not computed", a.ID, a.Op)
		}
		return
	}
	c.operand(ph, v, a)
	if part := a.Axes & c.cols &^ ph.Run; part != 0 && part != c.cols&^ph.Run {
		c.errorf(v, "needs v%d (%s), which varies along a part of a run", a.ID, a.Op)
	}
}

// body checks the loop: each full value once, after its operands.
func (c *checker) body(ph *plan.Phase) {
	if ph.Level&^ph.Run != 0 {
		c.errs = append(c.errs, "a run is more than its group")
	}
	for _, v := range ph.Body {
		if c.element[v] || c.k.Rank(v) != plan.Full || v.Op == ir.Widen || v.Op.Reduces() {
			c.errorf(v, "is twice in the loop, a repetition, a reduction, or not of full rank")
		}
		for _, a := range v.Args {
			c.elementOperand(ph, v, a)
		}
		c.element[v] = true
	}
	for _, v := range slices.Concat(ph.ColSums, momentsOf(ph.ColMoments), ph.RowSums, momentsOf(ph.RowMoments)) {
		c.elementOperand(ph, v, v.Args[0])
	}
	for _, st := range ph.Stores {
		c.elementOperand(ph, st.Value, st.Value)
		c.left[st.Leaf.Name]++
	}
}

// rowsReductions lists what a phase reduces over rows.
func rowsReductions(ph *plan.Phase) []*ir.Value {
	return slices.Concat(ph.ColSums, momentsOf(ph.ColMoments), ph.SmallSums, momentsOf(ph.SmallMoments))
}

func momentsOf(ms []plan.Moments) []*ir.Value {
	var out []*ir.Value
	for _, m := range ms {
		out = append(out, m.Values...)
	}
	return out
}

// traffic checks that the sweep says what it reads and writes, and writes last:
// an output may be an input.
func (c *checker) traffic(i int, sw *plan.Sweep) {
	var reads, writes []*ir.Leaf
	for _, ph := range sw.Phases {
		if len(writes) > 0 && len(ph.Body) > 0 {
			c.errs = append(c.errs, fmt.Sprintf("sweep %d reads a row after it wrote it", i+1))
		}
		for _, v := range ph.Body {
			if v.Op == ir.Load && !slices.Contains(reads, v.Leaf) {
				reads = append(reads, v.Leaf)
			}
		}
		for _, st := range ph.Stores {
			writes = append(writes, st.Leaf)
		}
	}
	if !slices.Equal(reads, sw.Reads) || !slices.Equal(writes, sw.Writes) {
		c.errs = append(c.errs, fmt.Sprintf("sweep %d does not read and write what it says", i+1))
	}
}
