package report

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/normgen/normgen/cmd/normlab/run"
	"github.com/normgen/normgen/cmd/normlab/sweep"
)

// A Group is the runs of a sweep, or a single run.
type Group struct {
	Sweep *sweep.Sweep // of a single run one that says no more than the run does
	Name  string       // of its directory
	Runs  []Run
	Left  []string // runs that are not over
}

// A Run is one that is over.
type Run struct {
	Dir run.Dir
	*run.Result
}

// Load reads the runs of a directory.
func Load(dir string) (*Group, error) {
	g := &Group{Name: filepath.Base(filepath.Clean(dir))}
	if _, err := os.Stat(filepath.Join(dir, sweep.FileName)); errors.Is(err, fs.ErrNotExist) {
		return g, g.single(run.Dir(dir))
	}
	var err error
	if g.Sweep, err = sweep.Read(filepath.Join(dir, sweep.FileName)); err != nil {
		return nil, err
	}
	for _, c := range g.Sweep.Cells() {
		d := run.Dir(filepath.Join(dir, c.Name))
		switch r, err := d.Result(); {
		case errors.Is(err, fs.ErrNotExist):
			g.Left = append(g.Left, c.Name)
		case err != nil:
			return nil, err
		default:
			g.Runs = append(g.Runs, Run{d, r})
		}
	}
	if len(g.Runs) == 0 {
		return nil, fmt.Errorf("%s: no run is over yet", dir)
	}
	return g, nil
}

// single makes the group of one run.
func (g *Group) single(d run.Dir) error {
	r, err := d.Result()
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: neither a sweep nor a run that is over", d)
	}
	if err != nil {
		return err
	}
	s := r.Settings
	g.Sweep = &sweep.Sweep{Title: g.Name, Norms: []string{s.Norms}, Seeds: []uint64{s.Seed}, Batches: []int{s.Batch}}
	g.Runs = []Run{{d, r}}
	return nil
}

// of returns the runs of a norm and batch size, by seed.
func (g *Group) of(norm string, batch int) []Run {
	return slices.DeleteFunc(slices.Clone(g.Runs), func(r Run) bool { return r.Settings.Norms != norm || r.Settings.Batch != batch })
}

// translates reports whether the task is translation.
func (g *Group) translates() bool { return g.Runs[0].Settings.Translates() }

// A metric is a number that runs are compared by.
type metric struct {
	name     string
	decimals int
	lower    bool // is better
	of       func(r Run) float64
}

// metrics of the group; the first one decides claims. A run that diverged has none.
func (g *Group) metrics() []metric {
	perplexity := []metric{
		{"test perplexity", 2, true, func(r Run) float64 {
			return number(r.Test, func(e *run.Evaluated) float64 { return float64(e.Perplexity) })
		}},
		{"best validation perplexity", 2, true, func(r Run) float64 {
			return number(r.Best, func(e *run.Evaluated) float64 { return float64(e.Perplexity) })
		}},
		{"last training loss", 3, true, func(r Run) float64 { return r.Train }},
	}
	if !g.translates() {
		return perplexity
	}
	return append([]metric{
		{"test BLEU", 2, false, func(r Run) float64 { return number(r.Test, func(e *run.Evaluated) float64 { return e.BLEU }) }},
		{"test BLEU, tokenized", 2, false, func(r Run) float64 { return number(r.Test, func(e *run.Evaluated) float64 { return e.BLEUTokenized }) }},
	}, perplexity...)
}

func number(e *run.Evaluated, of func(*run.Evaluated) float64) float64 {
	if e == nil {
		return math.NaN()
	}
	return of(e)
}

// values are the metric of runs that came to their end, where it is a number.
func (m metric) values(runs []Run) []float64 {
	var out []float64
	for _, r := range runs {
		if v := m.of(r); r.Status == run.Done && v-v == 0 {
			out = append(out, v)
		}
	}
	return out
}

// diverged counts the runs that did not come to their end.
func diverged(runs []Run) int {
	n := 0
	for _, r := range runs {
		if r.Status == run.Diverged {
			n++
		}
	}
	return n
}
