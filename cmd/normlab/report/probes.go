package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/normgen/normgen/cmd/normlab/figure"
	"github.com/normgen/normgen/cmd/normlab/probe"
	"github.com/normgen/normgen/cmd/normlab/run"
)

// A watched norm is what the probe of its first seed measured.
type watched struct {
	norm     string
	position string
	of       map[string]*run.Probed
}

// probes writes what probes measured, if there were some.
func (p *page) probes(g *Group) error {
	var all []watched
	for _, norm := range g.Sweep.Norms {
		for _, r := range g.of(norm, slices.Max(g.Sweep.Batches)) {
			position, of, err := r.probed()
			if err != nil {
				return err
			}
			if of != nil {
				all = append(all, watched{norm, position, of})
				break
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	p.add("\n## Statistics of batches\n\nAt %s, first seed, from a fifth of the training on: distances of the statistics of a batch from their running averages, "+
		"relative to the statistics themselves, median and largest. mu, sigma2 and psi2 are the mean, variance and quadratic mean of the norm's input, g_mu, g_sigma2 and "+
		"g_psi2 those of the gradient that a backward with them uses; output is the distance of the norm's output in training from that in inference.\n", all[0].position)
	p.oscillation(g, all)
	for i, q := range probe.Quantities {
		if err := p.figure(g, fmt.Sprintf("probe%d-%s", i+1, q), caption(q), overlay(g, q, all)); err != nil {
			return err
		}
	}
	return p.compared(g, all)
}

func caption(quantity string) string {
	switch quantity {
	case "output":
		return "Distance of the output in training from that in inference, relative to its size"
	case "tid_mu", "tid_sigma":
		return "Discrepancy of training and inference, " + quantity + ", relative to the running deviation"
	}
	return "Distance of " + quantity + " of a batch from its running average"
}

// oscillation is the table of relative distances.
func (p *page) oscillation(g *Group, all []watched) {
	quantities := probe.Quantities[:7]
	var rows [][]string
	for _, w := range all {
		row := []string{g.Sweep.Label(w.norm)}
		for _, q := range quantities {
			row = append(row, w.relative(q))
		}
		rows = append(rows, row)
	}
	p.table(1, append([]string{"norm"}, quantities...), rows)
}

// relative is the median and the largest distance in units of the size, when training
// has settled.
func (w watched) relative(quantity string) string {
	r := w.of[quantity]
	if r == nil {
		return "-"
	}
	var parts []float64
	for i := settled(r); i < len(r.Step); i++ {
		if v := r.Distance[i] / r.Size[i]; v-v == 0 {
			parts = append(parts, v)
		}
	}
	if len(parts) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3g, %.3g", median(parts), slices.Max(parts))
}

// overlay is one quantity of all norms.
func overlay(g *Group, quantity string, all []watched) *figure.Figure {
	f := &figure.Figure{Title: g.Sweep.Title + "\n" + quantity, X: "step", Y: "distance", LogY: true}
	for _, w := range all {
		if r := w.of[quantity]; r != nil {
			f.Curves = append(f.Curves, figure.Curve{Label: g.Sweep.Label(w.norm), X: r.Step, Y: r.Relative(quantity), Colour: slices.Index(g.Sweep.Norms, w.norm)})
		}
	}
	return f
}

// settled is the reading from which on training has settled, after a fifth of it: the
// paper's Figure 4 begins there, and running averages have forgotten where they began.
func settled(r *run.Probed) int { return len(r.Step) / 5 }

// compared draws the figures that the sweep asks for.
func (p *page) compared(g *Group, all []watched) error {
	for _, want := range g.Sweep.Figures {
		f := &figure.Figure{Title: want.Title, X: "% of the steps", Y: "distance", LogY: true}
		for i, c := range want.Curves {
			at := slices.IndexFunc(all, func(w watched) bool { return w.norm == c.Norm })
			if at < 0 || all[at].of[c.Quantity] == nil {
				continue
			}
			r := all[at].of[c.Quantity]
			from := settled(r)
			f.Curves = append(f.Curves, figure.Curve{Label: g.Sweep.Label(c.Norm) + ", " + c.Quantity, X: percent(r.Step)[from:], Y: r.Relative(c.Quantity)[from:], Colour: i})
		}
		if err := p.figure(g, want.File, want.Title, f); err != nil {
			return err
		}
	}
	return nil
}

// percent are steps as parts of the last one.
func percent(steps []float64) []float64 {
	last := math.Max(1, steps[len(steps)-1])
	out := make([]float64, len(steps))
	for i, s := range steps {
		out[i] = 100 * s / last
	}
	return out
}
