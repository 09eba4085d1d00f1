package run

import (
	"github.com/normgen/normgen/runtime/transformer"
)

// A Logged is what the steps since the last logged one were like, on average.
type Logged struct {
	Step            int     `json:"step"`
	Epoch           int     `json:"epoch"`
	Seconds         float64 `json:"seconds"` // of training so far
	Loss            float64 `json:"loss"`    // what is minimized, in nats a token
	NLL             float64 `json:"nll"`     // without smoothing
	GradNorm        float64 `json:"gradnorm"`
	Rate            float64 `json:"rate"`
	TokensPerSecond float64 `json:"tokens_per_second"` // targets
	NormShare       float64 `json:"norm_share"`        // of the time of steps
	ProductShare    float64 `json:"product_share"`
}

// An Evaluated is a part of the corpus under the model, norms as in evaluation.
type Evaluated struct {
	Step       int     `json:"step"`
	Seconds    float64 `json:"seconds"`
	Part       string  `json:"part"`
	Tokens     int     `json:"tokens"`
	NLL        Real    `json:"nll"` // nats a token
	Perplexity Real    `json:"perplexity"`

	// Of translations; the signatures say how it is computed, and are empty if it was not.
	BLEU               float64 `json:"bleu,omitempty"`
	Signature          string  `json:"signature,omitempty"`
	BLEUTokenized      float64 `json:"bleu_tokenized,omitempty"`
	SignatureTokenized string  `json:"signature_tokenized,omitempty"`
}

func evaluated(l transformer.Loss) Evaluated {
	return Evaluated{Tokens: l.Tokens, NLL: Real(l.NLL / float64(l.Tokens)), Perplexity: Real(l.Perplexity())}
}

// Statuses of a run.
const (
	Done     = "done"
	Diverged = "diverged" // loss or gradient was no number
	Stopped  = "stopped"  // by the user: -resume goes on
)

// A Result is what a run came to.
type Result struct {
	Settings Settings `json:"settings"`
	Machine  Machine  `json:"machine"`
	Norms    string   `json:"norms"`            // with all knobs
	Mixing   []string `json:"mixing,omitempty"` // norms of the decoder that let positions see each other in training

	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`

	Parameters int        `json:"parameters"`
	Steps      int        `json:"steps"`
	Epochs     int        `json:"epochs"`
	Seconds    float64    `json:"seconds"` // of training, evaluations not counted
	Tokens     int        `json:"tokens"`  // targets trained on
	NormShare  float64    `json:"norm_share"`
	Train      float64    `json:"train_nll"` // of the last logged steps
	Best       *Evaluated `json:"best,omitempty"`
	Test       *Evaluated `json:"test,omitempty"` // with the weights of Best
}

// An average is what some steps were like together.
type average struct {
	Steps                 int
	Loss                  transformer.Loss
	GradNorm              float64 // sum
	Time, Norms, Products float64 // seconds
}

func (a *average) add(s *transformer.StepStats) {
	a.Steps++
	a.Loss.Add(s.Loss)
	a.GradNorm += s.GradNorm
	a.Time += s.Time.Seconds()
	a.Norms += s.NormTime.Seconds()
	a.Products += s.ProductsTime.Seconds()
}

func (a *average) logged() Logged {
	n, time := float64(a.Loss.Tokens), max(a.Time, 1e-9)
	return Logged{Loss: a.Loss.Smoothed / n, NLL: a.Loss.NLL / n, GradNorm: a.GradNorm / float64(a.Steps),
		TokensPerSecond: n / time, NormShare: a.Norms / time, ProductShare: a.Products / time}
}
