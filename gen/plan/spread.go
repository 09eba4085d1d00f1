package plan

import "github.com/normgen/normgen/gen/ir"

// spread rewrites loops over elements that read a value of groups of columns, the
// same for all rows of the batch or of a segment: a step copies it to all columns
// first, where the loops read arrays of columns anyway. So one loop takes the whole
// row, however small the groups are.
func (s *space) spread(f *ir.Func) *ir.Func {
	if !s.readsColumns(f) {
		return f
	}
	g := &ir.Func{Name: f.Name}
	m, copies := make(map[*ir.Value]*ir.Value, len(f.Values)), map[*ir.Value]*ir.Value{}
	for _, v := range f.Values {
		c := *v
		c.Args = nil
		for _, a := range v.Args {
			a := m[a]
			if src := Strip(a); s.inLoop(v) && s.grouped(src) {
				if copies[src] == nil {
					copies[src] = s.copied(g, src)
				}
				a = g.Widen(copies[src], v.Axes)
			}
			c.Args = append(c.Args, a)
		}
		m[v] = g.New(c)
	}
	for _, o := range f.Outs {
		o.Value = m[o.Value]
		g.Outs = append(g.Outs, o)
	}
	return g
}

// copied is v for all columns. A number is copied by a product with 1, which is exact.
func (s *space) copied(g *ir.Func, v *ir.Value) *ir.Value {
	all := g.Widen(v, v.Axes|s.cols)
	var out *ir.Value
	if ir.Ops[v.Op].Cond {
		out = g.Apply(ir.And, all, all)
	} else {
		out = g.Mul(all, g.Widen(g.Const(1), all.Axes))
	}
	out.Line = v.Line
	return out
}

// inLoop reports whether v is computed element by element.
func (s *space) inLoop(v *ir.Value) bool {
	return v.Axes == s.rows|s.cols && v.Op != ir.Widen && !v.Op.Reduces()
}

// grouped reports whether v varies over a part of the columns and not over all rows.
func (s *space) grouped(v *ir.Value) bool {
	return v.Axes&s.cols != 0 && !v.Axes.Has(s.cols) && !v.Axes.Has(s.rows)
}

// readsColumns reports whether a loop of f reads an array of all columns.
func (s *space) readsColumns(f *ir.Func) bool {
	for _, v := range f.Values {
		if !s.inLoop(v) {
			continue
		}
		for _, a := range v.Args {
			if a = Strip(a); a.Axes.Has(s.cols) && !a.Axes.Has(s.rows) {
				return true
			}
		}
	}
	return false
}

// present gives each index of a statistic, or of what has a row for each segment, a value
// of its own where one is the same for several, such as the mean of what was centred, or
// the largest of equals: what leaves lies in an array of its own shape. Whole tensors are
// stored element by element.
func (s *space) present(f *ir.Func) *ir.Func {
	for i, o := range f.Outs {
		ofSegments := o.Leaf != nil && o.Leaf.Axes()&s.rows == s.segs && s.segs != 0
		if (o.Kind == ir.StatOut || ofSegments) && Strip(o.Value).Axes != o.Value.Axes {
			f.Outs[i].Value = f.Mul(o.Value, f.Widen(f.Const(1), o.Value.Axes))
		}
	}
	return f
}
