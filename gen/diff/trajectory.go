package diff

import (
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
)

// settled is how many steps a run on one batch takes: 0.9^settled < 1e-9.
const settled = 200

// A trajectory gives the values of a pair of states along a run.
type trajectory func(of pair) (a, b []float64)

// wander trains on different batches from the first step, and is watched
// throughout.
func (c *comparison) wander() [2]trajectory {
	return c.twice(nil, func(d *drawing) trajectory { return d.follow(d.training(cell{step: 1}, runLength), 1) })
}

// settle trains on one batch, past all boundaries, and is watched at the end.
func (c *comparison) settle(cond *condition) [2]trajectory {
	return c.twice(cond, func(d *drawing) trajectory {
		q := d.training(cell{step: c.steps[len(c.steps)-1]}, 1)
		for range settled {
			q.batches = append(q.batches, q.batches[0])
		}
		return d.follow(q, len(q.batches))
	})
}

// twice makes two runs, of different sizes.
func (c *comparison) twice(cond *condition, run func(*drawing) trajectory) (out [2]trajectory) {
	for i := range out {
		out[i] = run(c.drawing(uint64(10+i), cond))
	}
	return out
}

// follow runs a problem and records the states after each step from the given
// one on.
func (d *drawing) follow(q *problem, from int) trajectory {
	a, b := d.layers(q)
	va, vb := map[*ir.Leaf][]float64{}, map[*ir.Leaf][]float64{}
	for i, x := range q.batches {
		_, errA := pass(a, 0, x)
		_, errB := pass(b, 0, d.forB(x, d.sizes))
		if errA == nil && errB == nil && i+1 >= from {
			record(va, a, d.sizes.a)
			record(vb, b, d.sizes.b)
		}
	}
	return func(of pair) ([]float64, []float64) {
		n := of.b.Elements(d.sizes.b)
		var shared []float64
		for k := 0; k+n <= len(vb[of.b]); k += n {
			shared = append(shared, d.toA(vb[of.b][k:k+n], of, d.sizes)...)
		}
		return va[of.a], shared
	}
}

func record(to map[*ir.Leaf][]float64, l *train.Layer, n []int) {
	for _, s := range l.States {
		to[s] = append(to[s], l.Value(s, n)...)
	}
}
