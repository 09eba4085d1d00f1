package normtest

import (
	"math/rand/v2"
	"slices"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// NamedSizes are the sizes of the axes by name, and of those that are split.
func NamedSizes(l *ir.Layer, sizes []int) map[string]int {
	out := map[string]int{}
	for i, a := range l.Axes {
		out[a.Name] = sizes[i]
	}
	for _, p := range l.Products {
		out[p.Name] = Along(p.Factors, sizes)
	}
	return out
}

// Along is the number of elements along some axes.
func Along(axes, sizes []int) int {
	n := 1
	for _, d := range axes {
		n *= sizes[d]
	}
	return n
}

// SplitSizes gives the axes of a unit sizes with so many rows and columns. Where
// several axes make them, pick chooses a divisor for all but the last.
func SplitSizes(u *plan.Unit, rows, cols int, pick func(axis, n int) int) []int {
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

// EvenSizes puts few inner rows, at most 5, into each outer one, and the columns
// into few groups, at most 4.
func EvenSizes(u *plan.Unit, rows, cols int) []int {
	return SplitSizes(u, rows, cols, func(axis, n int) int {
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

// RandomSizes splits rows and columns by random divisors.
func RandomSizes(u *plan.Unit, g *rand.Rand, rows, cols int) []int {
	return SplitSizes(u, rows, cols, func(_, n int) int {
		for {
			if d := 1 + g.IntN(n); n%d == 0 {
				return d
			}
		}
	})
}

// OneRow reports whether a unit's tensors are one row: weights.
func OneRow(u *plan.Unit) bool {
	return !slices.ContainsFunc(u.Rows, func(d int) bool { return u.Layer.Axes[d].Size != 1 })
}
