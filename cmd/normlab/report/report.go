// Package report writes what runs came to: a page of Markdown with tables, confidence
// intervals over seeds and figures, and the numbers as CSV.
package report

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/normgen/normgen/runtime/transformer/checkpoint"
)

// FileName is the page, TablesName its tables alone, as text for other pages to quote.
const (
	FileName   = "README.md"
	TablesName = "tables.txt"
)

// A page is what is being written.
type page struct {
	dir          string
	text, tables strings.Builder
}

// Write writes the page of the groups into a directory.
func Write(dir string, groups []*Group) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	p := &page{dir: dir}
	for i, g := range groups {
		if i > 0 {
			p.add("\n")
		}
		if err := p.group(g); err != nil {
			return fmt.Errorf("%s: %w", g.Name, err)
		}
	}
	p.add("\n%s", explanation)
	if err := writeRuns(filepath.Join(dir, "runs.csv"), groups); err != nil {
		return err
	}
	if err := replace(filepath.Join(dir, TablesName), p.tables.String()); err != nil {
		return err
	}
	return replace(filepath.Join(dir, FileName), p.text.String())
}

func replace(name, text string) error {
	return checkpoint.Replace(name, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

func (p *page) add(format string, args ...any) { fmt.Fprintf(&p.text, format, args...) }

// explanation is at the end of every page.
const explanation = `## How to read this

Intervals are 95 % confidence intervals of the mean over seeds by Student's t; with few seeds
they are wide, and differences within them decide nothing. Comparisons are made seed by seed:
runs of one seed begin with the same weights and read the same batches. Numbers of the test
are with the weights that did best on validation, norms as in evaluation. Runs that diverged,
whose loss was no number, are counted and in no mean. The models are small and trained for
minutes, so numbers are not those of papers; what is compared is the norms, with one
setting of everything else for all of them, which was not tuned for any one.

Norms with statistics over the batch let every position of a causal model see others in
training, later ones too. Their training loss is no bound on what they can predict, and is
not to be compared with that of others. Evaluation uses running statistics, and is causal.

This page was written by normlab report from the runs; [runs.csv](runs.csv) has one line for
each.
`

// group writes the section of a group.
func (p *page) group(g *Group) error {
	p.add("# %s\n\n", g.Sweep.Title)
	fmt.Fprintf(&p.tables, "%s: %s\n\n", g.Sweep.Title, g.model())
	if g.Sweep.About != "" {
		p.add("%s\n\n", g.Sweep.About)
	}
	p.setup(g)
	p.results(g)
	p.claims(g)
	if err := p.figures(g); err != nil {
		return err
	}
	return p.probes(g)
}

// setup says what was run.
func (p *page) setup(g *Group) {
	r := g.Runs[0]
	s := r.Settings
	p.add("Task %s; %s; at most %s; passes of %s tokens, %d to a step; dropout %g, rate %g after %d steps of warm-up, then %s; "+
		"%s. Seeds %s.\n\n", s.Task, g.model(), s.Limit(), join(g.Sweep.Batches), s.Accumulate,
		s.Dropout, s.Rate, s.Warmup, s.Schedule, position(s.PostNorm), join(g.Sweep.Seeds))
	p.add("Computed with %s.\n", strings.Join(g.machines(), "; also with "))
	if len(g.Left) > 0 {
		p.add("\n**Not run yet: %s.**\n", strings.Join(g.Left, ", "))
	}
	if mixing := g.mixing(); len(mixing) > 0 {
		p.add("\nIn training %s let positions of the decoder see others, later ones too.\n", strings.Join(mixing, ", "))
	}
}

func position(post bool) string {
	if post {
		return "norms behind the residual sums"
	}
	return "norms before the layers"
}

// machines lists what the runs were computed with, each once.
func (g *Group) machines() []string {
	var out []string
	for _, r := range g.Runs {
		m := r.Machine
		text := fmt.Sprintf("%s; %d workers; norms with %s kernels; %s on %s; normgen at commit %s", m.Products, m.Threads, m.Kernels, m.Go, m.System, m.Commit)
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

func (g *Group) mixing() []string {
	var out []string
	for _, r := range g.Runs {
		for _, n := range r.Mixing {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

func join[T any](list []T) string {
	var out []string
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return strings.Join(out, ", ")
}

// model says how large the models are.
func (g *Group) model() string {
	s := g.Runs[0].Settings
	return fmt.Sprintf("%d layers of width %d, %s parameters", s.Layers, s.Width, span(g.Runs, func(r Run) int { return r.Parameters }))
}

// span prints a number of runs: the smallest to the largest.
func span(runs []Run, of func(Run) int) string {
	var all []int
	for _, r := range runs {
		all = append(all, of(r))
	}
	if lo, hi := slices.Min(all), slices.Max(all); lo != hi {
		return fmt.Sprintf("%d to %d", lo, hi)
	}
	return fmt.Sprint(all[0])
}
