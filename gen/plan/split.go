package plan

import "github.com/normgen/normgen/gen/ir"

// split rewrites each reduction over rows and columns at once as one over the
// columns of a row and one over rows, in the order that suits the layout:
// inside the row first where what is left of it are groups of neighbours, else
// over the rows first. Moments are pooled: all parts have as many elements.
func (s *space) split(f *ir.Func) *ir.Func {
	p := splitter{space: s, f: &ir.Func{Name: f.Name}, made: map[splitKey]*ir.Value{}}
	m := make(map[*ir.Value]*ir.Value, len(f.Values))
	for _, v := range f.Values {
		c := *v
		c.Args = nil
		for _, a := range v.Args {
			c.Args = append(c.Args, m[a])
		}
		start := len(p.f.Values)
		if v.Op.Reduces() && v.Over&s.rows != 0 && v.Over&s.cols != 0 {
			m[v] = p.reduce(c)
			m[v].Name = v.Name
		} else {
			m[v] = p.f.New(c)
		}
		for _, w := range p.f.Values[start:] {
			w.Line = v.Line
		}
	}
	for _, o := range f.Outs {
		o.Value = m[o.Value]
		p.f.Outs = append(p.f.Outs, o)
	}
	return p.f
}

type splitter struct {
	*space
	f    *ir.Func
	made map[splitKey]*ir.Value
}

type splitKey struct {
	op      ir.Op
	x, mask *ir.Value
	over    ir.Axes
}

// An operand of a reduction: what is reduced over which axes, under which mask.
type domain struct {
	over ir.Axes
	mask *ir.Value
}

func (p *splitter) reduce(v ir.Value) *ir.Value {
	x := v.Args[0]
	inner, outer := domain{v.Over & p.cols, nil}, domain{v.Over & p.rows, v.Mask()}
	if !p.rowFirst(x.Axes, v.Over) {
		inner, outer = outer, inner
	}
	if !isMoment(&v) {
		return p.apply(v.Op, p.apply(v.Op, x, inner), outer)
	}
	mean := p.apply(ir.MomentMean, x, inner)
	if v.Op != ir.MomentSS {
		return p.apply(v.Op, mean, outer)
	}
	within := p.apply(ir.Sum, p.apply(ir.MomentSS, x, inner), outer)
	between := p.apply(ir.MomentSS, mean, outer)
	return p.f.Add(within, p.f.Mul(between, p.f.Count(inner.over, inner.mask)))
}

// rowFirst reports whether a reduction over some rows and columns starts in the
// row: what it keeps of the columns are groups, and the rows are not segmented,
// where columns are reduced for each segment anyway.
func (p *splitter) rowFirst(axes, over ir.Axes) bool {
	if axes&p.rows != p.rows {
		return true // the value of a segment
	}
	return p.segs == 0 && p.leads(axes&p.cols&^over, p.cols)
}

// apply appends a reduction, once.
func (p *splitter) apply(op ir.Op, x *ir.Value, d domain) *ir.Value {
	k := splitKey{op, x, d.mask, d.over}
	if p.made[k] == nil {
		p.made[k] = p.f.Reduce(op, x, d.over, d.mask)
	}
	return p.made[k]
}
