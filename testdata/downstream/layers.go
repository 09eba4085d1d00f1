package main

import (
	"fmt"

	"example.com/downstream/norms"
	"github.com/normgen/normgen/runtime"
)

// layer is one generated normalization layer, seen alike whatever its kind.
// Every use of the generated package is in this file.
type layer struct {
	name     string
	forward  func(y, x runtime.View, keep []bool) error
	backward func(dx, dy runtime.View) error
	commit   func() error
	infer    func(y, x runtime.View) error

	params, grads, state func() []runtime.Named
	stats                func() []runtime.Stat

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
	var ls []*layer
	for _, newLayer := range []func(width, rows int) (*layer, error){newPowerNorm, newPNV, newBatchNorm, newLayerNorm} {
		l, err := newLayer(width, rows)
		if err != nil {
			return nil, err
		}
		ls = append(ls, l)
	}
	return ls, nil
}

func newPowerNorm(width, rows int) (*layer, error) {
	l, err := norms.NewPowerNorm(width, norms.PowerNormOptions{Alpha: 0.9})
	if err != nil {
		return nil, err
	}
	w := l.NewWork(rows)
	return &layer{
		name:     "PowerNorm",
		forward:  func(y, x runtime.View, keep []bool) error { return l.Forward(w, y, x, keep) },
		backward: func(dx, dy runtime.View) error { return l.Backward(w, dx, dy, runtime.Overwrite) },
		commit:   func() error { return l.Commit(w) },
		infer:    l.Infer,
		params:   l.Params, grads: l.Grads, state: l.State, stats: w.Stats,
		watched: []pair{
			{"quadratic mean", stat("b"), "psi2"},
			{"Lam/Gam", ratio("Lam", "Gam"), "nu"},
		},
	}, nil
}

func newPNV(width, rows int) (*layer, error) {
	l, err := norms.NewPNV(width, norms.PNVOptions{})
	if err != nil {
		return nil, err
	}
	w := l.NewWork(rows)
	return &layer{
		name:     "PN-V",
		forward:  func(y, x runtime.View, keep []bool) error { return l.Forward(w, y, x, keep) },
		backward: func(dx, dy runtime.View) error { return l.Backward(w, dx, dy, runtime.Overwrite) },
		commit:   func() error { return l.Commit(w) },
		infer:    l.Infer,
		params:   l.Params, grads: l.Grads, state: l.State, stats: w.Stats,
		watched: []pair{{"quadratic mean", stat("ms"), "running_ms"}},
	}, nil
}

func newBatchNorm(width, rows int) (*layer, error) {
	l, err := norms.NewBatchNorm(width, norms.BatchNormOptions{})
	if err != nil {
		return nil, err
	}
	w := l.NewWork(rows)
	return &layer{
		name:     "BatchNorm",
		forward:  func(y, x runtime.View, keep []bool) error { return l.Forward(w, y, x, keep) },
		backward: func(dx, dy runtime.View) error { return l.Backward(w, dx, dy, runtime.Overwrite) },
		commit:   func() error { return l.Commit(w) },
		infer:    l.Infer,
		params:   l.Params, grads: l.Grads, state: l.State, stats: w.Stats,
		watched: []pair{
			{"mean", stat("mean"), "running_mean"},
			{"variance", stat("var"), "running_var"},
		},
	}, nil
}

func newLayerNorm(width, rows int) (*layer, error) {
	l, err := norms.NewLayerNorm(width, norms.LayerNormOptions{})
	if err != nil {
		return nil, err
	}
	w := l.NewWork(rows)
	return &layer{
		name:     "LayerNorm",
		forward:  func(y, x runtime.View, _ []bool) error { return l.Forward(w, y, x) },
		backward: func(dx, dy runtime.View) error { return l.Backward(w, dx, dy, runtime.Overwrite) },
		commit:   func() error { return l.Commit(w) },
		infer:    l.Infer,
		params:   l.Params, grads: l.Grads, state: l.State, stats: w.Stats,
	}, nil
}

// stat reads a statistic of the batch.
func stat(name string) func(*layer) []float64 {
	return func(l *layer) []float64 {
		for _, s := range l.stats() {
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
