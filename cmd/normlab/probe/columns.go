package probe

import (
	"math"

	"github.com/normgen/normgen/runtime"
)

// columns are the statistics of the columns of an input and of the gradient behind it.
type columns struct {
	mean, variance, power                 []float64
	gradient, gradVariance, gradientPower []float64
}

func newColumns(d int) columns {
	v := func() []float64 { return make([]float64, d) }
	return columns{v(), v(), v(), v(), v(), v()}
}

// stats lists them in the order of [Quantities].
func (c *columns) stats() [averaged][]float64 {
	return [averaged][]float64{c.mean, c.variance, c.power, c.gradient, c.gradVariance, c.gradientPower}
}

// measure takes all statistics over the rows that are kept. scale is what the gradient
// is multiplied by in each column; nil stands for ones.
func (c *columns) measure(x, dy runtime.View, scale []float32, keep []bool) {
	for _, s := range c.stats() {
		clear(s)
	}
	n := 0.0
	c.each(x, dy, keep, func(x, _ []float32) {
		n++
		for j, v := range x {
			c.mean[j] += float64(v)
			c.power[j] += float64(v) * float64(v)
		}
	})
	divide(c.mean, n)
	divide(c.power, n)
	c.each(x, dy, keep, func(x, dy []float32) {
		for j, v := range x {
			d, g := float64(v)-c.mean[j], float64(dy[j])
			c.variance[j] += d * d
			c.gradient[j] += g
			c.gradVariance[j] += g * d
			c.gradientPower[j] += g * float64(v)
		}
	})
	divide(c.variance, n)
	for j := range c.gradient {
		if scale != nil {
			g := float64(scale[j])
			c.gradient[j], c.gradVariance[j], c.gradientPower[j] = g*c.gradient[j], g*c.gradVariance[j], g*c.gradientPower[j]
		}
		c.gradVariance[j] /= math.Sqrt(c.variance[j] + eps)
		c.gradientPower[j] /= math.Sqrt(c.power[j] + eps)
	}
}

// each calls f with the rows that are kept.
func (c *columns) each(x, dy runtime.View, keep []bool, f func(x, dy []float32)) {
	for i := range x.Rows {
		if keep == nil || keep[i] {
			f(x.Row(i), dy.Row(i))
		}
	}
}

func divide(x []float64, n float64) {
	for j := range x {
		x[j] /= n
	}
}

// distance is |a - b|/d; a vector that is nil is 0.
func distance[A, B runtime.Float](a []A, b []B) float64 {
	d := max(len(a), len(b))
	sum := 0.0
	for j := range d {
		v := 0.0
		if a != nil {
			v = float64(a[j])
		}
		if b != nil {
			v -= float64(b[j])
		}
		sum += v * v
	}
	return math.Sqrt(sum) / float64(d)
}

// size is |a|/d.
func size[A runtime.Float](a []A) float64 { return distance(a, []A(nil)) }

func square(x float64) float64 { return x * x }
