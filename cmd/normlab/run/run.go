// Package run trains a model as settings say, and keeps what it came to in a
// directory.
package run

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/normgen/normgen/cmd/normlab/choice"
	"github.com/normgen/normgen/cmd/normlab/probe"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
	"github.com/normgen/normgen/runtime/transformer/text"
)

// A Watcher is told how a run goes.
type Watcher interface {
	Stepped(s *transformer.StepStats, seconds float64) // after every step
	Logged(l Logged)
	Evaluated(e Evaluated)
	Probed(step int, readings []probe.Reading) // after every step of a run with a probe
}

// A Run is a model in training.
type Run struct {
	Settings Settings
	Task     *Task
	Places   choice.Places
	Model    transformer.Model
	Trainer  *transformer.Trainer
	Machine  Machine
	Hot      bool // workers spin while there is nothing to do: faster on cores that are idle

	probe   *probe.Probe // nil: none
	pool    *runtime.Goroutines
	reader  *text.Reader
	batches []text.Batch
	watch   Watcher

	progress
	best [][]float32 // weights of progress.Best: the tensors that evaluation reads
	saving
}

// progress is what a run knows of its past besides weights and counters.
type progress struct {
	Step    int
	Seconds float64 // of steps
	Tokens  int
	Norms   float64 // seconds in norms
	Last    Logged
	Since   average
	Best    Evaluated // Step is 0 if there is none

	Validated int // step of the last evaluation
}

// New makes a run at step 0. Norms come from the catalogue, the corpus from the data
// folder, which may be "".
func New(s Settings, c choice.Catalogue, data string) (*Run, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	r := &Run{Settings: s}
	var err error
	if r.Places, err = c.ParsePlaces(s.Norms, s.Translates(), s.names()); err != nil {
		return nil, err
	}
	if r.Task, err = Load(&r.Settings, data); err != nil {
		return nil, err
	}
	if r.reader, err = r.Task.training(); err != nil {
		return nil, err
	}
	r.batches = make([]text.Batch, s.Accumulate)
	return r, r.build()
}

// names are the numbers that knobs may be set to by name.
func (s *Settings) names() choice.Names {
	return choice.Names{"heads": float64(s.Heads), "warmup": float64(s.Warmup), "width": float64(s.Width)}
}

func (r *Run) build() error {
	s := &r.Settings
	e, pool, err := s.engine()
	if err != nil {
		return err
	}
	r.pool = pool
	if r.Machine, err = s.machine(e); err != nil {
		return err
	}
	if c := r.Task.config(); s.Translates() {
		r.Model, err = transformer.NewTranslator(c, r.Places.Norms(), e)
	} else {
		r.Model, err = transformer.NewLM(c, r.Places.Norms(), e)
	}
	if err != nil {
		return err
	}
	if r.Trainer, err = transformer.NewTrainer(r.Model, s.training()); err != nil || s.Probe == "" {
		return err
	}
	if r.probe, err = probe.New(r.Model, s.Probe); err == nil {
		r.Trainer.Observe = r.probe.Observe
	}
	return err
}

// Close ends the workers.
func (r *Run) Close() {
	if r.pool != nil {
		r.pool.Close()
	}
}

// training is how the model learns.
func (s *Settings) training() transformer.Training {
	t := transformer.Training{Rate: s.Rate, Warmup: s.Warmup, WeightDecay: s.Decay, Clip: s.Clip}
	switch s.Schedule {
	case cosine:
		t.Schedule = s.cosine
	case constant:
		t.Schedule = func(step int) float64 { return s.Rate * math.Min(1, float64(step)/math.Max(1, float64(s.Warmup))) }
	}
	return t
}

// cosine rises evenly to the rate, and then falls as half a wave to a hundredth of it
// at the last step.
func (s *Settings) cosine(step int) float64 {
	if step < s.Warmup {
		return s.Rate * float64(step) / float64(s.Warmup)
	}
	part := float64(step-s.Warmup) / math.Max(1, float64(s.Steps-s.Warmup))
	return s.Rate * (0.01 + 0.99*(1+math.Cos(math.Pi*math.Min(part, 1)))/2)
}

// Parameters returns how many numbers training moves.
func (r *Run) Parameters() int {
	n := 0
	for _, p := range r.Model.Params() {
		n += len(p.Data)
	}
	return n
}

// Train trains up to the end that the settings give, or the context; what is there is
// evaluated on the way, and on the test at the end. A loss that is no number ends the
// run, and is a result.
func (r *Run) Train(ctx context.Context, w Watcher) (*Result, error) {
	r.watch = w
	if r.Hot {
		r.pool.Start()
		defer r.pool.Stop()
	}
	status, reason := Done, ""
	for !r.ended() {
		if ctx.Err() != nil {
			status = Stopped
			break
		}
		if err := r.advance(); errors.Is(err, transformer.ErrNotFinite) {
			status, reason = Diverged, err.Error()
			break
		} else if err != nil {
			return nil, err
		}
	}
	return r.finish(status, reason)
}

// ended reports whether steps or minutes are used up.
func (r *Run) ended() bool {
	s := &r.Settings
	return s.Steps > 0 && r.Step >= s.Steps || s.Minutes > 0 && r.Seconds >= 60*s.Minutes
}

// advance takes a step, and what is due after it.
func (r *Run) advance() error {
	begin := time.Now()
	s, err := r.Trainer.Step(r.next()...)
	if err != nil {
		return err
	}
	r.Step, r.Tokens = s.Step, r.Tokens+s.Loss.Tokens
	r.Seconds += time.Since(begin).Seconds()
	r.Norms += s.NormTime.Seconds()
	r.Since.add(&s)
	r.watch.Stepped(&s, r.Seconds)
	if r.probe != nil {
		r.watch.Probed(r.Step, r.probe.Readings())
	}
	if r.Step%r.Settings.Log == 0 {
		r.log(&s)
	}
	if r.Step%r.Settings.Evaluate == 0 {
		if err := r.validate(); err != nil {
			return err
		}
	}
	return r.saveIfDue()
}

// next reads the batches of a step.
func (r *Run) next() []*transformer.Batch {
	out := make([]*transformer.Batch, len(r.batches))
	for i := range r.batches {
		for !r.reader.Next(&r.batches[i]) {
		}
		out[i] = &r.batches[i].Batch
	}
	return out
}

func (r *Run) log(s *transformer.StepStats) {
	l := r.Since.logged()
	l.Step, l.Epoch, l.Seconds, l.Rate = r.Step, r.reader.Position().Epoch, r.Seconds, s.Rate
	r.Since, r.Last = average{}, l
	r.watch.Logged(l)
}

// validate evaluates, and keeps the weights if there were no better ones.
func (r *Run) validate() error {
	e, err := r.Evaluate("valid", 0)
	if err != nil {
		return err
	}
	r.watch.Evaluated(e)
	r.Validated = r.Step
	if e.NLL.Finite() && (r.Best.Step == 0 || e.NLL < r.Best.NLL) {
		r.keep(e)
	}
	return nil
}

// Evaluate returns the loss of a part of the corpus, of at most so many batches; 0 is
// all.
func (r *Run) Evaluate(name string, batches int) (Evaluated, error) {
	reader, err := r.Task.reader(r.Task.part(name), text.Order{})
	if err != nil {
		return Evaluated{}, fmt.Errorf("%s: %w", name, err)
	}
	var total transformer.Loss
	var b text.Batch
	for i := 0; (batches == 0 || i < batches) && reader.Next(&b); i++ {
		l, err := r.Model.Evaluate(&b.Batch)
		if err != nil {
			return Evaluated{}, err
		}
		total.Add(l)
	}
	e := evaluated(total)
	e.Step, e.Seconds, e.Part = r.Step, r.Seconds, name
	return e, nil
}

// Part is how much of a run is done, from 0 to 1, by steps or minutes, whichever is
// further.
func (s *Settings) Part(step int, seconds float64) float64 {
	part := 0.0
	if s.Steps > 0 {
		part = float64(step) / float64(s.Steps)
	}
	if s.Minutes > 0 {
		part = max(part, seconds/(60*s.Minutes))
	}
	return min(part, 1)
}
