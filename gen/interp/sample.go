package interp

import (
	"math/rand/v2"

	"github.com/normgen/normgen/gen/ir"
)

// Sample returns an environment with a random value for every leaf that fs
// load: a function of the seed alone. Knobs have their defaults, states with a
// bound are above it, and about two in three elements of a mask hold.
func Sample(seed uint64, sizes []int, fs ...*ir.Func) Env {
	r := rand.New(rand.NewPCG(seed, 1))
	e := Env{Sizes: sizes, Leaves: map[*ir.Leaf][]float64{}, Step: 1}
	for _, f := range fs {
		for _, v := range f.Values {
			if v.Op == ir.Load && e.Leaves[v.Leaf] == nil {
				e.Leaves[v.Leaf] = sample(r, v.Leaf, sizes)
			}
		}
	}
	return e
}

func sample(r *rand.Rand, l *ir.Leaf, sizes []int) []float64 {
	x := make([]float64, l.Elements(sizes))
	for i := range x {
		x[i] = draw(r, l)
		if l.Kind == ir.MaskLeaf && i < 3 {
			x[i] = 1 // a statistic of one element has no useful derivative
		}
	}
	return x
}

func draw(r *rand.Rand, l *ir.Leaf) float64 {
	switch {
	case l.Kind == ir.KnobLeaf:
		return l.Init
	case l.Kind == ir.MaskLeaf:
		return float64(min(1, r.IntN(3)))
	case l.Kind == ir.StatLeaf: // most are means of squares
		return r.Float64()
	case l.Kind == ir.CountLeaf:
		return float64(2 + r.IntN(50))
	case l.Min != nil:
		return *l.Min + 0.2 + r.Float64()
	}
	return r.NormFloat64()
}

// Sizes gives each axis of l a small size, different for different seeds.
func Sizes(l *ir.Layer, seed uint64) []int {
	r := rand.New(rand.NewPCG(seed, 2))
	out := make([]int, len(l.Axes))
	for i, a := range l.Axes {
		out[i] = 4 + r.IntN(3)
		if a.Size > 0 {
			out[i] = a.Size
		}
		for _, k := range l.Knobs {
			if k.Name == a.Knob && a.Size == 0 {
				out[i] = max(1, int(k.Default))
			}
		}
	}
	return out
}
