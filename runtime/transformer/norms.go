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

// complete gives the positions that were left out their norms.
func (n NormsOf[T]) complete() NormsOf[T] {
	or := func(m, otherwise NormMakerOf[T]) NormMakerOf[T] {
		if m != nil {
			return m
		}
		return otherwise
	}
	n.DecoderCross = or(n.DecoderCross, n.DecoderAttention)
	n.EncoderFinal = or(n.EncoderFinal, n.EncoderFeedForward)
	n.DecoderFinal = or(n.DecoderFinal, n.DecoderFeedForward)
	return n
}
