package lab

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/normgen/normgen/cmd/normlab/run"
)

// bind makes the flags of the settings. Their values are what s has.
func bind(fs *flag.FlagSet, s *run.Settings) {
	fs.StringVar(&s.Task, "task", s.Task, "`corpus`: "+strings.Join(run.Tasks(), ", "))
	fs.StringVar(&s.Size, "size", s.Size, "of the model: "+strings.Join(run.Sizes(), ", "))
	fs.StringVar(&s.Source, "from", s.Source, "`language` to translate from, as the files are named")
	fs.StringVar(&s.Target, "to", s.Target, "`language` to translate to")
	fs.StringVar(&s.Norms, "norm", s.Norms, "the `norm` of all positions, with knobs: PowerNorm:alpha=0.95")
	fs.StringVar(&s.Norms, "norms", s.Norms, "`norms` by position: encoder attention and feed-forward, decoder attention and feed-forward[, final[, final of the decoder]], as in power,power,layer,layer; of a language model attention, feed-forward[, final]")
	fs.StringVar(&s.Spec, "spec", s.Spec, "`file` with norms of your own for -norm: compiled with the Go toolchain, and then as fast as the library's")
	fs.Uint64Var(&s.Seed, "seed", s.Seed, "of weights, dropout and the order of the batches")
	fs.IntVar(&s.Steps, "steps", s.Steps, "steps to train (0: as -minutes says)")
	fs.Float64Var(&s.Minutes, "minutes", s.Minutes, "minutes to train, evaluations not counted (0: as -steps says)")
	fs.IntVar(&s.Layers, "layers", s.Layers, "of each side")
	fs.IntVar(&s.Width, "width", s.Width, "of the model")
	fs.IntVar(&s.Hidden, "hidden", s.Hidden, "width of the feed-forward layers")
	fs.IntVar(&s.Heads, "heads", s.Heads, "of attention")
	fs.BoolVar(&s.PostNorm, "postnorm", s.PostNorm, "norms behind the residual sums, not before the layers")
	fs.Float64Var(&s.Dropout, "dropout", s.Dropout, "of embeddings and residual branches; half of it for attention and in the feed-forward layers")
	fs.IntVar(&s.Length, "length", s.Length, "tokens of a language model's window, or of the longest sentence to train on")
	fs.IntVar(&s.Batch, "batch", s.Batch, "tokens of a pass, padding included")
	fs.IntVar(&s.Accumulate, "accumulate", s.Accumulate, "passes whose gradients make a step")
	fs.Float64Var(&s.Rate, "rate", s.Rate, "of learning, at its top")
	fs.IntVar(&s.Warmup, "warmup", s.Warmup, "steps in which the rate rises")
	fs.StringVar(&s.Schedule, "schedule", s.Schedule, "of the rate after the warm-up: inverse-sqrt, cosine, constant")
	fs.Float64Var(&s.Smoothing, "smoothing", s.Smoothing, "of labels")
	fs.Float64Var(&s.Decay, "decay", s.Decay, "of weights")
	fs.Float64Var(&s.Clip, "clip", s.Clip, "largest length of the gradient (0: any)")
	fs.IntVar(&s.Log, "log", s.Log, "log every so many `steps`")
	fs.IntVar(&s.Evaluate, "evaluate", s.Evaluate, "evaluate every so many `steps`")
	fs.IntVar(&s.Beam, "beam", s.Beam, "hypotheses of the translation at the end; 1 is greedy")
	fs.StringVar(&s.BLAS, "blas", s.BLAS, "`library` of matrix products: gonum, or openblas[:file], which is faster where it is installed")
	fs.StringVar(&s.Probe, "probe", s.Probe, "watch the statistics of the norms at these `positions`: first, all, or part of a name such as encoder.layers.0")
	fs.IntVar(&s.Threads, "threads", s.Threads, "workers; results depend on their number with openblas")
}

// A base is what settings begin with, before flags change them.
type base struct {
	config, task, size string
	resume             bool // what out has
	out                string
}

// bindBase makes the flag that only says where to begin.
func (b *base) bind(fs *flag.FlagSet) {
	fs.StringVar(&b.config, "config", b.config, "begin with the settings of this JSON `file`, such as a run's settings.json")
}

func (b *base) settings() (run.Settings, error) {
	if b.size != "" && (b.config != "" || b.resume) {
		return run.Settings{}, errors.New("-size is where settings begin, as are -config and -resume: with those change -layers, -width, -hidden and -heads")
	}
	if b.resume {
		return run.Dir(b.out).Settings()
	}
	if b.config == "" {
		return run.Preset(b.task, b.size)
	}
	f, err := os.Open(b.config)
	if err != nil {
		return run.Settings{}, fmt.Errorf("-config: %w", err)
	}
	defer f.Close()
	s, err := run.Read(f)
	if err != nil {
		err = fmt.Errorf("%s: %w", b.config, err)
	}
	return s, err
}

// settings reads the flags of a command twice: the first time for what the settings
// begin with, which the other flags then change. If ok is false the command ends with
// the status.
func (t *tool) settings(name string, args []string, more func(*flag.FlagSet), o *order) (s run.Settings, status exit, ok bool) {
	b := findBase(args, more)
	b.resume, b.out = o.resume && o.out != "", o.out
	s, err := b.settings()
	if err != nil {
		return s, t.fail(err), false
	}
	fs := flagSet(name)
	bind(fs, &s)
	b.bind(fs)
	more(fs)
	if status, ok := t.parse(fs, args); !ok {
		return s, status, false
	}
	if err := noArguments(fs); err != nil {
		return s, t.fail(err), false
	}
	return s, done, true
}

// findBase reads the flags for the base alone. If they are wrong the second reading says so.
func findBase(args []string, more func(*flag.FlagSet)) base {
	var b base
	var s run.Settings
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	bind(fs, &s)
	b.bind(fs)
	more(fs)
	if fs.Parse(args) != nil {
		return base{}
	}
	b.task, b.size = s.Task, s.Size
	return b
}

// noArguments refuses words that are no flags.
func noArguments(fs *flag.FlagSet) error {
	if fs.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	return nil
}
