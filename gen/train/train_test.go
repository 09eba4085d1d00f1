package train_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/train"
)

func layer(t *testing.T, src string) *train.Layer {
	t.Helper()
	f, errs := dsl.Parse("t.dsl", []byte(src))
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	p, errs := dsl.Check(f)
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	units, err := gen.Lower(p)
	if err != nil {
		t.Fatal(err)
	}
	return train.New(units[0].Layer)
}

func step(t *testing.T, l *train.Layer, b train.Batch) *train.Pass {
	t.Helper()
	p, err := l.Run(l.Modes[0], b)
	if err == nil {
		err = l.Commit(p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func expect(t *testing.T, what string, got []float64, want ...float64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// Updates read the states before the step, whatever their order, and the step
// that is being taken.
func TestOldStates(t *testing.T) {
	l := layer(t, `norm N { in x[N, C] state a[C] = 1, b[C] = 2
		mode train { update a := b, b := a + 10*step } out y = x + a }`)
	b := train.Batch{Sizes: []int{1, 2}, Inputs: [][]float64{{5, 6}}}
	expect(t, "y", step(t, l, b).Outputs[0], 6, 7)
	expect(t, "y of the second step", step(t, l, b).Outputs[0], 7, 8)
	expect(t, "a", l.Values[l.States[0]], 11, 11)
	expect(t, "b", l.Values[l.States[1]], 22, 22)
	expect(t, "step", []float64{l.Step}, 3)
}

// What depends on an empty domain stays, element by element, also where the
// mask is computed; the rest moves.
func TestEmptyDomain(t *testing.T) {
	const src = `norm N(p = 1) { in x[N, C] mask keep[N, C] state a[C] = 7, b[C] = 7, n[C] = 7
		let some = keep and index(N) < p
		mode train {
			stat m[C] = mean<N | keep>(x), s[C] = mean<N | some>(x)
			update a := m, b := s, n := n + 1
		} out y = x }`
	b := train.Batch{Sizes: []int{2, 2}, Inputs: [][]float64{{1, 2, 3, math.NaN()}}, Masks: [][]float64{{0, 0, 1, 0}}}
	l := layer(t, src)
	step(t, l, b)
	expect(t, "a", l.Values[l.States[0]], 3, 7)
	expect(t, "b", l.Values[l.States[1]], 7, 7)
	expect(t, "n", l.Values[l.States[2]], 8, 8)
	l.Knobs["p"] = 2
	step(t, l, b)
	expect(t, "b of two rows", l.Values[l.States[1]], 3, 7)
}

// Unbiased of one value is an error before any state changes.
func TestUnbiasedOfOne(t *testing.T) {
	l := layer(t, `norm N { in x[N..., C] mask keep[N] reduce N shift mean scale sqrt(var + 1e-5)
		running mean, unbiased var ema 0.5 }`)
	b := train.Batch{Sizes: []int{3, 1}, Inputs: [][]float64{{1, 2, 6}}, Masks: [][]float64{{0, 1, 0}}}
	p, err := l.Run(l.Modes[0], b)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Commit(p); err == nil || !strings.Contains(err.Error(), "the unbiased var needs more than one value") {
		t.Errorf("error %v", err)
	}
	expect(t, "step", []float64{l.Step}, 1)
	expect(t, "mean", l.Value(l.States[0], b.Sizes), 0)
	b.Masks = nil
	step(t, l, b)
	expect(t, "mean", l.Values[l.States[0]], 1.5)
	expect(t, "var", l.Values[l.States[1]], 0.5+0.5*7)
}

// Without cotangents there is no backward, and its updates wait.
func TestForwardOnly(t *testing.T) {
	l := layer(t, `norm N { in x[N, C] state f[C] = 0, b[C] = 0
		mode train { update f := f + 1 backward approximate (dy) { grad x = 3*dy update b := b + mean<N>(dy) } } out y = x }`)
	b := train.Batch{Sizes: []int{2, 1}, Inputs: [][]float64{{1, 2}}}
	step(t, l, b)
	expect(t, "b", l.Value(l.States[1], b.Sizes), 0)
	b.Cotangents = [][]float64{{4, 6}}
	expect(t, "dx", step(t, l, b).Grads[0], 12, 18)
	expect(t, "f", l.Values[l.States[0]], 2)
	expect(t, "b", l.Values[l.States[1]], 5)
}

// First values are functions of sizes and knobs, and a mode refuses a batch that
// it requires more of.
func TestFirstValuesAndRequirements(t *testing.T) {
	l := layer(t, `norm N(k = 3) { in x[N, C] param g = k*size(C)
		mode train { require size(N) > 1 out y = x*g } mode eval { out y = x*g } }`)
	l.Knobs["k"] = 5
	b := train.Batch{Sizes: []int{1, 2}, Inputs: [][]float64{{1, 2}}}
	expect(t, "g", l.Value(l.Params[0], b.Sizes), 10)
	if _, err := l.Run(l.Modes[0], b); err == nil || !strings.Contains(err.Error(), "N requires 1 < size(N)") {
		t.Errorf("error %v", err)
	}
	p, err := l.Run(l.Modes[1], b)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "y", p.Outputs[0], 10, 20)
}
