package normtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// A Trial is a few steps of one layer at one size, taken by several rigs of it,
// such as one for each instruction set, and by package plan's evaluator.
type Trial[T runtime.Float] struct {
	Fill     string                                       // of Fills
	Fills    map[string]func(r *rand.Rand, i int) float64 // nil: those of this package
	Sizes    []int
	Apart    int // elements between rows
	Random   *rand.Rand
	Pool     runtime.Pool
	First    int // step
	Drawn    int // elements of inputs
	Compared int // values, of all rigs
	None     int // of them NaN

	ref   *Reference[T]
	works []*runtime.WorkOf[T]
}

// Run takes steps from the first on: without a mask, with one that keeps some
// rows, none and all, and at last a frozen one and an inference. The rigs have the
// same parameters.
func (c *Trial[T]) Run(t testing.TB, rigs ...*Rig[T]) {
	t.Helper()
	u, rows := rigs[0].Unit, Along(rigs[0].Unit.Rows, c.Sizes)
	for _, r := range rigs {
		if err := r.SetStep(c.First); err != nil {
			t.Fatal(err)
		}
		w := r.NewWork(rows)
		w.SetPool(c.Pool)
		c.works = append(c.works, w)
	}
	c.ref = NewReference(t, rigs[0], c.Sizes)
	masks := Masks(rows)
	for _, keep := range [][]bool{nil, masks["holes"], masks["nothing"], slices.Repeat([]bool{true}, rows)} {
		c.step(t, rigs, u.Train, true, keep)
		if len(u.Layer.Masks) == 0 && len(u.Layer.States) == 0 {
			break // every step is as the first
		}
	}
	for _, r := range rigs {
		r.SetMode(runtime.Frozen)
	}
	c.step(t, rigs, u.Eval, false, masks["random"])
	c.infer(t, rigs)
}

func (c *Trial[T]) draw(u *plan.Unit, keep []bool) Sample[T] {
	fills := c.Fills
	if fills == nil {
		fills = Fills
	}
	b := newSample[T](u, c.Random, c.Sizes, fills[c.Fill], keep)
	c.ref.Take(b)
	for _, x := range u.Layer.Inputs {
		c.Drawn += len(b.Tensor[x])
	}
	return b
}

func (c *Trial[T]) describe(r *Rig[T], b Sample[T]) string {
	return fmt.Sprintf("%s %v sizes %v %s, %d of %d kept, step %d, %d workers",
		r.Name(), r.ISA(), c.Sizes, c.Fill, Kept(b.Keep), len(b.Keep), r.Step(), c.Pool.Workers())
}

// step holds what all rigs do to the reference.
func (c *Trial[T]) step(t testing.TB, rigs []*Rig[T], mode *plan.Mode, train bool, keep []bool) {
	t.Helper()
	b := c.draw(rigs[0].Unit, keep)
	refused := c.ref.Refuses(t, mode, train)
	var want Outcome
	if !refused {
		if want = c.ref.Pass(mode, b); train {
			c.ref.Update(t, mode, want)
		}
	}
	for i, r := range rigs {
		what := c.describe(r, b)
		m := r.Mount(c.works[i], b, c.Apart)
		if err := m.Forward(); refused != (err != nil) {
			t.Fatalf("%s: error %v, refused %v", what, err, refused)
		}
		if refused {
			continue
		}
		if err := m.Backward(runtime.Overwrite); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if train {
			if err := r.Commit(c.works[i]); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		got := Outcome{}
		m.Outputs(t, got)
		m.Gradients(t, got)
		m.Left(got)
		Same(t, what, got, want)
		c.count(got)
	}
}

func (c *Trial[T]) infer(t testing.TB, rigs []*Rig[T]) {
	t.Helper()
	b := c.draw(rigs[0].Unit, nil)
	refused := c.ref.Refuses(t, rigs[0].Unit.Eval, false)
	var want Outcome
	if !refused {
		want = c.ref.Infer(b)
	}
	for i, r := range rigs {
		what := c.describe(r, b) + " inferred"
		m := r.Mount(c.works[i], b, c.Apart)
		if err := m.Infer(); refused != (err != nil) {
			t.Fatalf("%s: error %v, refused %v", what, err, refused)
		}
		if refused {
			continue
		}
		got := Outcome{}
		m.Outputs(t, got)
		Same(t, what, got, want)
		c.count(got)
	}
}

func (c *Trial[T]) count(o Outcome) {
	for _, v := range o {
		c.Compared += len(v)
		for _, x := range v {
			if math.IsNaN(x) {
				c.None++
			}
		}
	}
}
