package run

import "github.com/normgen/normgen/runtime/transformer"

// best is the weights that did best on validation.
type best struct {
	Evaluated
	data [][]float32 // of the tensors that evaluation reads
}

// read lists what evaluation reads: all but the optimizer's.
func (r *Run) read() []transformer.Tensor {
	all := r.Trainer.Tensors()
	n := len(r.Model.Params())
	return append(all[:n:n], all[3*n:]...) // parameters, two moments of each, state
}

func (b *best) keep(r *Run, e Evaluated) {
	b.Evaluated = e
	for i, t := range r.read() {
		if i == len(b.data) {
			b.data = append(b.data, make([]float32, len(t.Data)))
		}
		copy(b.data[i], t.Data)
	}
}

// swap exchanges the weights with those of the run.
func (b *best) swap(r *Run) {
	for i, t := range r.read() {
		for j, v := range t.Data {
			t.Data[j], b.data[i][j] = b.data[i][j], v
		}
	}
}

// finish evaluates what training came to. A run that was stopped is not over, and has
// no test.
func (r *Run) finish(status, reason string) (*Result, error) {
	out := &Result{Settings: r.Settings, Machine: r.Machine, Norms: r.Places.Describe(), Mixing: r.Places.Mixing(),
		Status: status, Reason: reason, Parameters: r.Parameters(),
		Steps: r.step, Epochs: r.reader.Position().Epoch, Seconds: r.seconds, Tokens: r.tokens, Train: r.last.NLL}
	if r.seconds > 0 {
		out.NormShare = r.norms / r.seconds
	}
	if status != Stopped && r.step > 0 {
		if err := r.test(out); err != nil {
			return nil, err
		}
	}
	if r.best != nil && r.best.Step > 0 {
		e := r.best.Evaluated
		out.Best = &e
	}
	return out, nil
}

// test evaluates on the test, with the weights that did best on validation.
func (r *Run) test(out *Result) error {
	if r.best == nil || r.step%r.Settings.Evaluate != 0 {
		if err := r.validate(); err != nil {
			return err
		}
	}
	if r.best.Step == 0 {
		return nil // no evaluation was a number
	}
	r.best.swap(r)
	defer r.best.swap(r)
	e, err := r.Evaluate("test", 0)
	if err != nil {
		return err
	}
	if err := r.translate(&e); err != nil {
		return err
	}
	e.Step = r.best.Step
	r.watch.Evaluated(e)
	out.Test = &e
	return nil
}
