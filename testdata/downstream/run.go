package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/normgen/normgen/runtime"
)

const (
	width    = 64
	perBatch = 12 // lines
	rate     = 0.5
)

// run trains one model a layer on the same batches and watches their
// statistics.
type run struct {
	train, heldOut *corpus
	embedding      *embedding
	models         []*model
	x, y, dx, dy   runtime.View
}

// tensors lists the tensors of a pass.
func (r *run) tensors() []*runtime.View { return []*runtime.View{&r.x, &r.y, &r.dx, &r.dy} }

// model is a layer with its own head and what was seen of it.
type model struct {
	*layer
	head     *head
	loss     float64
	gradient float64   // root mean square of dx over the tokens
	distance []float64 // of each watched pair, in this step
	total    []float64 // their sums over all steps
	size     []float64 // sums of the batch statistics' own norms
	heldOut  float64
}

func newRun(seed uint64) (*run, error) {
	c, err := readCorpus()
	if err != nil {
		return nil, err
	}
	rows := perBatch * c.longest()
	layers, err := newLayers(width, rows)
	if err != nil {
		return nil, err
	}
	r := &run{embedding: newEmbedding(rand.New(rand.NewPCG(seed, 0)), len(c.alphabet), width)}
	r.train, r.heldOut = c.split(0.1)
	for _, l := range layers {
		n := len(l.watched)
		r.models = append(r.models, &model{
			layer:    l,
			head:     newHead(rand.New(rand.NewPCG(seed, 1)), len(c.alphabet), width),
			distance: make([]float64, n), total: make([]float64, n), size: make([]float64, n),
		})
	}
	for _, v := range r.tensors() {
		*v = runtime.Matrix(make([]float32, rows*width), rows, width)
	}
	return r, nil
}

// load embeds a batch into x and shapes the other tensors like it.
func (r *run) load(b *batch) {
	for _, v := range r.tensors() {
		v.Rows = b.rows
	}
	r.embedding.fill(r.x, b)
}

// step trains every model on the batch.
func (r *run) step(b *batch) error {
	r.load(b)
	for _, m := range r.models {
		if err := r.stepOf(m, b); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

func (r *run) stepOf(m *model, b *batch) error {
	if err := m.Forward(m.work, r.y, r.x, b.keep); err != nil {
		return err
	}
	m.loss = m.head.loss(b, r.y, r.dy, true)
	if err := m.Backward(m.work, r.dx, r.dy, runtime.Overwrite); err != nil {
		return err
	}
	m.gradient = rms(r.dx, b)
	m.watch()
	if err := m.Commit(m.work); err != nil {
		return err
	}
	descend(m.head.weight, m.head.grad, rate)
	for _, p := range []string{"gamma", "beta"} {
		descend(named(m.Params(), p), named(m.Grads(), p), rate)
	}
	m.ZeroGrads()
	return nil
}

// watch measures how far each statistic of the batch is from the running value
// that the commit is about to move.
func (m *model) watch() {
	for i, p := range m.watched {
		batch := p.batch(m.layer)
		m.distance[i] = distance(batch, named(m.State(), p.running))
		m.total[i] += m.distance[i]
		m.size[i] += distance(batch, make([]float32, len(batch)))
	}
}

// evaluate measures each model on held-out text, in inference.
func (r *run) evaluate(batches int) error {
	for _, m := range r.models {
		m.heldOut = 0
		for i := range batches {
			b := r.heldOut.at(i*perBatch, perBatch)
			r.load(b)
			if err := m.Infer(r.y, r.x); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
			m.heldOut += m.head.loss(b, r.y, r.dy, false) / float64(batches)
		}
	}
	return nil
}

// distance is the Euclidean distance over the number of channels.
func distance(batch []float64, running []float32) float64 {
	var sum float64
	for i := range batch {
		d := batch[i] - float64(running[i])
		sum += d * d
	}
	return math.Sqrt(sum) / float64(len(batch))
}

// rms is the root mean square of the rows that hold a character.
func rms(v runtime.View, b *batch) float64 {
	var sum float64
	for r := range b.rows {
		if !b.keep[r] {
			continue
		}
		for _, d := range v.Row(r) {
			sum += float64(d) * float64(d)
		}
	}
	return math.Sqrt(sum / float64(b.kept*v.Cols))
}
