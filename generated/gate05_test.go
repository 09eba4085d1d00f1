package generated_test

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/guard"
	"github.com/normgen/normgen/testdata/gates"
)

// guardedCols are the widths of G5: all up to twice the elements of an iteration
// and 2, and the neighbours of where loops hand over.
var guardedCols = func() []int {
	var out []int
	for n := 1; n <= 130; n++ {
		out = append(out, n)
	}
	for _, n := range []int{256, 768, 1024, 4096} {
		out = append(out, n-1, n, n+1)
	}
	return out
}()

// guardedRows are rows around those that are taken together, four and a block.
var guardedRows = []int{4, 1, 33, 2, 7, 32, 3, 31, 5, 40, 9, 6, 34}

// TestGate05GuardPages holds what generated code touches to its slices: tensors,
// parameters, gradients, states and all of the work area lie between pages that
// nobody may touch, or between known bytes at all alignments.
func TestGate05GuardPages(t *testing.T) {
	g := gates.Open(t, 5, "guard pages: layers, forward, backward, infer")
	runtime.StreamAbove(1) // all of it: the sets that can stream do where they may
	defer runtime.StreamAbove(0)
	var passes, buffers atomic.Int64
	t.Run("layers", func(t *testing.T) {
		for _, name := range allNames(t) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c := guarded{t: t, name: name, arena: guard.New()}
				defer c.arena.Close()
				c.all()
				passes.Add(int64(c.passes))
				buffers.Add(int64(c.buffers))
			})
		}
	})
	g.Figure("%d norms, %d passes in assembly, %d guarded buffers, 0 faults, 0 bytes changed", len(allNames(t)), passes.Load(), buffers.Load())
}

// guarded runs one norm in guarded memory.
type guarded struct {
	t       *testing.T
	name    string
	arena   *guard.Arena
	passes  int
	buffers int
}

func (c *guarded) all() {
	u := normOf(c.t, c.name).Unit
	for i, cols := range guardedCols {
		rows := guardedRows[i%len(guardedRows)]
		switch {
		case normtest.OneRow(u):
			rows = 1
		case i%29 == 28:
			rows = 0
		case cols > 130:
			rows = min(rows, 5)
		}
		for _, p := range c.places(i) {
			c.run(normtest.EvenSizes(u, rows, cols), p, i)
		}
	}
}

// places are both ends and, on a push, one of the alignments.
func (c *guarded) places(i int) []guard.Place {
	out := []guard.Place{guard.AtEnd, guard.AtStart}
	for k := range 16 {
		if gates.Release() || k == (5*i)%16 {
			out = append(out, guard.Offset(4*k))
		}
	}
	return out
}

// run takes the same steps with each set of instructions, and in memory that is not
// guarded: in Go, or where that has other bits with the same set.
func (c *guarded) run(sizes []int, p guard.Place, i int) {
	c.t.Helper()
	var want outcome
	var refused error
	for _, isa := range normtest.ISAs()[1:] {
		if fast := normOf(c.t, c.name).Unit.Fast; want == nil || fast {
			from := runtime.Portable
			if fast {
				from = isa
			}
			want, refused = c.steps(newRigOf[float32](c.t, c.name, sizes, from).Randomize(), sizes, i, nil)()
		}
		what := fmt.Sprintf("%s %v sizes %v %v", c.name, isa, sizes, p)
		steps := c.steps(newRigOf[float32](c.t, c.name, sizes, isa).Randomize(), sizes, i, &p)
		var got outcome
		err := guard.Run(func() (err error) { got, err = steps(); return err })
		if err == nil {
			err = c.arena.Check()
		}
		if (err != nil) != (refused != nil) {
			c.t.Fatalf("%s: %v, in Go %v", what, err, refused)
		}
		if err == nil {
			normtest.Same(c.t, what, got, want)
		}
		c.arena.Reset()
	}
}

// steps returns a function that takes a step of training, an accumulating
// backward, and an inference, and says what is left of all. With a place,
// everything lies there.
func (c *guarded) steps(r *rig[float32], sizes []int, i int, p *guard.Place) func() (outcome, error) {
	mask := []string{"all", "random", "all", "holes", "nothing"}[i%5]
	if i%4 == 3 {
		r.SetMode(runtime.Frozen)
	}
	m := mountNew(r, uint64(i), sizes, mask, runtime.Serial)
	before := guardedInputs(m)
	if p != nil {
		c.buffers += c.arena.Move(*p, m.LayerOf, m.Work, &m.In, &m.Out, &m.DY, &m.DX, &m.Masks)
		c.passes += 4
	}
	return func() (outcome, error) {
		backward := func(mode runtime.GradMode) func() error { return func() error { return m.Backward(mode) } }
		for _, run := range []func() error{m.Forward, backward(runtime.Overwrite), backward(runtime.Accumulate)} {
			if err := run(); err != nil {
				return nil, err
			}
		}
		o := outcome{}
		m.Outputs(c.t, o)
		m.Gradients(c.t, o)
		m.Left(o)
		err := m.Infer()
		for i, y := range m.Unit.Layer.Outputs {
			o["inferred "+y.Name] = normtest.Numbers(c.t, m.Out[i])
		}
		if d := normtest.Difference(guardedInputs(m), before); d != "" {
			err = errors.Join(err, fmt.Errorf("an input was written: %s", d))
		}
		return o, err
	}
}

// guardedInputs are the numbers that passes read and must not write.
func guardedInputs(m *mount[float32]) outcome {
	o := outcome{}
	for i, v := range slices.Concat(m.In, m.DY) {
		normtest.Note(o, fmt.Sprint("input ", i), v.Data)
	}
	for _, v := range slices.Concat(m.Params(), m.State()) {
		normtest.Note(o, v.Name, v.Data)
	}
	for i, k := range m.Masks {
		for _, b := range k {
			o[fmt.Sprint("mask ", i)] = append(o[fmt.Sprint("mask ", i)], float64(b2i(b)))
		}
	}
	return o
}
