package lab

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/normgen/normgen/cmd/normlab/probe"
	"github.com/normgen/normgen/cmd/normlab/run"
	"github.com/normgen/normgen/runtime/transformer"
)

// A display shows how a run goes: lines of text or JSON, and on a terminal a bar with
// the loss, the tokens per second and the time that is left.
type display struct {
	out      io.Writer
	json     bool
	settings *run.Settings
	unit     string
	bar      *progressbar.ProgressBar // nil: no terminal
	shown    time.Time
	tokens   int
	loss     float64
	err      error
}

// ticks is what the whole bar stands for.
const ticks = 1000

func (t *tool) display(r *run.Run, json bool) *display {
	d := &display{out: t.stdout, json: json, settings: &r.Settings, unit: r.Task.Unit()}
	if t.terminal != nil && term.IsTerminal(int(t.terminal.Fd())) {
		d.bar = newBar(t.terminal)
	}
	return d
}

func newBar(f *os.File) *progressbar.ProgressBar {
	return progressbar.NewOptions(ticks, progressbar.OptionSetWriter(f), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(30), progressbar.OptionSetElapsedTime(true))
}

// begin says what is about to be trained.
func (d *display) begin(r *run.Run, dir run.Dir) {
	if d.json {
		return
	}
	c := r.Model.Config()
	d.printf("task      %s\n", r.Task.Describe())
	d.printf("model     %d layers of width %d, %d parameters\n", c.DecoderLayers, c.Width, r.Parameters())
	d.printf("norms     %s\n", r.Places.Describe())
	d.printf("computes  %s; %d workers; kernels of norms %s\n", r.Machine.Products, r.Machine.Threads, r.Machine.Kernels)
	d.printf("into      %s\n", dir)
	if m := r.Places.Mixing(); len(m) > 0 {
		d.printf("caution   in training %s lets positions of the decoder see later ones: judge by the validation\n", strings.Join(m, " and "))
	}
}

// Stepped moves the bar, a few times a second at most.
func (d *display) Stepped(s *transformer.StepStats, seconds float64) {
	if d.bar == nil {
		return
	}
	d.tokens += s.Loss.Tokens
	d.loss = s.Loss.NLL / float64(s.Loss.Tokens)
	now := time.Now()
	if now.Sub(d.shown) < 200*time.Millisecond {
		return
	}
	d.shown = now
	d.bar.Describe(fmt.Sprintf("step %d  loss %.3f  %.0f %ss/s", s.Step, d.loss, float64(d.tokens)/math.Max(seconds, 1e-9), d.unit))
	d.bar.Set(int(ticks * d.settings.Part(s.Step, seconds)))
}

// Logged prints a line.
func (d *display) Logged(l run.Logged) {
	d.line(struct {
		Event string `json:"event"`
		run.Logged
	}{"step", l})
	d.printf("step %-6d loss %.4f  gradient %.3g  rate %.2e  %.0f %ss/s  norms %.1f %%\n",
		l.Step, l.NLL, l.GradNorm, l.Rate, l.TokensPerSecond, d.unit, 100*l.NormShare)
}

// Evaluated prints a line.
func (d *display) Evaluated(e run.Evaluated) {
	d.line(struct {
		Event string `json:"event"`
		run.Evaluated
	}{"evaluation", e})
	d.printf("step %-6d %s", e.Step, describe(&e, d.unit))
}

// Probed shows nothing: the readings of a step are in the directory.
func (d *display) Probed(int, []probe.Reading) {}

// describe says what an evaluation came to.
func describe(e *run.Evaluated, unit string) string {
	out := fmt.Sprintf("%s: %.4f nats a %s, perplexity %.2f\n", e.Part, e.NLL, unit, e.Perplexity)
	if e.Signature != "" {
		out += fmt.Sprintf("            BLEU %.2f  %s\n            BLEU %.2f  %s\n", e.BLEU, e.Signature, e.BLEUTokenized, e.SignatureTokenized)
	}
	return out
}

// result says what the run came to.
func (d *display) result(r *run.Result, dir run.Dir) {
	d.line(struct {
		Event  string      `json:"event"`
		Result *run.Result `json:"result"`
	}{"result", r})
	d.printf("%s after %d steps, %.1f epochs begun, %.1f minutes: %s\n", r.Status, r.Steps, float64(r.Epochs)+1, r.Seconds/60, dir.File("loss.png"))
	if r.Reason != "" {
		d.printf("%s\n", r.Reason)
	}
}

func (d *display) clear() {
	if d.bar != nil {
		d.bar.Clear()
	}
}

// line prints a line of JSON, if that is wanted.
func (d *display) line(v any) {
	if !d.json {
		return
	}
	d.clear()
	if err := json.NewEncoder(d.out).Encode(v); err != nil && d.err == nil {
		d.err = err
	}
}

// printf prints text, unless JSON is wanted.
func (d *display) printf(format string, args ...any) {
	if d.json {
		return
	}
	d.clear()
	fmt.Fprintf(d.out, format, args...)
}

func (d *display) end() {
	if d.bar != nil {
		d.bar.Finish()
	}
}
