package diff

import (
	"math/rand/v2"
	"slices"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
)

// A masking says how much of a batch the masks keep.
type masking int

const (
	unmasked masking = iota
	masked
	empty
	maskings
)

// A cell is a situation that a step is taken in.
type cell struct {
	mode int // index into Modes
	mask masking
	step float64
}

// cells lists all situations.
func (c *comparison) cells() []cell {
	var out []cell
	for mode := range c.a.layer.Modes {
		for m := range maskings {
			if m != unmasked && len(c.masks) == 0 {
				continue
			}
			for _, s := range c.steps {
				out = append(out, cell{mode, m, s})
			}
		}
	}
	return out
}

// A drawing makes random problems: a function of its seed alone.
type drawing struct {
	*comparison
	rand   *rand.Rand
	source *train.Source
	cond   *condition
	sizes  sizes
	size   float64 // of the input
}

// tiny is a size of inputs at which the eps of a norm is all that counts.
const tiny = 1e-6

func (c *comparison) drawing(seed uint64, cond *condition) *drawing {
	d := &drawing{comparison: c, rand: rand.New(rand.NewPCG(seed, 4)), cond: cond, size: 1}
	long := -1
	if seed%seeds == seeds-1 {
		long = int(seed / seeds) // another axis for other situations
	}
	d.sizes = c.randomSizes(d.rand, long)
	family := train.Families[0]
	if cond == nil {
		family = train.Families[seed%uint64(len(train.Families))]
		if seed%seeds == 3 {
			d.size = tiny
		}
	}
	d.source = train.NewSource(c.a.layer, d.sizes.a, family, seed)
	return d
}

// maxInput is how many elements a drawn input may have, unless axes of fixed
// size have more.
const maxInput = 400

// randomSizes draws small sizes, the smaller the more axes there are, and one
// long enough that a share of it is not 0.
func (c *comparison) randomSizes(r *rand.Rand, long int) sizes {
	_, choices, _ := c.pairing.sizes(func() int { return 1 }) // newPairing saw that there are sizes
	for least := 2; ; least-- {
		i := 0
		n, _, _ := c.pairing.sizes(func() int {
			i++
			if long >= 0 && i-1 == long%choices {
				return 17 + r.IntN(4)
			}
			return least + r.IntN(2*least-1)
		})
		if least == 1 || c.inputs[0].a.Elements(n.a) <= maxInput {
			return n
		}
		long = -1
	}
}

func (d *drawing) batch(m masking) train.Batch {
	b := d.source.Next()
	b.Masks = nil
	d.silence(b)
	for _, x := range b.Inputs {
		for i := range x {
			x[i] *= d.size
		}
	}
	if m != unmasked {
		b.Masks = d.mask(m)
	}
	d.impose(d.cond, &b, d.sizes)
	return b
}

// silence takes the gradient off outputs that only a has.
func (d *drawing) silence(b train.Batch) {
	for i, y := range d.a.layer.Outputs {
		if !slices.ContainsFunc(d.outputs, func(of pair) bool { return of.a == y }) {
			clear(b.Cotangents[i])
		}
	}
}

// mask draws the masks that both sides have; what only a has holds everywhere.
func (d *drawing) mask(m masking) [][]float64 {
	out := make([][]float64, len(d.a.layer.Masks))
	for _, of := range d.masks {
		keep := make([]float64, of.a.Elements(d.sizes.a))
		for i := range keep {
			keep[i] = float64(min(1, d.rand.IntN(3)))
		}
		if m == empty {
			clear(keep)
		} else if len(keep) > 1 {
			keep[0], keep[len(keep)-1] = 1, 0
		}
		out[index(d.a.layer.Masks, of.a)] = keep
	}
	return out
}

// params draws the parameters that both sides have.
func (d *drawing) params() map[*ir.Leaf][]float64 {
	values := map[*ir.Leaf][]float64{}
	for _, of := range d.pairing.params {
		x := make([]float64, of.a.Elements(d.sizes.a))
		for i := range x {
			x[i] = of.a.Init + d.rand.NormFloat64()/2
		}
		values[of.a] = x
	}
	return values
}

// training is a run of n steps from the initial states.
func (d *drawing) training(at cell, n int) *problem {
	q := &problem{mode: at.mode, step: at.step, sizes: d.sizes, values: d.params()}
	for range n {
		q.batches = append(q.batches, d.batch(at.mask))
	}
	return q
}

// single is one step from states that some training has led to: those of a,
// and the same in b.
func (d *drawing) single(at cell) *problem {
	history := d.training(cell{step: 1}, d.rand.IntN(4))
	a, b := d.layers(history)
	for _, x := range history.batches {
		pass(a, 0, x)
		pass(b, 0, d.forB(x, d.sizes))
	}
	q := d.training(at, 1)
	q.values = history.values
	for leaf, v := range b.Values {
		if index(d.b.layer.States, leaf) >= 0 {
			q.values[leaf] = v
		}
	}
	for leaf, v := range a.Values {
		if index(d.a.layer.States, leaf) >= 0 {
			q.values[leaf] = v
		}
	}
	for _, s := range d.states {
		delete(q.values, s.b)
		q.values[s.a] = a.Value(s.a, d.sizes.a)
	}
	return q
}
