package transformer

import (
	"time"

	"github.com/normgen/normgen/runtime"
)

// Training says how a model learns: Adam with the inverse square root schedule.
// The rate of step s rises evenly to Rate at step Warmup, and falls as
// Rate*sqrt(Warmup/s) from there on; with Warmup 0 it is Rate.
type Training struct {
	Rate        float64 // at its top
	Warmup      int     // steps
	Beta1       float64 // 0: 0.9
	Beta2       float64 // 0: 0.98
	Eps         float64 // 0: 1e-9
	WeightDecay float64 // decoupled, of matrices only; 0: none
	Clip        float64 // largest norm of the gradient of all parameters; 0: no limit
	// Schedule replaces the one above: the rate of a step, from 1 on.
	Schedule func(step int) float64
}

// A TrainerOf moves the parameters of a model.
type TrainerOf[T runtime.Float] struct {
	// Observe is called for each norm after its backward; nil: by nothing.
	Observe func(SightOf[T])

	model    ModelOf[T]
	training Training
}

// Trainer trains float32 models.
type Trainer = TrainerOf[float32]

// NewTrainer makes a trainer at step 0. It holds the moments of all parameters.
func NewTrainer[T runtime.Float](m ModelOf[T], t Training) (*TrainerOf[T], error) {
	return nil, errUnwritten
}

// StepStats is what one step was like.
type StepStats struct {
	Step         int // from 1
	Loss         Loss
	GradNorm     float64 // of all parameters, before clipping
	Rate         float64 // of learning
	Rows         int     // of all passes, padding included; a translator's encoder too
	Time         time.Duration
	NormTime     time.Duration // of that in norms
	ProductsTime time.Duration // of that in matrix products
}

// Step takes one step over the batches: a pass for each, whose gradients are
// those of the mean loss of all their targets together, then one commit of each
// norm over all passes, then one update. On an error, such as a batch that does not
// fit or a norm that refuses it, parameters, moments and state are as before.
func (t *TrainerOf[T]) Step(batches ...*Batch) (StepStats, error) {
	return StepStats{}, errUnwritten
}

// A TensorOf is a named array of a run's state, in the run's own memory: write to
// Data to load a checkpoint.
type TensorOf[T runtime.Float] struct {
	Name  string
	Shape []int
	Data  []T
}

// Tensor is a float32 array of a run's state.
type Tensor = TensorOf[float32]

// Tensors lists all arrays that a run's future depends on: the parameters
// by their names, the moments of Adam as "adam.m." and "adam.v." and the name of the
// parameter, and the state of norms by position and name, such as
// "decoder.final_norm.running_mean".
func (t *TrainerOf[T]) Tensors() []TensorOf[T] { return nil }

// A Counter is a number of a run's state.
type Counter struct {
	Name  string
	Value uint64
}

// Counters lists the rest of a run's state: "step", "draw" (passes done, which
// dropout counts), and the step of each norm, such as "decoder.final_norm.step".
func (t *TrainerOf[T]) Counters() []Counter { return nil }

// SetCounters sets them all; it wants the names that Counters lists, in any order.
func (t *TrainerOf[T]) SetCounters([]Counter) error { return errUnwritten }
