package gen

import (
	"fmt"
	"slices"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// stat lowers a named reduction and exposes it.
func (b *builder) stat(e *dsl.Equation) {
	v := b.named(b.expr(e.X), e.Symbol.Name)
	b.sym[e.Symbol] = v
	b.lets[e.Symbol] = e.X
	b.stats[e.Symbol] = b.expose(e.Symbol.Name, v)
}

// anonymous exposes a reduction written inside an update, under a name made of
// the state's, the reduction's and a number.
func (b *builder) anonymous(e *dsl.Reduce, u *ir.Update) *ir.Stat {
	v := b.reduce(e)
	name := fmt.Sprintf("%s_%s%d", u.State.Name, reductions[e.Fn], 1+len(u.Stats))
	return b.expose(name, b.named(v, name))
}

// expose makes v, a reduction of this pass, a statistic of the mode.
func (b *builder) expose(name string, v *ir.Value) *ir.Stat {
	s := &ir.Stat{Name: name, Phase: b.phase, Axes: v.Axes, Value: v}
	if v.Op.Reduces() {
		s.Over = v.Over
		if m := v.Mask(); m != nil {
			s.Mask = m.Leaf
		}
		b.merge(s)
	}
	b.mode.Stats = append(b.mode.Stats, s)
	b.outs = append(b.outs, ir.Out{Kind: ir.StatOut, Name: name, Value: v})
	return s
}

// merge decides how s of several passes is combined. A mean of values that
// know nothing of the other elements of the batch is weighted by count; a
// variance is merged around its mean. Nothing else that depends on a
// reduction over the batch can be merged.
func (b *builder) merge(s *ir.Stat) {
	v := s.Value
	if m := v.Mask(); m != nil && m.Leaf == nil {
		return
	}
	if s.Mean = b.centre(v); s.Mean != nil {
		s.Merge = ir.MergeVar
		return
	}
	rows := b.layer.Inputs[0].Axes() &^ plan.Columns(b.layer)
	if crosses(v.Args[0], s.Over, rows, map[*ir.Value]bool{}) {
		return
	}
	switch v.Op {
	case ir.Mean:
		s.Merge = ir.MergeMean
	case ir.Sum:
		s.Merge = ir.MergeSum
	case ir.MaxOf:
		s.Merge = ir.MergeMax
	}
}

// crosses reports whether v depends on a reduction over any of the axes over, or
// one that leaves nothing of the rows: one of a segment stays within one pass.
// It looks once at each value: as a tree, v may be exponentially large.
func crosses(v *ir.Value, over, rows ir.Axes, seen map[*ir.Value]bool) bool {
	if seen[v] {
		return false
	}
	seen[v] = true
	if v.Op.Reduces() && (v.Over&over != 0 || v.Over&rows != 0 && v.Axes&rows == 0) {
		return true
	}
	return slices.ContainsFunc(v.Args, func(a *ir.Value) bool { return crosses(a, over, rows, seen) })
}

// centre returns the mean that v is the variance around: v is the mean of the
// square of e - mean, and the mean is a statistic of e over the same domain.
func (b *builder) centre(v *ir.Value) *ir.Stat {
	if v.Op != ir.Mean {
		return nil
	}
	d := squared(v.Args[0])
	if d == nil || d.Op != ir.Sub || d.Args[1].Op != ir.Widen {
		return nil
	}
	m := d.Args[1].Args[0]
	if m.Op != ir.Mean || m.Args[0] != d.Args[0] || m.Over != v.Over || m.Mask() != v.Mask() {
		return nil
	}
	for _, s := range b.mode.Stats {
		if s.Value == m && s.Merge == ir.MergeMean {
			return s
		}
	}
	return nil
}

// squared returns d where v is d^2 or d*d, else nil.
func squared(v *ir.Value) *ir.Value {
	switch {
	case v.Op == ir.Mul && v.Args[0] == v.Args[1]:
		return v.Args[0]
	case v.Op == ir.Pow:
		p := v.Args[1]
		if p.Op == ir.Widen {
			p = p.Args[0]
		}
		if p.Op == ir.Const && p.F == 2 {
			return v.Args[0]
		}
	}
	return nil
}

// updateOf lowers an update into a function of its own.
func (b *builder) updateOf(e *dsl.Equation) {
	u := &ir.Update{State: b.leaf[e.Symbol], Phase: b.phase}
	c := newBuilder(b.lowering, b.mode, b.phase)
	c.update, c.parent = u, b
	c.f.Name = fmt.Sprintf("%s.%s.update.%s", b.layer.Name, b.mode.Name, e.Symbol.Name)
	x := c.expr(e.X)
	if unit := x.Axes &^ u.State.Axes(); unit != 0 { // the row that unitRow added
		x = c.f.Sum(x, unit, nil)
	}
	v := c.f.Widen(x, u.State.Axes())
	c.f.Out(ir.StateOut, e.Symbol.Name, v, u.State)
	for _, w := range c.f.Values {
		w.Line = e.Pos.Line
	}
	u.Func = c.f
	b.mode.Updates = append(b.mode.Updates, u)
}

// updateRef is a name in an update: a state, a knob, a statistic, or a let
// over these, which is lowered anew.
func (b *builder) updateRef(s *dsl.Symbol) *ir.Value {
	if v := b.sym[s]; v != nil {
		return v
	}
	var v *ir.Value
	if t := b.parent.stats[s]; t != nil {
		v = b.statLeaf(t)
	} else if x, ok := b.parent.lets[s]; ok {
		v = b.named(b.expr(x), s.Name)
	} else {
		return b.ref(s)
	}
	b.sym[s] = v
	return v
}

func (b *builder) statLeaf(s *ir.Stat) *ir.Value {
	if !slices.Contains(b.update.Stats, s) {
		b.update.Stats = append(b.update.Stats, s)
	}
	return b.f.Load(&ir.Leaf{Kind: ir.StatLeaf, Name: s.Name, Dims: dims(s.Axes)})
}

// countLeaf is the merged count of the statistic that v loads.
func (b *builder) countLeaf(v *ir.Value) *ir.Value {
	for _, s := range b.update.Stats {
		if v.Op == ir.Load && v.Leaf.Kind == ir.StatLeaf && v.Leaf.Name == s.Name {
			var axes ir.Axes
			if s.Mask != nil {
				axes = s.Mask.Axes() &^ s.Over
			}
			return b.f.Load(&ir.Leaf{Kind: ir.CountLeaf, Name: s.Name, Dims: dims(axes)})
		}
	}
	panic("gen: unbiased of something that is not a statistic")
}

// dims lists axes in ascending order.
func dims(a ir.Axes) []int {
	var out []int
	for i := 0; a>>i != 0; i++ {
		if a>>i&1 == 1 {
			out = append(out, i)
		}
	}
	return out
}
