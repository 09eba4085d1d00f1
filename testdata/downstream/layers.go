package main

import (
	"fmt"

	"example.com/downstream/norms"
	"github.com/normgen/normgen/runtime"
)

// layer is a generated layer with the work area of its one pass, seen alike
// whatever its kind. All use of the generated package is in this file.
type layer struct {
	runtime.Norm
	name    string
	work    *runtime.Work
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
	return []*layer{
		newLayer("PowerNorm", pn, rows,
			pair{"quadratic mean", stat("b"), "psi2"},
			pair{"Lam/Gam", ratio("Lam", "Gam"), "nu"}),
		newLayer("PN-V", pnv, rows,
			pair{"quadratic mean", stat("ms"), "running_ms"}),
		newLayer("BatchNorm", bn, rows,
			pair{"mean", stat("mean"), "running_mean"},
			pair{"variance", stat("var"), "running_var"}),
		newLayer("LayerNorm", ln, rows),
	}, nil
}

func newLayer(name string, n runtime.Norm, rows int, watched ...pair) *layer {
	return &layer{Norm: n, name: name, work: n.NewWork(rows), watched: watched}
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
func named(list []runtime.Named, name string) []float32 {
	for _, n := range list {
		if n.Name == name {
			return n.Data
		}
	}
	panic(fmt.Sprintf("no vector named %s", name))
}
