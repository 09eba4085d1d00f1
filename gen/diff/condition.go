package diff

import (
	"fmt"
	"math"
	"slices"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
)

// A condition narrows the input to where two norms may agree. What a norm
// subtracts or divides by is a reduction, so the conditions are that what a
// spec reduces, of the first input, has mean 0, or mean square some t.
type condition struct {
	side   *side
	over   ir.Axes
	square bool
	t      float64
}

func (c *condition) String() string {
	if c == nil {
		return ""
	}
	domain := ""
	for i, a := range c.side.layer.Axes {
		if c.over.Has(1 << i) {
			if domain != "" {
				domain += ", "
			}
			domain += a.Name
		}
	}
	x := c.side.layer.Inputs[0].Name
	if c.square {
		return fmt.Sprintf("mean<%s>(%s^2) = %.6g", domain, x, c.t)
	}
	return fmt.Sprintf("mean<%s>(%s) = 0", domain, x)
}

// conditions lists those that the forwards of both norms suggest.
func (p *pairing) conditions() []*condition {
	var out []*condition
	var seen [][]int
	for _, s := range []*side{p.a, p.b} {
		x := s.layer.Inputs[0]
		for _, over := range reduced(s.layer) {
			blocks, whole := s.in(axesOf(over))
			if !x.Axes().Has(over) || whole && slices.ContainsFunc(seen, func(b []int) bool { return slices.Equal(b, blocks) }) {
				continue
			}
			if whole {
				seen = append(seen, blocks)
			}
			out = append(out, &condition{s, over, false, 0}, &condition{s, over, true, 1})
		}
	}
	return out
}

// reduced are the domains of the reductions in forwards.
func reduced(l *ir.Layer) []ir.Axes {
	var out []ir.Axes
	for _, m := range l.Modes {
		for _, v := range m.Forward.Values {
			if v.Op.Reduces() && !slices.Contains(out, v.Over) {
				out = append(out, v.Over)
			}
		}
	}
	return out
}

func axesOf(a ir.Axes) []int {
	var out []int
	for i := 0; a>>i != 0; i++ {
		if a>>i&1 == 1 {
			out = append(out, i)
		}
	}
	return out
}

// impose changes the first input of a batch of a so that c holds over what the
// masks keep, or over all where they keep nothing.
func (p *pairing) impose(c *condition, b *train.Batch, n sizes) {
	if c == nil {
		return
	}
	of := p.firstInput(c.side)
	i := index(p.a.layer.Inputs, of.a)
	leaf, size, masks := of.a, n.a, b.Masks
	x := b.Inputs[i]
	if c.side == p.b {
		leaf, size, masks = of.b, n.b, p.forB(*b, n).Masks
		x = p.toB(x, of, n)
	}
	x = c.impose(x, leaf, size, masks)
	if c.side == p.b {
		x = p.toA(x, of, n)
	}
	b.Inputs[i] = x
}

func (p *pairing) firstInput(s *side) pair {
	i := slices.IndexFunc(p.inputs, func(of pair) bool { return of.a == s.layer.Inputs[0] || of.b == s.layer.Inputs[0] })
	return p.inputs[i]
}

func (c *condition) impose(x []float64, leaf *ir.Leaf, n []int, masks [][]float64) []float64 {
	rest := slices.DeleteFunc(slices.Clone(leaf.Dims), func(d int) bool { return c.over.Has(1 << d) })
	kept, all := averages{}, averages{}
	train.Each(leaf.Dims, n, func(i int, at []int) {
		v, group := x[i], train.Position(at, rest, n)
		if c.square {
			v *= v
		}
		all.add(group, v)
		if c.keeps(masks, at, n) {
			kept.add(group, v)
		}
	})
	out := slices.Clone(x)
	train.Each(leaf.Dims, n, func(i int, at []int) {
		group := train.Position(at, rest, n)
		m, ok := kept[group]
		if !ok {
			m = all[group]
		}
		switch {
		case !c.square:
			out[i] -= m.mean()
		case m.sum > 0:
			out[i] *= math.Sqrt(c.t / m.mean())
		default:
			out[i] = math.Sqrt(c.t)
		}
	})
	return out
}

func (c *condition) keeps(masks [][]float64, at, n []int) bool {
	for k, m := range c.side.layer.Masks {
		if masks != nil && masks[k] != nil && masks[k][train.Position(at, m.Dims, n)] == 0 {
			return false
		}
	}
	return true
}

type average struct{ sum, n float64 }

func (a average) mean() float64 { return a.sum / a.n }

type averages map[int]average

func (a averages) add(group int, v float64) {
	a[group] = average{a[group].sum + v, a[group].n + 1}
}
