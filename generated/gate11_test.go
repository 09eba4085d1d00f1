package generated_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
)

// stateSequences are batches of a run by their rows and masks: among them none, one,
// and ones of which nothing is kept.
var stateSequences = [][]struct {
	rows int
	mask string
}{
	{{40, "all"}, {40, "random"}, {7, "all"}, {33, "random"}},
	{{0, "all"}, {40, "all"}, {0, "all"}, {2, "all"}},
	{{64, "nothing"}, {64, "holes"}, {64, "nothing"}, {64, "all"}},
	{{1, "all"}, {40, "all"}, {1, "all"}, {40, "random"}},
	{{100, "holes"}, {1, "all"}, {0, "all"}, {100, "all"}},
	{{3, "all"}, {3, "all"}, {3, "all"}, {3, "all"}, {3, "all"}, {3, "all"}, {3, "all"}},
}

// TestGate11State holds a run that stops after each step, and goes on in a new layer
// from the states and the step alone, to the bits of one that does not stop. A batch
// that is refused changes nothing.
func TestGate11State(t *testing.T) {
	g := gates.Open(t, 11, "state: stop and go on")
	layers, steps, refused := 0, 0, 0
	for _, name := range names() {
		u := planned(t)[name]
		if len(u.Layer.States) == 0 {
			continue
		}
		layers++
		for k, seq := range stateSequences {
			random := rand.New(rand.NewPCG(11, uint64(k)))
			sizes := normtest.EvenSizes(u, 40, 12)
			whole := newRig[float32](t, name, sizes).Randomize()
			for i, b := range seq {
				rows := normtest.EvenSizes(u, b.rows, 12)
				for d := range sizes {
					if whole.Unit.Layer.Axes[d].Size == 0 && slices.Contains(u.Rows, d) {
						sizes[d] = rows[d]
					}
				}
				part := newRig[float32](t, name, normtest.EvenSizes(u, 40, 12)).Randomize()
				for j, s := range whole.State() {
					copy(part.State()[j].Data, s.Data)
				}
				if err := part.SetStep(whole.Step()); err != nil {
					t.Fatal(err)
				}
				n := normtest.Along(u.Rows, sizes)
				s := normtest.NewSample[float32](u, random, sizes, "scales", normtest.Masks(n)[b.mask])
				what := fmt.Sprintf("%s, sequence %d, step %d of %d rows, %s", name, k, i, n, b.mask)
				a, c := whole.Mount(whole.NewWork(n), s, 0), part.Mount(part.NewWork(n), s, 0)
				before := stateOutcome(whole)
				if a.Forward() != nil {
					normtest.Same(t, what+" refused", stateOutcome(whole), before)
					refused++
					continue
				}
				normtest.Same(t, what, c.Train(t), a.Train(t))
				normtest.Same(t, what, stateOutcome(part), stateOutcome(whole))
				if n == 0 {
					delete(before, "step")
					after := stateOutcome(whole)
					delete(after, "step")
					normtest.Same(t, what+": nothing moves no state", after, before)
				}
				steps++
			}
		}
	}
	momentum(t)
	g.Figure("%d norms, %d steps, %d batches refused: bits equal", layers, steps, refused)
}

func stateOutcome(r *rig[float32]) outcome {
	o := outcome{"step": {float64(r.Step())}}
	for _, s := range r.State() {
		o["state "+s.Name] = normtest.Widen(s.Data)
	}
	return o
}

// momentum holds the momentums at the ends: 0 keeps the running statistics, 1 takes
// those of the batch.
func momentum(t *testing.T) {
	t.Helper()
	const rows, cols = 40, 5
	x := normals[float32](rand.New(rand.NewPCG(1, 1)), rows*cols)
	for _, m := range []float64{runtime.Zero, 1} {
		l, err := standard.NewBatchNorm(cols, standard.BatchNormOptions{Momentum: m})
		if err != nil {
			t.Fatal(err)
		}
		for j := range cols {
			l.State()[0].Data[j], l.State()[1].Data[j] = 3, 5
		}
		w := l.NewWork(rows)
		if err := l.Forward(w, runtime.Matrix(make([]float32, rows*cols), rows, cols), runtime.Matrix(x, rows, cols), nil); err != nil {
			t.Fatal(err)
		}
		if err := l.Commit(w); err != nil {
			t.Fatal(err)
		}
		for j := range cols {
			mean, v := float32(3), float32(5)
			if m == 1 {
				mean, v = float32(w.Stats()[0].Values[j]), float32(w.Stats()[1].Values[j]*rows/(rows-1))
			}
			if got := l.State()[0].Data[j]; got != mean {
				t.Errorf("momentum %v: running mean %v, want %v", m, got, mean)
			}
			if got := l.State()[1].Data[j]; got < v*(1-1e-6) || got > v*(1+1e-6) { // unbiased in another order
				t.Errorf("momentum %v: running variance %v, want %v", m, got, v)
			}
		}
	}
}
