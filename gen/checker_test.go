package gen

import (
	"fmt"
	"slices"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A checker walks a kernel as an executor would and notes what it could not do.
type checker struct {
	k     *plan.Kernel
	inRow map[*ir.Value]bool // row and group values of the sweep at hand
	inGrp map[*ir.Value]bool // group values of the phase at hand
	kept  map[*ir.Value]bool // in an array: sums of earlier sweeps, column values with one, row values of earlier sweeps
	once  map[*ir.Value]bool // row, group and column values computed so far
	store map[*ir.Leaf]int
	errs  []string
}

func newChecker(k *plan.Kernel) *checker {
	return &checker{k: k, kept: map[*ir.Value]bool{}, once: map[*ir.Value]bool{}, store: map[*ir.Leaf]int{}}
}

func (c *checker) errorf(v *ir.Value, format string, args ...any) {
	c.errs = append(c.errs, fmt.Sprintf("v%d (%s, line %d) %s", v.ID, v.Op, v.Line, fmt.Sprintf(format, args...)))
}

func (c *checker) run() {
	for i, st := range c.k.Stages {
		c.columns(st.Columns)
		c.sweep(i, st.Sweep)
	}
	c.columns(c.k.Finish)
	c.outputs()
	c.reductions()
}

// compute notes that a value below full rank is computed: once in a kernel.
func (c *checker) compute(v *ir.Value) {
	if c.once[v] {
		c.errorf(v, "is computed twice")
	}
	c.once[v] = true
}

// columns checks a column step.
func (c *checker) columns(vals []*ir.Value) {
	here := map[*ir.Value]bool{}
	for _, v := range vals {
		if c.k.Rank(v) != plan.Col {
			c.errorf(v, "is no column value, but in a column step")
		}
		c.columnOperands(v, here)
		here[v] = true
		if c.inArray(v) {
			c.kept[v] = true
		}
	}
}

func (c *checker) columnOperands(v *ir.Value, here map[*ir.Value]bool) {
	if v.Op.Reduces() && !c.kept[v] && !c.isGiven(v) {
		c.errorf(v, "is read before a sweep has reduced it")
	}
	if c.isGiven(v) || v.Op.Reduces() {
		return
	}
	c.compute(v)
	for _, a := range v.Args {
		if a = plan.Strip(a); c.k.Rank(a) == plan.Col && !here[a] && !c.kept[a] && !c.isGiven(a) && a.Op != ir.Load {
			c.errorf(v, "needs column value v%d, which is nowhere", a.ID)
		}
	}
}

func (c *checker) isGiven(v *ir.Value) bool { _, ok := c.k.Given[v]; return ok }

// inArray reports whether v has an array of its own.
func (c *checker) inArray(v *ir.Value) bool {
	_, slot := c.k.Slot[v]
	_, wide := c.k.Wide[v]
	return slot || wide
}

func (c *checker) sweep(i int, sw *plan.Sweep) {
	c.inRow = map[*ir.Value]bool{}
	if len(sw.Phases) == 0 {
		c.errs = append(c.errs, fmt.Sprintf("sweep %d does nothing", i+1))
	}
	for _, ph := range sw.Phases {
		c.phase(ph)
	}
	for _, ph := range sw.Phases {
		for _, v := range columnReductions(ph) {
			c.compute(v)
			if s, ok := c.k.Sums[v]; !ok || s.Kind != plan.SumSlot && s.Kind != plan.MomentSlot {
				c.errorf(v, "is a column reduction without an array")
			}
			c.kept[v] = true
		}
	}
	for _, v := range sw.Saves {
		if !c.inRow[v] || !c.inArray(v) {
			c.errorf(v, "is saved, but not computed in the sweep or without an array")
		}
		c.kept[v] = true
	}
	c.traffic(i, sw)
}

func (c *checker) phase(ph *plan.Phase) {
	c.inGrp = map[*ir.Value]bool{}
	c.scalars(ph, ph.Head)
	c.body(ph)
	for _, v := range rowReductions(ph) {
		c.scalar(ph, v)
	}
	c.scalars(ph, ph.Tail)
	for _, v := range append(columnReductions(ph), rowReductions(ph)...) {
		// A sum may select by any condition on the row; counts of rows are the
		// engine's, so moments need a declared mask.
		if m := v.Mask(); m != nil && (c.k.Rank(m) != plan.Row || m.Op != ir.Load && v.Op != ir.Sum) {
			c.errorf(v, "has a mask that is not one of the layer's rows")
		}
	}
}

// scalars checks row and group values that are not reductions.
func (c *checker) scalars(ph *plan.Phase, vals []*ir.Value) {
	for _, v := range vals {
		for _, a := range v.Args {
			c.operand(ph, v, plan.Strip(a))
		}
		c.scalar(ph, v)
	}
}

// scalar notes a row or group value.
func (c *checker) scalar(ph *plan.Phase, v *ir.Value) {
	c.compute(v)
	switch r := c.k.Rank(v); {
	case r != plan.Row && r != plan.Group:
		c.errorf(v, "is no row value, but computed once a row")
	case r == plan.Group && !ph.Grouped:
		c.errorf(v, "varies over groups, but its loop does not")
	case r == plan.Group:
		c.inGrp[v] = true
	case v.Op.Reduces() && ph.Grouped:
		c.errorf(v, "reduces over the row in a loop over groups")
	}
	c.inRow[v] = true
}

// operand checks that v can have a, which is stripped and not of full rank.
func (c *checker) operand(ph *plan.Phase, v, a *ir.Value) {
	if a.Op == ir.Load || c.k.Rank(a) == plan.Uniform || c.narrowGiven(a) {
		return
	}
	ok := false
	switch c.k.Rank(a) {
	case plan.Row:
		ok = c.inRow[a] || c.kept[a]
	case plan.Group:
		ok = ph.Grouped && (c.inGrp[a] || c.inRow[a] && c.inArray(a) || c.kept[a])
	case plan.Col:
		s, has := c.k.Slot[a]
		ok = c.kept[a] && has && s.Kind == plan.ColSlot
	}
	if !ok {
		c.errorf(v, "needs v%d (%s), which the loop does not have", a.ID, a.Op)
	}
}

// narrowGiven reports whether a loop can read what an earlier kernel saved.
func (c *checker) narrowGiven(a *ir.Value) bool {
	s, ok := c.k.Given[a]
	return ok && (s.Kind == plan.RowSlot || s.Kind == plan.GroupSlot || s.Kind == plan.ColSlot)
}

// body checks the loop: each full value once, after its operands.
func (c *checker) body(ph *plan.Phase) {
	here := map[*ir.Value]bool{}
	need := func(v, a *ir.Value) {
		if a = plan.Strip(a); c.k.Rank(a) != plan.Full {
			c.operand(ph, v, a)
		} else if !here[a] {
			c.errorf(v, "needs v%d (%s), which the loop has not computed", a.ID, a.Op)
		}
	}
	for _, v := range ph.Body {
		if here[v] || c.k.Rank(v) != plan.Full || v.Op == ir.Widen {
			c.errorf(v, "is twice in the loop, a repetition, or not of full rank")
		}
		for _, a := range v.Args {
			need(v, a)
		}
		here[v] = true
	}
	for _, v := range append(columnReductions(ph), rowReductions(ph)...) {
		need(v, v.Args[0])
	}
	for _, st := range ph.Stores {
		need(st.Value, st.Value)
		c.store[st.Leaf]++
	}
}

func columnReductions(ph *plan.Phase) []*ir.Value {
	return append(slices.Clone(ph.ColSums), momentsOf(ph.ColMoments)...)
}

func rowReductions(ph *plan.Phase) []*ir.Value {
	return append(slices.Clone(ph.RowSums), momentsOf(ph.RowMoments)...)
}

func momentsOf(ms []plan.Moments) []*ir.Value {
	var out []*ir.Value
	for _, m := range ms {
		out = append(out, m.Values...)
	}
	return out
}

// traffic checks that the sweep says what it reads and writes.
func (c *checker) traffic(i int, sw *plan.Sweep) {
	var reads, writes []*ir.Leaf
	for _, ph := range sw.Phases {
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

// outputs checks that every result is left once, where the kernel says.
func (c *checker) outputs() {
	n := 0
	for _, o := range c.k.Func.Outs {
		if c.k.Rank(o.Value) == plan.Full {
			if c.store[o.Leaf] != 1 {
				c.errorf(o.Value, "output %s is stored %d times", o.Name, c.store[o.Leaf])
			}
			continue
		}
		if n == len(c.k.Outs) || c.k.Outs[n].Name != o.Name || c.k.Outs[n].Slot.Kind == plan.NoSlot {
			c.errorf(o.Value, "output %s has no array", o.Name)
		}
		if v := plan.Strip(o.Value); c.k.Rank(v) == plan.Col && v.Op != ir.Load && !c.once[v] && !c.isGiven(v) {
			c.errorf(v, "output %s is never computed", o.Name)
		}
		n++
	}
}

// reductions checks that what is computed needs no reduction that is not.
func (c *checker) reductions() {
	for v := range c.once {
		for _, a := range v.Args {
			if a = plan.Strip(a); a.Op.Reduces() && !c.once[a] && !c.isGiven(a) {
				c.errorf(v, "needs the reduction v%d, which no sweep does", a.ID)
			}
		}
	}
}
