package diff

import (
	"fmt"
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// A group is an axis as declared: a product with its factors, or one axis.
type group struct {
	axes     []int
	variadic bool
}

// groups are the declared axes of dims, without those that blocks have already.
func (s *side) groups(dims []int) []group {
	return slices.DeleteFunc(s.groupsOf(dims), func(g group) bool {
		return slices.ContainsFunc(s.blocks, func(b []int) bool { return slices.Contains(b, g.axes[0]) })
	})
}

func (s *side) groupsOf(dims []int) []group {
	dims = s.named(dims)
	var out []group
	for i := 0; i < len(dims); {
		g := group{axes: dims[i : i+1], variadic: s.layer.Axes[dims[i]].Variadic}
		for _, p := range s.layer.Products {
			if n := len(p.Factors); i+n <= len(dims) && slices.Equal(dims[i:i+n], p.Factors) {
				g = group{axes: p.Factors}
			}
		}
		i += len(g.axes)
		out = append(out, g)
	}
	return out
}

// align makes blocks of those axes of a pair that have none: one by one from
// both ends, what is left in the middle together if a variadic axis is there.
func (p *pairing) align(of pair) error {
	a, b := p.a.groups(of.a.Dims), p.b.groups(of.b.Dims)
	single := func(i, j int) bool { return !a[i].variadic && !b[j].variadic }
	var front, back [][2]group
	for len(a) > 0 && len(b) > 0 && single(len(a)-1, len(b)-1) {
		back = append(back, [2]group{a[len(a)-1], b[len(b)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	for len(a) > 0 && len(b) > 0 && single(0, 0) {
		front = append(front, [2]group{a[0], b[0]})
		a, b = a[1:], b[1:]
	}
	if !foldable(a, b) {
		return fmt.Errorf("%s and %s have different axes: %s in a, %s in b", of.a.Name, of.b.Name, p.a.dims(of.a), p.b.dims(of.b))
	}
	for _, g := range front {
		p.block(g[0].axes, g[1].axes)
	}
	if len(a)+len(b) > 0 {
		p.block(joined(a), joined(b))
	}
	for _, g := range slices.Backward(back) {
		p.block(g[0].axes, g[1].axes)
	}
	return nil
}

// foldable reports whether a and b can be one run of elements: there are none,
// or a variadic axis on one side stands for what the other has, be it nothing.
func foldable(a, b []group) bool {
	variadic := func(g group) bool { return g.variadic }
	return len(a)+len(b) == 0 || slices.ContainsFunc(a, variadic) && len(a) == 1 || slices.ContainsFunc(b, variadic) && len(b) == 1 ||
		slices.ContainsFunc(a, variadic) && slices.ContainsFunc(b, variadic)
}

func joined(gs []group) []int {
	var out []int
	for _, g := range gs {
		out = append(out, g.axes...)
	}
	return out
}

// block adds a block, or one for each axis where both sides split it alike.
func (p *pairing) block(a, b []int) {
	alike := len(a) == len(b)
	for i := range a {
		alike = alike && p.a.fixed(a[i]) == p.b.fixed(b[i])
	}
	if !alike {
		p.a.blocks, p.b.blocks = append(p.a.blocks, a), append(p.b.blocks, b)
		return
	}
	for i := range a {
		p.a.blocks, p.b.blocks = append(p.a.blocks, a[i:i+1]), append(p.b.blocks, b[i:i+1])
	}
}

// dims writes the axes of a leaf as declared.
func (s *side) dims(l *ir.Leaf) string {
	out := "["
	for i, d := range s.named(l.Dims) {
		if i > 0 {
			out += ", "
		}
		out += s.layer.Axes[d].Name
		if s.layer.Axes[d].Variadic {
			out += "..."
		}
	}
	return out + "]"
}
