package run

import "github.com/normgen/normgen/runtime/transformer"

// weights lists what evaluation reads: all of a run's tensors but the optimizer's.
func (r *Run) weights() []transformer.Tensor {
	all := r.Trainer.Tensors()
	n := len(r.Model.Params())
	return append(all[:n:n], all[3*n:]...) // parameters, two moments of each, state
}

// keep keeps the weights of an evaluation as the best.
func (r *Run) keep(e Evaluated) {
	r.Best = e
	for i, t := range r.weights() {
		if i == len(r.best) {
			r.best = append(r.best, make([]float32, len(t.Data)))
		}
		copy(r.best[i], t.Data)
	}
}

// SwapBest exchanges the weights with those that did best on validation, if there are
// some.
func (r *Run) SwapBest() {
	if r.Best.Step == 0 {
		return
	}
	for i, t := range r.weights() {
		for j, v := range t.Data {
			t.Data[j], r.best[i][j] = r.best[i][j], v
		}
	}
}

// finish evaluates what training came to. A run that was stopped is not over, and has
// no test.
func (r *Run) finish(status, reason string) (*Result, error) {
	out := &Result{Settings: r.Settings, Machine: r.Machine, Norms: r.Places.Describe(), Mixing: r.Places.Mixing(),
		Status: status, Reason: reason, Parameters: r.Parameters(),
		Steps: r.Step, Epochs: r.reader.Position().Epoch, Seconds: r.Seconds, Tokens: r.Tokens, Train: r.Last.NLL}
	if r.Seconds > 0 {
		out.NormShare = r.Norms / r.Seconds
	}
	if status != Stopped && r.Step > 0 {
		if err := r.test(out); err != nil {
			return nil, err
		}
	}
	if r.Best.Step > 0 {
		e := r.Best
		out.Best = &e
	}
	return out, r.save()
}

// test evaluates on the test, with the weights that did best on validation.
func (r *Run) test(out *Result) error {
	if r.Validated != r.Step {
		if err := r.validate(); err != nil {
			return err
		}
	}
	if r.Best.Step == 0 {
		return nil // no evaluation was a number
	}
	r.SwapBest()
	defer r.SwapBest()
	e, err := r.Score("test", 0)
	if err != nil {
		return err
	}
	e.Step = r.Best.Step
	r.watch.Evaluated(e)
	out.Test = &e
	return nil
}

// Score is [Run.Evaluate], and BLEU where the task is translation.
func (r *Run) Score(part string, batches int) (Evaluated, error) {
	e, err := r.Evaluate(part, batches)
	if err != nil || batches > 0 {
		return e, err
	}
	return e, r.translate(&e)
}
