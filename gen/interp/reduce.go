package interp

import (
	"math"

	"github.com/normgen/normgen/gen/ir"
)

// selected calls fn for each element of v's operand that its mask selects,
// with the element's position and that of the result it belongs to.
func (m *machine) selected(v *ir.Value, fn func(i, to int)) {
	a := v.Args[0]
	to := strides(a.Axes, v.Axes, m.env.Sizes)
	n := m.size(a.Axes)
	mask := v.Mask()
	if mask == nil {
		for i := range n {
			fn(i, to.at(i))
		}
		return
	}
	s := strides(a.Axes, mask.Axes, m.env.Sizes)
	keep := m.val[mask.ID]
	for i := range n {
		if keep[s.at(i)] != 0 {
			fn(i, to.at(i))
		}
	}
}

func (m *machine) sum(v *ir.Value) ([]float64, error) {
	return m.sumOf(v, m.val[v.Args[0].ID]), nil
}

// sumOf reduces x, laid out as v's operand, as v does.
func (m *machine) sumOf(v *ir.Value, x []float64) []float64 {
	acc := make([]accumulator, m.size(v.Axes))
	m.selected(v, func(i, to int) { acc[to].add(x[i]) })
	out := make([]float64, len(acc))
	for i := range acc {
		out[i] = acc[i].value()
	}
	return out
}

func (m *machine) mean(v *ir.Value) ([]float64, error) {
	return m.meanOf(v, m.val[v.Args[0].ID]), nil
}

func (m *machine) meanOf(v *ir.Value, x []float64) []float64 {
	n := make([]float64, m.size(v.Axes))
	m.selected(v, func(i, to int) { n[to]++ })
	out := m.sumOf(v, x)
	for i := range out {
		out[i] /= max(1, n[i])
	}
	return out
}

// maxOf folds out > x ? out : x from the first element on: the order in which
// plans reduce. It decides what a NaN comes to. The largest of nothing is -Inf.
func (m *machine) maxOf(v *ir.Value) ([]float64, error) {
	x := m.val[v.Args[0].ID]
	out := fill(m.size(v.Axes), math.Inf(-1))
	met := make([]bool, len(out))
	m.selected(v, func(i, to int) {
		if !met[to] || !(out[to] > x[i]) {
			out[to], met[to] = x[i], true
		}
	})
	return out, nil
}

// moment is the sum of squares around the mean, in two passes.
func (m *machine) moment(v *ir.Value) ([]float64, error) {
	c := m.centred(v)
	for i := range c {
		c[i] *= c[i]
	}
	return m.sumOf(v, c), nil
}

// centred is v's operand less its mean over v's domain.
func (m *machine) centred(v *ir.Value) []float64 {
	a := v.Args[0]
	x := m.val[a.ID]
	c := m.spread(m.meanOf(v, x), v.Axes, a.Axes)
	for i := range c {
		c[i] = x[i] - c[i]
	}
	return c
}

// An accumulator sums with the rounding errors of the sum, and the rounding
// errors of their sum, kept apart (Klein): the result is that of arithmetic
// with three times the digits, short of absurd cancellation.
type accumulator struct{ s, c, d float64 }

func (a *accumulator) add(x float64) {
	var e float64
	a.s, e = twoSum(a.s, x)
	a.c, e = twoSum(a.c, e)
	a.d += e
}

// twoSum returns a+b rounded, and what the rounding lost.
func twoSum(a, b float64) (s, e float64) {
	s = a + b
	t := s - a
	return s, (a - (s - t)) + (b - t)
}

// value leaves the corrections out when the sum has overflowed, where they are NaN.
func (a *accumulator) value() float64 {
	if math.IsInf(a.s, 0) || math.IsNaN(a.s) {
		return a.s
	}
	return a.s + (a.c + a.d)
}
