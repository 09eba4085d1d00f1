package transformer

import (
	"math"

	"github.com/normgen/normgen/runtime"
)

// A Loss is of batches: sums over its targets, in nats.
type Loss struct {
	Tokens   int
	NLL      float64 // negative log-likelihood of the targets: exp(NLL/Tokens) is the perplexity
	Smoothed float64 // with label smoothing: what training minimizes
}

// Add adds another batch's.
func (l *Loss) Add(m Loss) {
	l.Tokens += m.Tokens
	l.NLL += m.NLL
	l.Smoothed += m.Smoothed
}

// Perplexity returns exp of the mean negative log-likelihood.
func (l Loss) Perplexity() float64 { return math.Exp(l.NLL / float64(l.Tokens)) }

// A passOf says which training pass it is; nil stands for evaluation.
type passOf[T runtime.Float] struct {
	index   int     // of the step
	draw    uint64  // training passes before this one, of all steps: what dropout counts
	scale   float64 // of the gradient
	observe func(SightOf[T])
}

// ModelOf is what training, evaluation and checkpoints need of a model. The
// methods of a model must not run at the same time.
type ModelOf[T runtime.Float] interface {
	Config() Config
	// Params lists the parameters, those of norms too, each once, in an order
	// that the config alone decides.
	Params() []ParamOf[T]
	// Positions lists the norms.
	Positions() []*PositionOf[T]
	// Evaluate returns the loss of a batch without dropout, with norms as in
	// evaluation.
	Evaluate(b *Batch) (Loss, error)

	train(b *Batch, p *passOf[T]) (Loss, error) // adds the gradients
	compute() *machine[T]
}

// Model is a float32 model.
type Model = ModelOf[float32]

// modelOf is what both kinds of model have.
type modelOf[T runtime.Float] struct {
	builder[T]
	source, target side
	encoder        *stack[T] // nil: a language model
	decoder        *stack[T]
	head           *head[T]
	memory         memory[T]
	dmemory        runtime.ViewOf[T]
	dx             runtime.ViewOf[T] // the gradient on its way down
}

// init makes the model in place: its layers refer to its sides and its memory.
func (m *modelOf[T]) init(c Config, n NormsOf[T], e EngineOf[T]) error {
	if err := c.Check(); err != nil {
		return err
	}
	m.builder = builder[T]{machine: newMachine(e, c.Heads*c.MaxLen), config: c, shared: map[string]runtime.ViewOf[T]{}}
	if err := m.build(n.complete()); err != nil {
		return err
	}
	for _, p := range m.positions {
		m.params = append(m.params, p.params()...)
	}
	m.dx = dense[T](c.MaxRows, c.Width)
	return nil
}

func (m *modelOf[T]) build(n NormsOf[T]) (err error) {
	c := &m.config
	words := m.vectors("decoder.embedding.weight", c.Vocab, c.Width)
	if c.translates() {
		source := words
		if !c.Share {
			source = m.vectors("encoder.embedding.weight", c.SourceVocab, c.Width)
		}
		if m.encoder, err = m.buildEncoder(source, n); err != nil {
			return err
		}
		m.dmemory = dense[T](c.MaxRows, c.Width)
	}
	if m.decoder, err = m.buildDecoder(words, n); err != nil {
		return err
	}
	out := words
	if !c.Tie {
		out = m.vectors("decoder.output.weight", c.Vocab, c.Width)
	}
	m.head, err = m.newHead(out)
	return err
}

// Config returns what the model was made from.
func (m *modelOf[T]) Config() Config { return m.config }

// Params lists the parameters.
func (m *modelOf[T]) Params() []ParamOf[T] { return m.params }

// Positions lists the norms.
func (m *modelOf[T]) Positions() []*PositionOf[T] { return m.positions }

func (m *modelOf[T]) compute() *machine[T] { return m.machine }

// Evaluate returns the loss of a batch without dropout, with norms as in
// evaluation.
func (m *modelOf[T]) Evaluate(b *Batch) (Loss, error) {
	x, err := m.forward(b, nil)
	if err != nil {
		return Loss{}, err
	}
	return m.head.loss(runtime.ViewOf[T]{}, x, b, nil), nil
}

// forward returns the decoder's output.
func (m *modelOf[T]) forward(b *Batch, p *passOf[T]) (runtime.ViewOf[T], error) {
	if err := b.checkTarget(&m.config); err != nil {
		return runtime.ViewOf[T]{}, err
	}
	for _, d := range m.droppers {
		d.begin(m.config.Seed, p)
	}
	if err := m.encode(b, p); err != nil {
		return runtime.ViewOf[T]{}, err
	}
	m.target = side{b.Sequences, b.Len, b.Keep}
	return m.decoder.forward(b.Input, p)
}

// encode sets the memory that the decoder attends to, if there is an encoder.
func (m *modelOf[T]) encode(b *Batch, p *passOf[T]) (err error) {
	if m.encoder == nil {
		return nil
	}
	m.source = side{b.Sequences, b.SourceLen, b.SourceKeep}
	if m.memory.x, err = m.encoder.forward(b.Source, p); err != nil {
		return err
	}
	m.memory.dx = m.dmemory.Slice(0, m.memory.x.Rows)
	return nil
}

// train runs a training pass and adds the gradients.
func (m *modelOf[T]) train(b *Batch, p *passOf[T]) (Loss, error) {
	x, err := m.forward(b, p)
	if err != nil {
		return Loss{}, err
	}
	dx := m.dx.Slice(0, x.Rows)
	loss := m.head.loss(dx, x, b, p)
	if m.encoder == nil {
		return loss, m.decoder.backward(dx, p)
	}
	clear(m.memory.dx.Data)
	if err := m.decoder.backward(dx, p); err != nil {
		return loss, err
	}
	return loss, m.encoder.backward(m.memory.dx, p)
}
