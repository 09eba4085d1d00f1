package run

import (
	"slices"
	"strings"

	"github.com/normgen/normgen/cmd/normlab/figure"
)

// panels are the figures of a probe: the quantities that are drawn together.
var panels = []panel{
	{"forward", "Forward: batch statistics from their running averages", "|batch - running|/d", []string{"mu", "sigma2", "psi2"}},
	{"backward", "Backward: gradient statistics from their running averages", "|batch - running|/d", []string{"g_mu", "g_sigma2", "g_psi2"}},
	{"discrepancy", "Training against inference", "relative to running sigma; output: to its size", []string{"tid_mu", "tid_sigma", "output"}},
}

// A panel is a figure of some quantities.
type panel struct {
	File, Title, Y string
	Quantities     []string
}

// Probed is the readings of one position and quantity.
type Probed struct{ Step, Distance, Size []float64 }

// Probe reads what was probed, by position and quantity. Positions are in the order of
// the model.
func (d Dir) Probe() (positions []string, of map[string]map[string]*Probed, err error) {
	rows, err := ReadTable(d.File(ProbeFile))
	if err != nil {
		return nil, nil, err
	}
	of = map[string]map[string]*Probed{}
	step, distance, size := rows.Numbers("step"), rows.Numbers("distance"), rows.Numbers("size")
	quantity := rows.Words("quantity")
	for i, at := range rows.Words("position") {
		if of[at] == nil {
			of[at] = map[string]*Probed{}
			positions = append(positions, at)
		}
		p := of[at][quantity[i]]
		if p == nil {
			p = &Probed{}
			of[at][quantity[i]] = p
		}
		p.Step, p.Distance, p.Size = append(p.Step, step[i]), append(p.Distance, distance[i]), append(p.Size, size[i])
	}
	return positions, of, nil
}

// Relative is the distance of an output divided by its size; that of all else as it is.
func (p *Probed) Relative(quantity string) []float64 {
	out := slices.Clone(p.Distance)
	if quantity == "output" {
		for i := range out {
			out[i] /= p.Size[i]
		}
	}
	return out
}

// DrawProbe draws forward, backward and discrepancy, of the first position that was
// probed, and own, of what the norm itself holds.
func (d Dir) DrawProbe() error {
	positions, of, err := d.Probe()
	if err != nil || len(positions) == 0 {
		return err
	}
	at := positions[0]
	for _, p := range append(slices.Clone(panels), ownPanel(of[at])) {
		f := figure.Figure{Title: p.Title + "\n" + at, X: "step", Y: p.Y, LogY: true}
		for i, q := range p.Quantities {
			if r := of[at][q]; r != nil {
				f.Curves = append(f.Curves, figure.Curve{Label: q, X: r.Step, Y: r.Relative(q), Colour: i})
			}
		}
		if err := SaveFigure(d.File(p.File), &f); err != nil {
			return err
		}
	}
	return nil
}

// ownPanel is of the norm's own statistics and states.
func ownPanel(of map[string]*Probed) panel {
	p := panel{"own", "The norm's own: statistics from states, and how far steps move them", "distance/d", nil}
	for q := range of {
		if strings.HasPrefix(q, "own:") || strings.HasPrefix(q, "state:") {
			p.Quantities = append(p.Quantities, q)
		}
	}
	slices.Sort(p.Quantities)
	return p
}
