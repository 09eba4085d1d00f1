package transformer

import "github.com/normgen/normgen/runtime"

// A NormMakerOf makes the norm of one position for so many columns. It is called
// once for each position, so that each has parameters and state of its own.
type NormMakerOf[T runtime.Float] = func(cols int) (runtime.NormOf[T], error)

// NormMaker makes float32 norms.
type NormMaker = NormMakerOf[float32]

// NormsOf chooses the norm of each kind of position. The four that the paper's
// scripts name ("power power layer layer") are EncoderAttention,
// EncoderFeedForward, DecoderAttention and DecoderFeedForward. The others may be
// nil: DecoderCross is then as DecoderAttention, a final norm as the feed-forward
// norm of its side. A language model has the decoder's without DecoderCross, and
// models with PostNorm have no final norms.
//
// A norm with statistics over the batch lets a causal model see other positions
// and other sequences in training, later tokens of its own among them: its
// training loss is then no bound on what it can predict. Evaluation uses running
// statistics and is causal.
type NormsOf[T runtime.Float] struct {
	EncoderAttention, EncoderFeedForward, EncoderFinal               NormMakerOf[T]
	DecoderAttention, DecoderCross, DecoderFeedForward, DecoderFinal NormMakerOf[T]
}

// Norms chooses float32 norms.
type Norms = NormsOf[float32]

// Everywhere is one norm at all positions.
func Everywhere[T runtime.Float](m NormMakerOf[T]) NormsOf[T] {
	return NormsOf[T]{EncoderAttention: m, EncoderFeedForward: m, DecoderAttention: m, DecoderFeedForward: m}
}

// A PositionOf is a norm in a model. Name is its place, such as
// "encoder.layers.0.self_attn_norm", "decoder.layers.2.cross_attn_norm",
// "decoder.layers.2.feed_forward_norm" or "decoder.final_norm". A language model
// is a decoder.
type PositionOf[T runtime.Float] struct {
	Name string
	runtime.NormOf[T]
	// contains what its passes need
	works []*runtime.WorkOf[T] // one for each pass of a step
}

// Position is a float32 norm in a model.
type Position = PositionOf[float32]

// A SightOf is what an observer sees of a norm after its backward and before
// Commit: state is still that which the forward read. The views and the mask
// are the model's own memory; they hold until the observer returns and must not
// be written.
type SightOf[T runtime.Float] struct {
	Position *PositionOf[T]
	Pass     int                // of the step, from 0
	Work     *runtime.WorkOf[T] // Stats has those of forward and backward
	X, Y     runtime.ViewOf[T]  // input and output
	DX, DY   runtime.ViewOf[T]  // gradients of the sum of losses over the step's targets, divided by their number
	Keep     []bool             // rows that are not padding; nil: all
}

// Sight is what an observer sees of a float32 norm.
type Sight = SightOf[float32]
