package interp

import (
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// A walk maps a position over some axes, in row-major order, to a position over others.
type walk struct{ size, stride []int }

// strides returns the walk from positions over the axes from to those over the
// axes to, both ascending. Axes of from that to lacks do not move it.
func strides(from, to ir.Axes, sizes []int) walk {
	return dims(ascending(from), ascending(to), sizes)
}

func ascending(a ir.Axes) []int {
	var out []int
	for i := 0; a>>i != 0; i++ {
		if a>>i&1 == 1 {
			out = append(out, i)
		}
	}
	return out
}

// dims is strides for axes in any order, outermost first.
func dims(from, to []int, sizes []int) walk {
	w := walk{make([]int, len(from)), make([]int, len(from))}
	for k, d := range from {
		w.size[k] = sizes[d]
		w.stride[k] = stride(d, to, sizes)
	}
	return w
}

// stride is how far apart neighbours along d are where the axes are to; 0 if d is not among them.
func stride(d int, to []int, sizes []int) int {
	n := 1
	for i := len(to) - 1; i >= 0; i-- {
		if to[i] == d {
			return n
		}
		n *= sizes[to[i]]
	}
	return 0
}

func (w walk) at(i int) int {
	p := 0
	for k := len(w.size) - 1; k >= 0; k-- {
		p += i % w.size[k] * w.stride[k]
		i /= w.size[k]
	}
	return p
}

// Permute reorders the axes of x from one order in memory to another.
func Permute(x []float64, from, to []int, sizes []int) []float64 {
	if slices.Equal(from, to) {
		return slices.Clone(x)
	}
	out := make([]float64, len(x))
	w := dims(from, to, sizes)
	for i, v := range x {
		out[w.at(i)] = v
	}
	return out
}

func fromDims(x []float64, d, sizes []int) []float64 {
	return Permute(x, d, ascendingOf(d), sizes)
}

func toDims(x []float64, d, sizes []int) []float64 {
	return Permute(x, ascendingOf(d), d, sizes)
}

func ascendingOf(d []int) []int {
	var a ir.Axes
	for _, i := range d {
		a |= 1 << i
	}
	return ascending(a)
}
