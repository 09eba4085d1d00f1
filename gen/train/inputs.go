package train

import (
	"math/rand/v2"

	"github.com/normgen/normgen/gen/ir"
)

// A Family is a kind of data to train on.
type Family struct {
	Name  string
	fill  func(s *Source, b *Batch)
	masks bool // some elements are padding
}

// Families are the kinds of data, from tame to hard.
var Families = []Family{
	{Name: "normal", fill: (*Source).normal},
	{Name: "text", fill: (*Source).text, masks: true},
	{Name: "hard", fill: (*Source).hard},
}

// A Source draws the batches of a run: a function of its seed alone. A column
// is a position along the axes that parameters and states share with the
// input, or else along its innermost axis; a row, a token, is one along the
// other axes.
type Source struct {
	layer  *ir.Layer
	sizes  []int
	family Family
	rand   *rand.Rand
	words  []word
}

// NewSource returns a source of batches with axes of the given sizes.
func NewSource(l *ir.Layer, sizes []int, f Family, seed uint64) *Source {
	return &Source{layer: l, sizes: sizes, family: f, rand: rand.New(rand.NewPCG(seed, 3))}
}

// Next draws a batch.
func (s *Source) Next() Batch {
	b := Batch{Sizes: s.sizes}
	for _, x := range s.layer.Inputs {
		b.Inputs = append(b.Inputs, make([]float64, x.Elements(s.sizes)))
	}
	for _, y := range s.layer.Outputs {
		b.Cotangents = append(b.Cotangents, s.gaussian(y.Elements(s.sizes)))
	}
	if s.family.masks {
		b.Masks = s.Padding()
	}
	s.family.fill(s, &b)
	return b
}

func (s *Source) gaussian(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = s.rand.NormFloat64()
	}
	return x
}

func (s *Source) normal(b *Batch) {
	for i := range b.Inputs {
		b.Inputs[i] = s.gaussian(len(b.Inputs[i]))
	}
}

// hard gives every column an offset of ten spreads, but the first is an outlier
// of a hundred spreads and each fourth hardly varies.
func (s *Source) hard(b *Batch) {
	for k, x := range s.layer.Inputs {
		columns := s.columns(x)
		Each(x.Dims, s.sizes, func(i int, at []int) {
			switch v, c := s.rand.NormFloat64(), Position(at, columns, s.sizes); {
			case c == 0:
				b.Inputs[k][i] = 100 * v
			case c%4 == 3:
				b.Inputs[k][i] = 10 + 1e-3*v
			default:
				b.Inputs[k][i] = 10 + v
			}
		})
	}
}

// columns are the dims of x that make a column, rows the others.
func (s *Source) columns(x *ir.Leaf) []int {
	var shared ir.Axes
	for _, l := range append(append([]*ir.Leaf{}, s.layer.Params...), s.layer.States...) {
		shared |= l.Axes()
	}
	if x.Axes()&shared == 0 && len(x.Dims) > 0 {
		return x.Dims[len(x.Dims)-1:]
	}
	return only(x.Dims, shared)
}

func (s *Source) rows(x *ir.Leaf) []int {
	var columns ir.Axes
	for _, d := range s.columns(x) {
		columns |= 1 << d
	}
	return only(x.Dims, ^columns)
}

func only(dims []int, axes ir.Axes) []int {
	var out []int
	for _, d := range dims {
		if axes.Has(1 << d) {
			out = append(out, d)
		}
	}
	return out
}
