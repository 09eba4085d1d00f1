package normtest

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// Fills are the numbers that bits are compared on: easy ones, means far from
// zero, outliers that trip the guards, constants, and a wide range of scales.
var Fills = map[string]func(r *rand.Rand, i int) float64{
	"randn":   func(r *rand.Rand, i int) float64 { return r.NormFloat64() },
	"offset":  func(r *rand.Rand, i int) float64 { return 1e4 + r.NormFloat64() },
	"outlier": func(r *rand.Rand, i int) float64 { return math.Exp(12*float64(1/(1+i%97))) * r.NormFloat64() },
	"const":   func(r *rand.Rand, i int) float64 { return 0.1 },
	"scales":  func(r *rand.Rand, i int) float64 { return r.NormFloat64() * math.Exp2(20*r.Float64()-10) },
}

// Filled are n numbers of one of the [Fills], rounded to float32.
func Filled[T runtime.Float](r *rand.Rand, fill string, n int) []T {
	return drawn[T](r, Fills[fill], n)
}

func drawn[T runtime.Float](r *rand.Rand, fill func(r *rand.Rand, i int) float64, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = T(float32(fill(r, i)))
	}
	return out
}

// A Sample is what one step is given. Cotangents go by the output they belong to.
type Sample[T runtime.Float] struct {
	Sizes  []int // of the layer's axes
	Tensor map[*ir.Leaf][]T
	Keep   []bool // by row, for every mask; nil keeps all
}

// NewSample fills the inputs with one kind of numbers and the cotangents with
// normal ones.
func NewSample[T runtime.Float](u *plan.Unit, g *rand.Rand, sizes []int, fill string, keep []bool) Sample[T] {
	return newSample[T](u, g, sizes, Fills[fill], keep)
}

func newSample[T runtime.Float](u *plan.Unit, g *rand.Rand, sizes []int, fill func(r *rand.Rand, i int) float64, keep []bool) Sample[T] {
	b := Sample[T]{Sizes: sizes, Tensor: map[*ir.Leaf][]T{}}
	for _, l := range u.Layer.Inputs {
		b.Tensor[l] = drawn[T](g, fill, Along(l.Dims, sizes))
	}
	for _, l := range u.Layer.Outputs {
		b.Tensor[l] = Filled[T](g, "randn", Along(l.Dims, sizes))
	}
	if len(u.Layer.Masks) > 0 {
		b.Keep = keep
	}
	return b
}

// Mask is the sample's mask in the order that leaf m declares.
func (b Sample[T]) Mask(u *plan.Unit, m *ir.Leaf) []bool {
	if b.Keep == nil {
		return nil
	}
	out := make([]bool, Along(m.Dims, b.Sizes))
	at := make([]int, len(b.Sizes))
	for row, k := range b.Keep {
		for _, d := range slices.Backward(u.Rows) {
			at[d], row = row%b.Sizes[d], row/b.Sizes[d]
		}
		i := 0
		for _, d := range m.Dims {
			i = i*b.Sizes[d] + at[d]
		}
		out[i] = k
	}
	return out
}

// Slice is the part of the sample from lo to hi along the outermost axis.
func (b Sample[T]) Slice(u *plan.Unit, lo, hi int) Sample[T] {
	outer, n := u.Rows[0], b.Sizes[u.Rows[0]]
	out := Sample[T]{Sizes: slices.Clone(b.Sizes), Tensor: map[*ir.Leaf][]T{}}
	out.Sizes[outer] = hi - lo
	part := func(all int) (from, to int) { return all / max(n, 1) * lo, all / max(n, 1) * hi }
	for l, x := range b.Tensor {
		from, to := part(len(x))
		out.Tensor[l] = x[from:to]
	}
	if b.Keep != nil {
		from, to := part(len(b.Keep))
		out.Keep = b.Keep[from:to]
	}
	return out
}

// Pick is the sample of those positions along the outermost axis, in that order.
func (b Sample[T]) Pick(u *plan.Unit, at []int) Sample[T] {
	out := Sample[T]{Sizes: slices.Clone(b.Sizes), Tensor: map[*ir.Leaf][]T{}}
	out.Sizes[u.Rows[0]] = len(at)
	for l, x := range b.Tensor {
		out.Tensor[l] = Picked(x, b.Sizes[u.Rows[0]], at)
	}
	if b.Keep != nil {
		out.Keep = Picked(b.Keep, b.Sizes[u.Rows[0]], at)
	}
	return out
}

// Picked are those of the n equal parts of x, in that order.
func Picked[E any](x []E, n int, at []int) []E {
	part := len(x) / max(n, 1)
	var out []E
	for _, i := range at {
		out = append(out, x[i*part:(i+1)*part]...)
	}
	return out
}

// Masks are masks over rows, by what they keep: all, some, holes of whole blocks,
// nothing.
func Masks(rows int) map[string][]bool {
	r := rand.New(rand.NewPCG(3, uint64(rows)))
	random, holes := make([]bool, rows), make([]bool, rows)
	for i := range rows {
		random[i] = r.IntN(3) > 0
		holes[i] = i/32%3 == 1 && r.IntN(4) > 0
	}
	return map[string][]bool{"all": nil, "random": random, "holes": holes, "nothing": make([]bool, rows)}
}

// Kept is the number of rows that a mask keeps.
func Kept(keep []bool) int {
	n := 0
	for _, k := range keep {
		if k {
			n++
		}
	}
	return n
}

// Randomize makes the parameters differ from each other.
func (r *Rig[T]) Randomize() *Rig[T] {
	g := rand.New(rand.NewPCG(7, uint64(r.Cols())))
	for _, p := range r.Params() {
		for j := range p.Data {
			p.Data[j] = T(float32(1 + 0.5*g.NormFloat64()))
		}
	}
	return r
}
