package diff

import (
	"slices"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
)

// A problem is what both sides are run on: training on all batches but the
// last, and a pass in mode on that. It is stated for a; b gets the counterpart.
type problem struct {
	mode    int // index into Modes
	step    float64
	sizes   sizes
	batches []train.Batch
	values  map[*ir.Leaf][]float64 // parameters and states of a, and what b alone has
}

// A comparison is two norms and what they are compared on.
type comparison struct {
	*pairing
	results []result
	steps   []float64
	conds   []*condition // under which the outputs may agree
	refusal string       // of what only one side refuses, the first
	ran     int          // problems so far
}

// until is a copy of q that ends with batch i.
func (q *problem) until(i int) *problem {
	c := *q
	if i < len(q.batches)-1 {
		c.mode = 0
	}
	c.batches = nil
	for _, b := range q.batches[:i+1] {
		b.Inputs, b.Cotangents = clone(b.Inputs), clone(b.Cotangents)
		c.batches = append(c.batches, b)
	}
	c.values = map[*ir.Leaf][]float64{}
	for l, v := range q.values {
		c.values[l] = slices.Clone(v)
	}
	return &c
}

func clone(tensors [][]float64) [][]float64 {
	var out [][]float64
	for _, x := range tensors {
		out = append(out, slices.Clone(x))
	}
	return out
}

// layers returns both sides as a problem starts.
func (p *pairing) layers(q *problem) (a, b *train.Layer) {
	a, b = p.a.start(q.step), p.b.start(q.step)
	for leaf, v := range q.values {
		if index(p.b.layer.Params, leaf) >= 0 || index(p.b.layer.States, leaf) >= 0 {
			b.Values[leaf] = v
		}
		if index(p.a.layer.Params, leaf) >= 0 || index(p.a.layer.States, leaf) >= 0 {
			a.Values[leaf] = v
		}
	}
	for _, of := range p.params {
		if v, ok := q.values[of.a]; ok {
			b.Values[of.b] = p.toB(v, of, q.sizes)
		}
	}
	for _, s := range p.states {
		if v, ok := q.values[s.a]; ok {
			b.Values[s.b] = scaled(p.toB(v, s.pair, q.sizes), s.k)
		}
	}
	return a, b
}

func (s *side) start(step float64) *train.Layer {
	l := train.New(s.layer)
	for name, v := range s.knobs {
		l.Knobs[name] = v
	}
	l.Step = step
	return l
}

func scaled(x []float64, k float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = k * v
	}
	return out
}

// forB is the batch of a as b gets it. An output that only b has gets no gradient.
func (p *pairing) forB(x train.Batch, n sizes) train.Batch {
	b := train.Batch{Sizes: n.b, Inputs: make([][]float64, len(p.b.layer.Inputs))}
	for _, of := range p.inputs {
		b.Inputs[index(p.b.layer.Inputs, of.b)] = p.toB(x.Inputs[index(p.a.layer.Inputs, of.a)], of, n)
	}
	if x.Masks != nil {
		b.Masks = make([][]float64, len(p.b.layer.Masks))
		for _, of := range p.masks {
			b.Masks[index(p.b.layer.Masks, of.b)] = p.toB(x.Masks[index(p.a.layer.Masks, of.a)], of, n)
		}
	}
	for _, y := range p.b.layer.Outputs {
		b.Cotangents = append(b.Cotangents, make([]float64, y.Elements(n.b)))
	}
	for _, of := range p.outputs {
		b.Cotangents[index(p.b.layer.Outputs, of.b)] = p.toB(x.Cotangents[index(p.a.layer.Outputs, of.a)], of, n)
	}
	return b
}

// A seen is a result of both sides after one batch, laid out as in a.
type seen struct {
	apart float64 // 0 if equal
	a, b  []float64
}

// run runs a problem and reports the results after each batch. A refusal by
// both sides is agreement, and ends the run; by one side it is an error.
func (c *comparison) run(q *problem) ([][]seen, error) {
	c.ran++
	a, b := c.layers(q)
	var out [][]seen
	for i, batch := range q.batches {
		mode := 0
		if i == len(q.batches)-1 {
			mode = q.mode
		}
		batch.Sizes = q.sizes.a
		pa, errA := pass(a, mode, batch)
		pb, errB := pass(b, mode, c.forB(batch, q.sizes))
		if errA != nil && errB != nil {
			return out, nil
		}
		if errA != nil || errB != nil {
			return out, refusal{errA, errB}
		}
		row := make([]seen, len(c.results))
		for k, r := range c.results {
			va := r.of(c.a, pa, a, r.pair.a, q.sizes.a)
			vb := scaled(c.toA(r.of(c.b, pb, b, r.pair.b, q.sizes.b), r.pair, q.sizes), 1/r.k)
			row[k] = seen{apart(va, vb), va, vb}
		}
		out = append(out, row)
	}
	return out, nil
}

// pass runs a batch, and commits it in training.
func pass(l *train.Layer, mode int, b train.Batch) (*train.Pass, error) {
	p, err := l.Run(l.Modes[mode], b)
	if err == nil && mode == 0 {
		err = l.Commit(p)
	}
	return p, err
}

// A refusal is a batch that one side takes and the other does not.
type refusal struct{ a, b error }

func (r refusal) Error() string {
	if r.a != nil {
		return "only a refuses: " + r.a.Error()
	}
	return "only b refuses: " + r.b.Error()
}
