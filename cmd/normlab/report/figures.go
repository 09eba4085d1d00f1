package report

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/normgen/normgen/cmd/normlab/figure"
	"github.com/normgen/normgen/cmd/normlab/run"
)

// figures draws losses over steps, and the first metric over batch sizes if there are
// several.
func (p *page) figures(g *Group) error {
	p.add("\n## Figures\n")
	batch := slices.Max(g.Sweep.Batches)
	valid := figure.Figure{Title: g.Sweep.Title + "\nvalidation", X: "step", Y: "nats a token"}
	train := figure.Figure{Title: g.Sweep.Title + "\ntraining, with dropout", X: "step", Y: "nats a token"}
	for i, norm := range g.Sweep.Norms {
		runs := g.of(norm, batch)
		c, err := curve(runs, func(d run.Dir) (run.Rows, error) {
			rows, err := d.Table(run.EvalFile)
			return rows.Where("part", "valid"), err
		}, "nll")
		if err != nil {
			return err
		}
		c.Label, c.Colour, c.Dots = g.Sweep.Label(norm), i, true
		valid.Curves = append(valid.Curves, c)
		if c, err = curve(runs, func(d run.Dir) (run.Rows, error) { return d.Table(run.LogFile) }, "nll"); err != nil {
			return err
		}
		c.Label, c.Colour = g.Sweep.Label(norm), i
		train.Curves = append(train.Curves, c)
	}
	if err := p.figure(g, "validation", "Validation loss; bands are 95 % confidence intervals over seeds", &valid); err != nil {
		return err
	}
	if err := p.figure(g, "training", "Training loss; not to be compared between norms that mix positions and others", &train); err != nil {
		return err
	}
	return p.batches(g)
}

// figure draws a figure beside the page and shows it there.
func (p *page) figure(g *Group, name, caption string, f *figure.Figure) error {
	file := g.Name + "-" + name
	err := run.SaveFigure(filepath.Join(p.dir, file), f)
	if errors.Is(err, figure.ErrEmpty) {
		return nil
	}
	p.add("\n![%s](%s.png)\n\n%s.\n", caption, file, caption)
	return err
}

// curve is the mean over runs of a column at the steps that all of them have, with its
// interval.
func curve(runs []Run, read func(run.Dir) (run.Rows, error), column string) (figure.Curve, error) {
	at := map[float64][]float64{}
	for _, r := range runs {
		rows, err := read(r.Dir)
		if err != nil {
			return figure.Curve{}, err
		}
		steps, values := rows.Numbers("step"), rows.Numbers(column)
		for i, s := range steps {
			at[s] = append(at[s], values[i])
		}
	}
	var c figure.Curve
	for s, values := range at {
		if len(values) == len(runs) {
			c.X = append(c.X, s)
		}
	}
	slices.Sort(c.X)
	for _, s := range c.X {
		i := intervalOf(at[s])
		c.Y, c.Low, c.Top = append(c.Y, i.Mean), append(c.Low, i.Mean-i.band()), append(c.Top, i.Mean+i.band())
	}
	return c, nil
}

// batches draws the first metric by the size of the batch.
func (p *page) batches(g *Group) error {
	if len(g.Sweep.Batches) < 2 {
		return nil
	}
	m := g.metrics()[0]
	f := figure.Figure{Title: g.Sweep.Title, X: "tokens of a batch, padding included", Y: m.name, LogX: true}
	sizes := slices.Sorted(slices.Values(g.Sweep.Batches))
	for i, norm := range g.Sweep.Norms {
		c := figure.Curve{Label: g.Sweep.Label(norm), Colour: i, Dots: true}
		for _, b := range sizes {
			v := intervalOf(m.values(g.of(norm, b)))
			c.X, c.Y = append(c.X, float64(b)), append(c.Y, v.Mean)
			c.Low, c.Top = append(c.Low, v.Mean-v.band()), append(c.Top, v.Mean+v.band())
		}
		f.Curves = append(f.Curves, c)
	}
	return p.figure(g, "batches", m.name+" by size of the batch", &f)
}

// probed reads what a run's probe measured at the first position; nil if it had none.
func (r Run) probed() (position string, of map[string]*run.Probed, err error) {
	positions, all, err := r.Dir.Probe()
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, nil
	}
	if err != nil || len(positions) == 0 {
		return "", nil, err
	}
	return positions[0], all[positions[0]], nil
}
