package transformer

import "github.com/normgen/normgen/runtime"

// A ParamOf is a parameter of a model: values and gradients in the model's own
// memory. Names and shapes are those of PyTorch: "decoder.layers.0.self_attn.in_proj.weight"
// has a row for each output. The parameters of norms have the name of
// their position and their own, such as "decoder.final_norm.gamma".
type ParamOf[T runtime.Float] struct {
	Name  string
	Shape []int // outermost first; their product is len(Data)
	Data  []T
	Grad  []T
}

// Param is a float32 parameter.
type Param = ParamOf[float32]

// A LossOf a batch: sums over its targets, in nats.
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

// ModelOf is what training, evaluation and checkpoints need of a model. The
// methods of a model must not run at the same time.
type ModelOf[T runtime.Float] interface {
	Config() Config
	// Params lists the parameters, those of norms too, each once, in an order
	// that the config alone decides.
	Params() []ParamOf[T]
	// Positions lists the norms.
	Positions() []*PositionOf[T]
	// Evaluate returns the loss without dropout, norms as in evaluation.
	Evaluate(b *Batch) (Loss, error)
	// forward and backward of a training pass; the gradients are added.
	pass(b *Batch, p passArgs[T]) (Loss, error)
}

// Model is a float32 model.
type Model = ModelOf[float32]

// passArgs says which training pass it is.
type passArgs[T runtime.Float] struct {
	index   int     // of the step
	draw    uint64  // passes before this one, of all steps: what dropout counts
	scale   float64 // of the gradient
	observe func(SightOf[T])
}
