package run

import (
	"errors"
	"io/fs"
	"math"
	"time"

	"github.com/normgen/normgen/cmd/normlab/figure"
	"github.com/normgen/normgen/cmd/normlab/probe"
	"github.com/normgen/normgen/runtime/transformer"
)

var nan = math.NaN()

// A Recorder writes what a run is like into its directory, and tells it on. A failure
// to write is kept for the end: a run is not lost for its plot.
type Recorder struct {
	dir        Dir
	log, evals *Table
	probe      *Table // made with the first readings
	last       int
	next       Watcher
	err        error
	drawn      time.Time
}

// redraw is how long the plot of a run may lag behind.
const redraw = 15 * time.Second

var (
	logColumns   = []string{"step", "epoch", "seconds", "loss", "nll", "gradnorm", "rate", "tokens_per_second", "norm_share", "product_share"}
	probeColumns = []string{"step", "position", "quantity", "distance", "size"}
	evalColumns  = []string{"step", "part", "seconds", "tokens", "nll", "perplexity", "bleu", "bleu_tokenized"}
)

// Record starts writing: after the last step that the run has done.
func (d Dir) Record(last int, next Watcher) (*Recorder, error) {
	log, err := OpenTable(d.File(LogFile), last, logColumns...)
	if err != nil {
		return nil, err
	}
	old, err := ReadTable(d.File(EvalFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	// The test is the end of a run; one that goes on takes it again.
	evals, err := newTable(d.File(EvalFile), old.UpTo(last).Where("part", "valid"), evalColumns)
	return &Recorder{dir: d, log: log, evals: evals, last: last, next: next}, err
}

// Stepped tells it on.
func (r *Recorder) Stepped(s *transformer.StepStats, seconds float64) { r.next.Stepped(s, seconds) }

// Logged writes a row.
func (r *Recorder) Logged(l Logged) {
	r.keep(r.log.Add(l.Step, nil, float64(l.Epoch), l.Seconds, l.Loss, l.NLL, l.GradNorm, l.Rate, l.TokensPerSecond, l.NormShare, l.ProductShare))
	r.draw()
	r.next.Logged(l)
}

// Evaluated writes a row, and draws the losses so far.
func (r *Recorder) Evaluated(e Evaluated) {
	r.keep(r.evals.Add(e.Step, []string{e.Part}, e.Seconds, float64(e.Tokens), float64(e.NLL), float64(e.Perplexity), e.BLEU, e.BLEUTokenized))
	r.drawn = time.Time{}
	r.draw()
	r.next.Evaluated(e)
}

// Probed writes a row for each reading.
func (r *Recorder) Probed(step int, readings []probe.Reading) {
	if r.probe == nil {
		t, err := OpenTable(r.dir.File(ProbeFile), r.last, probeColumns...)
		if r.keep(err); err != nil {
			return
		}
		r.probe = t
	}
	for _, v := range readings {
		r.keep(r.probe.Add(step, []string{v.Position, v.Quantity}, v.Distance, v.Size))
	}
	r.next.Probed(step, readings)
}

// draw draws the losses so far, unless it just has.
func (r *Recorder) draw() {
	if now := time.Now(); now.Sub(r.drawn) > redraw {
		r.drawn = now
		r.keep(r.dir.DrawLoss())
	}
}

func (r *Recorder) keep(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Close ends the writing, and returns what went wrong in it.
func (r *Recorder) Close() error {
	err := errors.Join(r.err, r.log.Close(), r.evals.Close())
	if r.probe != nil {
		err = errors.Join(err, r.probe.Close(), r.dir.DrawProbe())
	}
	return err
}

// DrawLoss draws loss.png and loss.svg: the loss in training and on validation.
func (d Dir) DrawLoss() error {
	log, err := ReadTable(d.File(LogFile))
	if err != nil {
		return err
	}
	evals, err := ReadTable(d.File(EvalFile))
	if err != nil {
		return err
	}
	valid := evals.Where("part", "valid")
	f := figure.Figure{Title: "Loss", X: "step", Y: "nats a token", Curves: []figure.Curve{
		{Label: "training, with dropout", X: log.Numbers("step"), Y: log.Numbers("nll")},
		{Label: "validation", X: valid.Numbers("step"), Y: valid.Numbers("nll"), Colour: 1, Dots: true},
	}}
	return SaveFigure(d.File("loss"), &f)
}
