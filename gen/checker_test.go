package gen

import (
	"fmt"
	"slices"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A checker walks a kernel as an executor would and notes what it could not do.
type checker struct {
	k                *plan.Kernel
	rows, segs, cols ir.Axes

	wide   map[*ir.Value]bool // finished in a float64 array: what steps read
	narrow map[*ir.Value]bool // in an array of the storage type: what sweeps read, and steps
	once   map[*ir.Value]bool // computed, at any rank but full
	left   map[string]int     // results stored or copied, by name
	sweepState
	errs []string
}

func newChecker(u *plan.Unit, k *plan.Kernel) *checker {
	c := &checker{k: k, rows: axes(u.Rows), segs: axes(u.Rows[:u.Segments]), cols: axes(u.Cols),
		wide: map[*ir.Value]bool{}, narrow: map[*ir.Value]bool{}, once: map[*ir.Value]bool{}, left: map[string]int{}}
	for v, s := range k.Given {
		c.wide[v], c.narrow[v] = isWide(s.Kind), !isWide(s.Kind)
	}
	return c
}

func axes(dims []int) ir.Axes {
	var a ir.Axes
	for _, d := range dims {
		a |= 1 << d
	}
	return a
}

func isWide(k plan.SlotKind) bool {
	return !slices.Contains([]plan.SlotKind{plan.RowSlot, plan.GroupSlot, plan.ColSlot, plan.SegColSlot}, k)
}

func (c *checker) errorf(v *ir.Value, format string, args ...any) {
	c.errs = append(c.errs, fmt.Sprintf("v%d (%s, line %d) %s", v.ID, v.Op, v.Line, fmt.Sprintf(format, args...)))
}

// run walks the stages: those that are linked follow one another for each
// segment, and what all rows enter is finished after the last of them.
func (c *checker) run() {
	var finished []*ir.Value
	for i, st := range c.k.Stages {
		if !st.Linked {
			c.finish(finished)
			finished = nil
			c.steps(st.Columns, plan.Col)
		}
		if st.Linked && (i == 0 || len(st.Columns) > 0) {
			c.errs = append(c.errs, fmt.Sprintf("stage %d follows a segment, but is the first or has column steps", i+1))
		}
		c.steps(st.Begin, plan.Seg)
		finished = append(finished, c.segment(st)...)
		finished = append(finished, c.sweep(i, st)...)
	}
	c.finish(finished)
	c.steps(c.k.Finish, plan.Col)
	c.outputs()
}

func (c *checker) finish(vals []*ir.Value) {
	for _, v := range vals {
		c.wide[v] = true
	}
}

// compute notes that a value below full rank is computed: once in a kernel, at
// the rank that its axes say.
func (c *checker) compute(v *ir.Value) {
	if c.once[v] || c.isGiven(v) {
		c.errorf(v, "is computed twice")
	}
	c.once[v] = true
	if got, want := c.k.Rank(v), c.rank(v); got != want && got != plan.Uniform {
		c.errorf(v, "has rank %d, its axes say %d", got, want)
	}
}

func (c *checker) rank(v *ir.Value) plan.Rank {
	switch r, cols := v.Axes&c.rows, v.Axes&c.cols; {
	case r == 0:
		return plan.Col
	case r == c.segs:
		return plan.Seg
	case cols == 0:
		return plan.Row
	case cols == c.cols:
		return plan.Full
	}
	return plan.Group
}

func (c *checker) isGiven(v *ir.Value) bool { _, ok := c.k.Given[v]; return ok }

// free reports whether a needs no array: a number of the pass, or what a layer
// or a tensor holds.
func (c *checker) free(a *ir.Value) bool { return c.k.Rank(a) == plan.Uniform || a.Op == ir.Load }

func (c *checker) overRows(v *ir.Value) bool { return v.Op.Reduces() && v.Over&c.rows != 0 }

// steps checks loops over columns or over what a segment has.
func (c *checker) steps(list []*plan.Step, r plan.Rank) {
	for _, st := range list {
		here := map[*ir.Value]bool{}
		for _, v := range st.Values {
			if c.k.Rank(v) != r || v.Axes&^c.rows != st.Shape {
				c.errorf(v, "is in a loop of another rank or shape")
			}
		}
		defs := c.k.Defs(st)
		for _, d := range defs {
			c.stepValue(d, here)
			here[d.Value] = true
		}
		for _, d := range defs { // only now whole
			for _, s := range d.To {
				c.narrow[d.Value], c.wide[d.Value] = c.narrow[d.Value] || !isWide(s.Kind), c.wide[d.Value] || isWide(s.Kind)
			}
		}
		for _, o := range st.Outs {
			if v := plan.Strip(o.Value); !here[v] && !c.inArray(v) && !c.free(v) {
				c.errorf(v, "is copied to output %s from nowhere", o.Name)
			}
			c.left[o.Name]++
		}
	}
}

// stepValue checks that a step can read or compute a value.
func (c *checker) stepValue(d plan.Def, here map[*ir.Value]bool) {
	v := d.Value
	if d.Finished() != (c.isGiven(v) || c.overRows(v)) {
		c.errorf(v, "is computed and finished already, or neither")
	}
	if d.Finished() {
		if !c.wide[v] {
			c.errorf(v, "is read before it is finished")
		}
		return
	}
	c.compute(v)
	for _, a := range v.Args {
		a = plan.Strip(a)
		if !c.free(a) && !c.inArray(a) && (v.Op.Reduces() || !here[a]) && v.Op != ir.Count {
			c.errorf(v, "needs v%d (%s), which the step does not have", a.ID, a.Op)
		}
	}
}

func (c *checker) inArray(v *ir.Value) bool { return c.wide[v] || c.narrow[v] }

// segment checks what follows the steps of a segment, and returns the reductions
// over segments.
func (c *checker) segment(st *plan.Stage) []*ir.Value {
	var out []*ir.Value
	for _, v := range slices.Concat(st.Sums, momentsOf(st.Moments)) {
		c.compute(v)
		c.fromArray(v, v.Args[0])
		c.mask(v)
		out = append(out, v)
	}
	for _, o := range st.Stores {
		c.fromArray(o.Value, o.Value)
		c.left[o.Leaf.Name]++
	}
	return out
}

// fromArray checks that a, which v is made of, is a whole array of a segment.
func (c *checker) fromArray(v, a *ir.Value) {
	if c.k.Rank(a) != plan.Seg {
		c.errorf(v, "is made of v%d, which is not the segment's", a.ID)
	}
	if a = plan.Strip(a); !c.free(a) && !c.inArray(a) {
		c.errorf(v, "needs v%d (%s), which is in no array", a.ID, a.Op)
	}
}

// lies reports whether a result is read where its value is added up or kept, by this
// kernel or before it, as it is: of moments that is the mean's array alone.
func lies(k *plan.Kernel, o plan.Output) bool {
	v := plan.Strip(o.Value)
	for _, kept := range []map[*ir.Value]plan.Slot{k.Slot, k.Given, k.Wide} {
		if s, ok := kept[v]; ok && s == o.Slot {
			return true
		}
	}
	s, ok := k.Sums[v]
	return ok && s == o.Slot && (s.Kind == plan.SumSlot || v.Op == ir.MomentMean)
}

// outputs checks that every result is left once, where the kernel says.
func (c *checker) outputs() {
	rest := c.k.Outs
	for _, o := range c.k.Func.Outs {
		v, r := plan.Strip(o.Value), c.k.Rank(o.Value)
		tensor := r == plan.Full || r == plan.Seg && o.Kind != ir.StatOut
		there := false
		if !tensor {
			if len(rest) == 0 || rest[0].Name != o.Name || rest[0].Slot.Kind == plan.NoSlot {
				c.errorf(v, "output %s has no array", o.Name)
				return
			}
			there = lies(c.k, rest[0])
			rest = rest[1:]
		}
		name := o.Name
		if tensor {
			name = o.Leaf.Name
		}
		switch {
		case r == plan.Row || r == plan.Group:
			there = c.narrow[v]
		case there:
			there = c.wide[v] && c.left[name] == 0
		default:
			there = c.left[name] == 1
		}
		if !there {
			c.errorf(v, "output %s is left %d times", name, c.left[name])
		}
	}
	if len(rest) > 0 {
		c.errs = append(c.errs, fmt.Sprintf("%d outputs too many", len(rest)))
	}
}
