package generated_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// A rig is a generated layer on the test bench: with its plan, so that any layer
// can be driven without knowing its methods.
type rig[T runtime.Float] struct {
	made[T]
	unit  *plan.Unit
	knobs map[string]float64 // of all, by name
}

// shortKnobs are the steps at which layers change what they do, brought to where
// tests of a few steps see both sides.
var shortKnobs = map[string]float64{"W": 2, "T": 6, "start": 1, "rend": 4, "dend": 3}

// newRig makes a layer whose columns have the sizes of sizes.
func newRig[T runtime.Float](t testing.TB, name string, sizes []int) *rig[T] {
	t.Helper()
	u := planned(t)[name]
	given, all := map[string]float64{}, map[string]float64{}
	for _, k := range u.Layer.Knobs {
		all[k.Name] = k.Default
		if v, ok := shortKnobs[k.Name]; ok {
			given[k.Name], all[k.Name] = v, v
		}
	}
	for i, a := range u.Layer.Axes {
		if a.Knob != "" {
			given[a.Knob], all[a.Knob] = float64(sizes[i]), float64(sizes[i])
		}
	}
	l, err := construct[T](u.Layer, namedSizes(u.Layer, sizes), given)
	if err != nil {
		t.Fatal(err)
	}
	return &rig[T]{l, u, all}
}

// randomize makes the parameters differ from each other.
func (r *rig[T]) randomize() *rig[T] {
	g := rand.New(rand.NewPCG(7, uint64(r.Cols())))
	for _, p := range r.Params() {
		for j := range p.Data {
			p.Data[j] = T(float32(1 + 0.5*g.NormFloat64()))
		}
	}
	return r
}

// namedSizes are the sizes of the axes by name, and of those that are split.
func namedSizes(l *ir.Layer, sizes []int) map[string]int {
	out := map[string]int{}
	for i, a := range l.Axes {
		out[a.Name] = sizes[i]
	}
	for _, p := range l.Products {
		out[p.Name] = along(p.Factors, sizes)
	}
	return out
}

// along is the number of elements along some axes.
func along(axes, sizes []int) int {
	n := 1
	for _, d := range axes {
		n *= sizes[d]
	}
	return n
}

// splitSizes gives the axes of a unit sizes with so many rows and columns. Where
// several axes make them, pick chooses a divisor for all but the last.
func splitSizes(u *plan.Unit, rows, cols int, pick func(axis, n int) int) []int {
	sizes := make([]int, len(u.Layer.Axes))
	for i, a := range u.Layer.Axes {
		sizes[i] = a.Size
	}
	split := func(axes []int, n int) {
		axes = slices.DeleteFunc(slices.Clone(axes), func(d int) bool { return sizes[d] > 0 })
		for k, d := range axes {
			switch {
			case k == len(axes)-1:
				sizes[d] = n
			case n == 0:
				n = 3 // sizes of inner axes do not matter
			default:
				sizes[d] = pick(d, n)
				n /= sizes[d]
			}
		}
	}
	split(u.Rows, rows)
	split(u.Cols, cols)
	return sizes
}

// evenSizes puts few inner rows, at most 5, into each outer one, and the columns
// into few groups, at most 4.
func evenSizes(u *plan.Unit, rows, cols int) []int {
	return splitSizes(u, rows, cols, func(axis, n int) int {
		if slices.Contains(u.Rows, axis) {
			return n / divisor(n, 5)
		}
		return divisor(n, 4)
	})
}

// divisor is the largest divisor of n up to most.
func divisor(n, most int) int {
	for n%most != 0 {
		most--
	}
	return most
}

// oneRow reports whether a unit's tensors are one row: weights.
func oneRow(u *plan.Unit) bool {
	return !slices.ContainsFunc(u.Rows, func(d int) bool { return u.Layer.Axes[d].Size != 1 })
}

// A batch is what one step is given. Cotangents go by the output they belong to.
type sample[T runtime.Float] struct {
	sizes  []int // of the layer's axes
	tensor map[*ir.Leaf][]T
	keep   []bool // by row, for every mask; nil keeps all
}

// newSample fills the inputs with one kind of numbers and the cotangents with
// normal ones.
func newSample[T runtime.Float](u *plan.Unit, g *rand.Rand, sizes []int, fill string, keep []bool) sample[T] {
	b := sample[T]{sizes: sizes, tensor: map[*ir.Leaf][]T{}}
	for _, l := range u.Layer.Inputs {
		b.tensor[l] = filled[T](g, fill, along(l.Dims, sizes))
	}
	for _, l := range u.Layer.Outputs {
		b.tensor[l] = filled[T](g, "randn", along(l.Dims, sizes))
	}
	if len(u.Layer.Masks) > 0 {
		b.keep = keep
	}
	return b
}

// mask is the sample's mask in the order that leaf m declares.
func (b sample[T]) mask(u *plan.Unit, m *ir.Leaf) []bool {
	if b.keep == nil {
		return nil
	}
	out := make([]bool, along(m.Dims, b.sizes))
	at := make([]int, len(b.sizes))
	for row, k := range b.keep {
		for _, d := range slices.Backward(u.Rows) {
			at[d], row = row%b.sizes[d], row/b.sizes[d]
		}
		i := 0
		for _, d := range m.Dims {
			i = i*b.sizes[d] + at[d]
		}
		out[i] = k
	}
	return out
}

// slice is the part of the sample from lo to hi along the outermost axis.
func (b sample[T]) slice(u *plan.Unit, lo, hi int) sample[T] {
	outer, n := u.Rows[0], b.sizes[u.Rows[0]]
	out := sample[T]{sizes: slices.Clone(b.sizes), tensor: map[*ir.Leaf][]T{}}
	out.sizes[outer] = hi - lo
	part := func(all int) (from, to int) { return all / max(n, 1) * lo, all / max(n, 1) * hi }
	for l, x := range b.tensor {
		from, to := part(len(x))
		out.tensor[l] = x[from:to]
	}
	if b.keep != nil {
		from, to := part(len(b.keep))
		out.keep = b.keep[from:to]
	}
	return out
}

// An outcome is what a step leaves, by name; float64 holds either type.
type outcome map[string][]float64

func note[T runtime.Float](o outcome, name string, x []T) { o[name] = append(o[name], widen(x)...) }

func widen[T runtime.Float](x []T) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func rounded[T runtime.Float](x []float64) []T {
	out := make([]T, len(x))
	for i, v := range x {
		out[i] = T(v)
	}
	return out
}

func sameBits[T runtime.Float](a, b T) bool {
	return a == b && math.Signbit(float64(a)) == math.Signbit(float64(b)) || a != a && b != b
}
