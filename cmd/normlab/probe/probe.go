// Package probe measures in training how far the statistics of a batch are from their
// running averages: what Figures 2 to 4 of "PowerNorm: Rethinking Batch Normalization in
// Transformers" (Shen et al. 2020) show, for any norm.
//
// Of the input x of a norm it takes, for each channel over the rows that are not padding,
// the mean mu, the variance sigma2 and the quadratic mean psi2. Of the gradient g that
// reaches the normalized value it takes what the backward of a norm with those statistics
// would use: g_mu, the mean of g; g_sigma2, that of g*(x-mu)/sigma; g_psi2, that of
// g*x/psi. g is the gradient of the output, times the parameter gamma if the norm has one,
// and times the number of rows, so that it does not depend on the size of the batch. The
// running averages are the probe's own, so that norms without statistics over the batch
// can be compared.
//
// What the norm itself holds is read by name: own:NAME is the distance of the statistic
// that moves state NAME from that state, state:NAME how far a step moves the state.
//
// The discrepancy of training and inference: output is the distance of the norm's
// output from that of inference on the same input, tid_mu and tid_sigma that of mu and
// sigma from their running values, relative to the length of the running sigma.
package probe

import (
	"fmt"
	"strings"

	"github.com/normgen/normgen/runtime/transformer"
)

// A Reading is one measured quantity of a step. A distance of vectors over the d channels
// is |a - b|/d, as in the paper; Size is that of the batch's own from 0.
type Reading struct {
	Position string
	Quantity string
	Distance float64
	Size     float64
}

// Quantities of every norm, in the order of readings. State and own quantities of the norm at hand
// follow.
var Quantities = []string{"mu", "sigma2", "psi2", "g_mu", "g_sigma2", "g_psi2", "output", "tid_mu", "tid_sigma"}

// averaged is how many of them have a running average.
const averaged = 6

// momentum of the running averages: that of batch normalization.
const momentum = 0.1

// eps is added to variances and quadratic means before they divide.
const eps = 1e-5

// A Probe watches some norms of a model.
type Probe struct {
	sites []*site
}

// New makes a probe of the norms whose positions which names: "all", "first", or a part of
// the name.
func New(m transformer.Model, which string) (*Probe, error) {
	p := &Probe{}
	var names []string
	for i, at := range m.Positions() {
		names = append(names, at.Name)
		if which == "all" || which == "first" && i == 0 || strings.Contains(at.Name, which) {
			p.sites = append(p.sites, newSite(at, m.Config().MaxRows))
		}
	}
	if len(p.sites) == 0 {
		return nil, fmt.Errorf("no norm is at %q: there are all, first, %s", which, strings.Join(names, ", "))
	}
	return p, nil
}

// Observe takes the statistics of a pass: a trainer calls it.
func (p *Probe) Observe(s transformer.Sight) {
	for _, at := range p.sites {
		if at.position == s.Position {
			at.observe(s)
		}
	}
}

// Readings returns what was measured since the last call: at the end of a step, when its
// updates are done. The first pass knows no running averages, and has no readings of them.
func (p *Probe) Readings() []Reading {
	var out []Reading
	for _, at := range p.sites {
		out = append(out, at.readings()...)
	}
	return out
}

// Tensors lists the running averages, for checkpoints.
func (p *Probe) Tensors() []transformer.Tensor {
	var out []transformer.Tensor
	for _, at := range p.sites {
		for i, q := range Quantities[:averaged] {
			out = append(out, transformer.Tensor{Name: "probe." + at.position.Name + "." + q, Shape: []int{len(at.running[i])}, Data: at.running[i]})
		}
		out = append(out, transformer.Tensor{Name: "probe." + at.position.Name + ".seen", Shape: []int{1}, Data: at.seen})
	}
	return out
}
