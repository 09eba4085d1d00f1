package transformer

import (
	"errors"
	"fmt"
	"math"
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
	Clip        float64 // largest length of the gradient of all parameters; 0: no limit
	// Schedule replaces the one above: the rate of a step, from 1 on.
	Schedule func(step int) float64
}

func (t *Training) rate(step int) float64 {
	switch {
	case t.Schedule != nil:
		return t.Schedule(step)
	case t.Warmup == 0:
		return t.Rate
	}
	s, w := float64(step), float64(t.Warmup)
	return t.Rate * min(s/w, math.Sqrt(w/s))
}

// complete fills in what was left 0, and checks.
func (t Training) complete() (Training, error) {
	for _, d := range []struct {
		field     *float64
		otherwise float64
	}{{&t.Beta1, 0.9}, {&t.Beta2, 0.98}, {&t.Eps, 1e-9}} {
		if *d.field == 0 {
			*d.field = d.otherwise
		}
	}
	switch {
	case t.Schedule == nil && !(t.Rate > 0 && t.Rate < math.Inf(1)):
		return t, fmt.Errorf("transformer: Rate is %v; it must be above 0", t.Rate)
	case t.Warmup < 0:
		return t, fmt.Errorf("transformer: Warmup is %d", t.Warmup)
	case !(t.Beta1 >= 0 && t.Beta1 < 1 && t.Beta2 >= 0 && t.Beta2 < 1):
		return t, fmt.Errorf("transformer: Beta1 and Beta2 are %v and %v; they must be in [0, 1)", t.Beta1, t.Beta2)
	case !(t.Eps > 0 && t.WeightDecay >= 0 && t.Clip >= 0):
		return t, fmt.Errorf("transformer: Eps, WeightDecay and Clip are %v, %v and %v", t.Eps, t.WeightDecay, t.Clip)
	}
	return t, nil
}

// ErrNotFinite is returned by steps whose loss or gradient is NaN or infinite.
var ErrNotFinite = errors.New("loss or gradient is not finite")

// A TrainerOf moves the parameters of a model.
type TrainerOf[T runtime.Float] struct {
	// Observe is called for each norm after its backward; nil: by nothing.
	Observe func(SightOf[T])

	model  ModelOf[T]
	adam   *adam[T]
	states []normState[T]
	pass   passOf[T]
	step   int    // done
	draw   uint64 // passes done
}

// Trainer trains float32 models.
type Trainer = TrainerOf[float32]

// NewTrainer makes a trainer at step 0. It holds the moments of all parameters.
func NewTrainer[T runtime.Float](m ModelOf[T], t Training) (*TrainerOf[T], error) {
	t, err := t.complete()
	if err != nil {
		return nil, err
	}
	out := &TrainerOf[T]{model: m, adam: newAdam(t, m.Params())}
	for _, p := range m.Positions() {
		out.states = append(out.states, newNormState(p))
	}
	return out, nil
}

// StepStats is what one step was like.
type StepStats struct {
	Step     int // from 1
	Loss     Loss
	GradNorm float64 // of all parameters, before clipping
	Rate     float64 // of learning
	Rows     int     // of all passes, padding included; a translator's encoder too

	// Time is that of the whole step. Attention is what lies between its projections,
	// Loss softmax and cross-entropy, Update all that follows the passes.
	Time, ProductsTime, AttentionTime, NormTime, LossTime, UpdateTime time.Duration
}

// Step takes one step over the batches: a pass for each, whose gradients are
// those of the mean loss of all their targets together, then one commit of each
// norm over all passes, then one update. On an error, such as a batch that does not
// fit, a norm that refuses it, or [ErrNotFinite], parameters, moments and state are
// as before.
func (t *TrainerOf[T]) Step(batches ...*Batch) (StepStats, error) {
	begin := time.Now()
	m := t.model.compute()
	m.spent = spent{}
	s := StepStats{Step: t.step + 1}
	err := t.passes(&s, batches)
	if err == nil {
		updating := time.Now()
		err = t.update(&s, len(batches))
		s.UpdateTime = time.Since(updating)
	}
	if err != nil {
		for _, p := range t.adam.params {
			clear(p.Grad)
		}
		return s, fmt.Errorf("step %d: %w", t.step+1, err)
	}
	s.ProductsTime, s.AttentionTime, s.NormTime, s.LossTime = m.spent.products, m.spent.attention, m.spent.norms, m.spent.loss
	s.Time = time.Since(begin)
	return s, nil
}

// passes adds up the gradients of the batches.
func (t *TrainerOf[T]) passes(s *StepStats, batches []*Batch) error {
	tokens := 0
	for _, b := range batches {
		tokens += b.Tokens()
		s.Rows += b.Rows() + b.Sequences*b.SourceLen
	}
	if tokens == 0 {
		return errors.New("transformer: a step over no targets")
	}
	for i, b := range batches {
		t.pass = passOf[T]{index: i, draw: t.draw + uint64(i), scale: 1 / float64(tokens), observe: t.Observe}
		loss, err := t.model.train(b, &t.pass)
		if err != nil {
			return err
		}
		s.Loss.Add(loss)
	}
	return nil
}

// update commits the norms and moves the parameters.
func (t *TrainerOf[T]) update(s *StepStats, passes int) error {
	c := t.model.compute().crew
	s.GradNorm = t.adam.norm(c)
	if bad := s.GradNorm - s.GradNorm + (s.Loss.Smoothed - s.Loss.Smoothed); bad != 0 {
		return fmt.Errorf("%w: loss %v, gradient %v", ErrNotFinite, s.Loss.Smoothed/float64(s.Loss.Tokens), s.GradNorm)
	}
	if err := t.commit(passes); err != nil {
		return err
	}
	t.step++
	t.draw += uint64(passes)
	s.Rate = t.adam.update(c, t.step, s.GradNorm)
	return nil
}

// commit commits all norms, or none.
func (t *TrainerOf[T]) commit(passes int) error {
	for i := range t.states {
		t.states[i].save()
	}
	for i := range t.states {
		p := t.states[i].position
		if err := p.Norm.Commit(p.works[:passes]...); err != nil {
			for j := range t.states[:i] {
				t.states[j].restore()
			}
			return p.named(err)
		}
	}
	return nil
}

// A normState is the state of a norm, with room for what it was.
type normState[T runtime.Float] struct {
	position *PositionOf[T]
	state    []runtime.NamedOf[T]
	saved    [][]T
}

func newNormState[T runtime.Float](p *PositionOf[T]) normState[T] {
	n := normState[T]{position: p, state: p.Norm.State()}
	for _, s := range n.state {
		n.saved = append(n.saved, make([]T, len(s.Data)))
	}
	return n
}

func (n *normState[T]) save() {
	for i, s := range n.state {
		copy(n.saved[i], s.Data)
	}
}

// restore undoes a commit.
func (n *normState[T]) restore() {
	for i, s := range n.state {
		copy(s.Data, n.saved[i])
	}
	must(n.position.Norm.SetStep(n.position.Norm.Step() - 1))
}
