package main

import (
	"fmt"

	"example.com/downstream/norms"
	"github.com/normgen/normgen/runtime"
)

type (
	work   = runtime.WorkOf[float32]
	vector = runtime.NamedOf[float32]
)

// norm is what all generated layers have in common.
type norm interface {
	NewWork(maxRows int) *work
	Backward(w *work, dx, dy runtime.View, mode runtime.GradMode) error
	Commit(works ...*work) error
	Infer(y, x runtime.View) error
	Params() []vector
	Grads() []vector
	State() []vector
	ZeroGrads()
}

// maskedNorm is a layer whose specification declares a mask.
type maskedNorm interface {
	norm
	Forward(w *work, y, x runtime.View, keep []bool) error
}

// layer is a generated layer with the work area of its one pass, seen alike
// whatever its kind. All use of the generated package is in this file.
type layer struct {
	norm
	name    string
	work    *work
	forward func(y, x runtime.View, keep []bool) error
	watched []pair
}

// pair is a statistic of the batch and the state that stands for it.
type pair struct {
	label   string
	batch   func(l *layer) []float64
	running string
}

// newLayers makes the four layers for width channels and at most rows tokens.
func newLayers(width, rows int) ([]*layer, error) {
	pn, err := norms.NewPowerNorm(width, norms.PowerNormOptions{Alpha: 0.9})
	if err != nil {
		return nil, err
	}
	pnv, err := norms.NewPNV(width, norms.PNVOptions{})
	if err != nil {
		return nil, err
	}
	bn, err := norms.NewBatchNorm(width, norms.BatchNormOptions{})
	if err != nil {
		return nil, err
	}
	ln, err := norms.NewLayerNorm(width, norms.LayerNormOptions{})
	if err != nil {
		return nil, err
	}
	lnWork := ln.NewWork(rows)
	return []*layer{
		newMasked("PowerNorm", pn, rows,
			pair{"quadratic mean", stat("b"), "psi2"},
			pair{"Lam/Gam", ratio("Lam", "Gam"), "nu"}),
		newMasked("PN-V", pnv, rows,
			pair{"quadratic mean", stat("ms"), "running_ms"}),
		newMasked("BatchNorm", bn, rows,
			pair{"mean", stat("mean"), "running_mean"},
			pair{"variance", stat("var"), "running_var"}),
		{norm: ln, name: "LayerNorm", work: lnWork,
			forward: func(y, x runtime.View, _ []bool) error { return ln.Forward(lnWork, y, x) }},
	}, nil
}

func newMasked(name string, n maskedNorm, rows int, watched ...pair) *layer {
	w := n.NewWork(rows)
	return &layer{norm: n, name: name, work: w, watched: watched,
		forward: func(y, x runtime.View, keep []bool) error { return n.Forward(w, y, x, keep) }}
}

// stat reads a statistic of the batch.
func stat(name string) func(*layer) []float64 {
	return func(l *layer) []float64 {
		for _, s := range l.work.Stats() {
			if s.Name == name {
				return s.Values
			}
		}
		panic(fmt.Sprintf("%s has no statistic %s", l.name, name))
	}
}

// ratio reads the quotient of two statistics of the batch.
func ratio(over, under string) func(*layer) []float64 {
	return func(l *layer) []float64 {
		a, b := stat(over)(l), stat(under)(l)
		q := make([]float64, len(a))
		for i := range q {
			q[i] = a[i] / b[i]
		}
		return q
	}
}

// named returns the vector of that name. The names are those of the
// specification, so a missing one is a mistake in this program.
func named(list []vector, name string) []float32 {
	for _, n := range list {
		if n.Name == name {
			return n.Data
		}
	}
	panic(fmt.Sprintf("no vector named %s", name))
}
