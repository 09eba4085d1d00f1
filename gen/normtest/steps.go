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

	refs  []*Reference[T] // one, or in fast arithmetic one for Go and one for assembly
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
	for _, r := range rigs {
		if c.of(r) == nil {
			c.refs = append(c.refs, NewReference(r, c.Sizes))
		}
	}
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

// of is the reference for a rig, nil if there is none yet.
func (c *Trial[T]) of(r *Rig[T]) *Reference[T] {
	for _, ref := range c.refs {
		if ref.frame.Fast == fused(r) {
			return ref
		}
	}
	return nil
}

// draw makes a batch and takes it to the references; it returns whether layers refuse
// it.
func (c *Trial[T]) draw(t testing.TB, u *plan.Unit, mode *plan.Mode, train bool, keep []bool) (b Sample[T], refused bool) {
	t.Helper()
	fills := c.Fills
	if fills == nil {
		fills = Fills
	}
	b = newSample[T](u, c.Random, c.Sizes, fills[c.Fill], keep)
	for _, x := range u.Layer.Inputs {
		c.Drawn += len(b.Tensor[x])
	}
	for _, ref := range c.refs {
		ref.Take(b)
		refused = ref.Refuses(mode, train)
	}
	return b, refused
}

func (c *Trial[T]) describe(r *Rig[T], b Sample[T]) string {
	return fmt.Sprintf("%s %v sizes %v %s, %d of %d kept, step %d, %d workers",
		r.Name(), r.ISA(), c.Sizes, c.Fill, Kept(b.Keep), len(b.Keep), r.Step(), c.Pool.Workers())
}

// step holds what all rigs do to the reference.
func (c *Trial[T]) step(t testing.TB, rigs []*Rig[T], mode *plan.Mode, train bool, keep []bool) {
	t.Helper()
	b, refused := c.draw(t, rigs[0].Unit, mode, train, keep)
	want := map[*Reference[T]]Outcome{}
	for _, ref := range c.refs {
		if refused {
			break
		}
		if want[ref] = ref.Pass(mode, b); train {
			ref.Update(mode, want[ref])
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
		Same(t, what, got, want[c.of(r)])
		c.count(got)
	}
}

func (c *Trial[T]) infer(t testing.TB, rigs []*Rig[T]) {
	t.Helper()
	b, refused := c.draw(t, rigs[0].Unit, rigs[0].Unit.Eval, false, nil)
	want := map[*Reference[T]]Outcome{}
	for _, ref := range c.refs {
		if !refused {
			want[ref] = ref.Infer(b)
		}
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
		Same(t, what, got, want[c.of(r)])
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
