package diff

import (
	"math"
	"slices"
)

// In eval a gradient shows what the forwards differ in. To see what a backward
// differs in beyond that, the gradients that come in are chosen so that those
// that go out agree in eval: both are linear, so these are a null space.

// quieten explores the gradient of an input under that choice, if it differs
// in eval and in train.
func (r *Report) quieten(i int, f *Finding) error {
	now := f.free
	if r.Cond != nil {
		now = f.cond
	}
	if f.like != "" || !r.isInput(f.pair) || !now.in(0) || !now.in(1) {
		return nil
	}
	admitted := 0
	rs, err := r.explore(r.Cond, func(q *problem) bool {
		ok := r.silenceInEval(i, q)
		if ok {
			admitted++
		}
		return ok
	})
	if err == nil && admitted > 0 && !rs[i].where.in(1) {
		f.quiet = rs[i].where
	}
	return err
}

func (p *pairing) isInput(of pair) bool { return slices.Contains(p.inputs, of) }

// in reports whether a region has a part in the mode.
func (r region) in(mode int) bool {
	for at := range r {
		if at.mode == mode {
			return true
		}
	}
	return false
}

// maxQuiet bounds the elements of a gradient to choose, which takes a run each.
const maxQuiet = 40

// silenceInEval projects the gradient of q's batch onto those for which result
// i agrees in eval. It reports false if little is left of it, or it is long.
func (c *comparison) silenceInEval(i int, q *problem) bool {
	dy := q.batches[0].Cotangents[index(c.a.layer.Outputs, c.outputs[0].a)]
	if len(dy) > maxQuiet {
		return false
	}
	before := slices.Clone(dy)
	rows := c.difference(i, q, dy)
	copy(dy, before)
	basis := orthonormal(rows)
	for range 2 { // once more for what rounding left
		for _, u := range basis {
			subtract(dy, u, dot(dy, u))
		}
	}
	return dot(dy, dy) > 1e-4*dot(before, before)
}

// difference is the matrix that takes dy, of the first output, to the
// difference of result i in eval, by rows.
func (c *comparison) difference(i int, q *problem, dy []float64) [][]float64 {
	eval := *q
	eval.mode = 1
	var rows [][]float64
	for j := range dy {
		for k := range dy {
			dy[k] = 0
		}
		dy[j] = 1
		seen, err := c.run(&eval)
		if err != nil || len(seen) == 0 {
			return nil
		}
		if rows == nil {
			rows = make([][]float64, len(seen[0][i].a))
		}
		for k, v := range seen[0][i].a {
			rows[k] = append(rows[k], v-seen[0][i].b[k])
		}
	}
	return rows
}

// orthonormal returns a basis of the space of rows. What is left of a row that
// the basis spans is rounding.
func orthonormal(rows [][]float64) [][]float64 {
	var size float64
	for _, r := range rows {
		size = max(size, dot(r, r))
	}
	var basis [][]float64
	for _, r := range rows {
		for _, u := range basis {
			subtract(r, u, dot(r, u))
		}
		for _, u := range basis {
			subtract(r, u, dot(r, u))
		}
		n := dot(r, r)
		if n <= 1e-20*size || n == 0 {
			continue
		}
		for k := range r {
			r[k] /= math.Sqrt(n)
		}
		basis = append(basis, r)
	}
	return basis
}

func dot(x, y []float64) float64 {
	s := 0.0
	for i := range x {
		s += x[i] * y[i]
	}
	return s
}

// subtract takes f*y off x.
func subtract(x, y []float64, f float64) {
	for i := range x {
		x[i] -= f * y[i]
	}
}
