package diff

import (
	"fmt"
	"math"
	"slices"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// A side is one of the two norms. Its blocks are the axes that the other side
// may split in another way: block i of both is the same run of elements.
type side struct {
	name   string // a or b
	layer  *ir.Layer
	knobs  map[string]float64
	blocks [][]int
}

func newSide(name string, n Norm) (*side, error) {
	s := &side{name: name, layer: n.Layer, knobs: map[string]float64{}}
	for _, k := range n.Layer.Knobs {
		s.knobs[k.Name] = k.Default
	}
	for name, v := range n.Set {
		if err := s.set(name, v); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *side) set(name string, v float64) error {
	for _, k := range s.layer.Knobs {
		if k.Name == name && k.Fixed {
			return fmt.Errorf("knob %s of %s is fixed by its gen item", name, s.layer.Name)
		}
		if k.Name == name && s.steersAxis(name) && (v < 1 || v != math.Floor(v)) {
			return fmt.Errorf("knob %s of %s is the size of an axis: %g is no whole number from 1 on", name, s.layer.Name, v)
		}
		if k.Name == name {
			s.knobs[name] = v
			return nil
		}
	}
	return fmt.Errorf("%s has no knob %s", s.layer.Name, name)
}

// fixed is the size of an axis that has one, by itself or by a knob; else 0.
func (s *side) fixed(axis int) int {
	a := s.layer.Axes[axis]
	if a.Size > 0 || a.Knob == "" {
		return a.Size
	}
	return max(1, int(s.knobs[a.Knob]))
}

// steersAxis reports whether the size of an axis is a knob's value.
func (s *side) steersAxis(knob string) bool {
	return slices.ContainsFunc(s.layer.Axes, func(a ir.Axis) bool { return a.Knob == knob })
}

// in lists the blocks whose axes are all among dims, and reports whether that
// is all of dims.
func (s *side) in(dims []int) (blocks []int, whole bool) {
	n := 0
	for i, b := range s.blocks {
		if len(b) > 0 && !slices.ContainsFunc(b, func(axis int) bool { return !slices.Contains(dims, axis) }) {
			blocks = append(blocks, i)
			n += len(b)
		}
	}
	return blocks, n == len(s.named(dims))
}

// named is dims without the row that a layer of columns has and its spec does not.
func (s *side) named(dims []int) []int {
	return slices.DeleteFunc(slices.Clone(dims), func(d int) bool { return s.layer.Axes[d] == ir.UnitRow })
}

// ordered lists the axes of dims block by block: the order that both sides share.
func (s *side) ordered(dims []int) []int {
	var out []int
	blocks, _ := s.in(dims)
	for _, i := range blocks {
		out = append(out, s.blocks[i]...)
	}
	return out
}

// A pair is a leaf of a and its counterpart in b.
type pair struct{ a, b *ir.Leaf }

// toB lays out x, a value of the pair's leaf of a, as that of b.
func (p *pairing) toB(x []float64, of pair, n sizes) []float64 {
	shared := interp.Permute(x, of.a.Dims, p.a.ordered(of.a.Dims), n.a)
	return interp.Permute(shared, p.b.ordered(of.b.Dims), of.b.Dims, n.b)
}

// toA is the inverse of toB.
func (p *pairing) toA(x []float64, of pair, n sizes) []float64 {
	shared := interp.Permute(x, of.b.Dims, p.b.ordered(of.b.Dims), n.b)
	return interp.Permute(shared, p.a.ordered(of.a.Dims), of.a.Dims, n.a)
}
