package transformer

import (
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer/kernels"
)

// Activation is the function between the two products of a feed-forward layer.
type Activation uint8

const (
	ReLU Activation = iota
	GELU            // x/2 * (1 + erf(x/sqrt 2))
)

// activations lists them. The gradient of some can be told from their output, so
// that they run in place.
var activations = [...]struct {
	name    string
	inPlace bool
}{
	ReLU: {"relu", true},
	GELU: {"gelu", false},
}

// String returns "relu" or "gelu".
func (a Activation) String() string {
	if int(a) < len(activations) {
		return activations[a].name
	}
	return "unknown"
}

// An activation has a function and its gradient for each worker, which keep
// scratch memory.
type activation[T runtime.Float] struct {
	forwards []kernels.Rows[T]
	grads    []kernels.Rows2[T]
	inPlace  bool
}

func newActivation[T runtime.Float](a Activation, workers, cols int) (*activation[T], error) {
	forward, gradient := kernels.MakeReLU[T], kernels.MakeReLUGradient[T]
	if a == GELU {
		forward, gradient = kernels.MakeGELU[T], kernels.MakeGELUGradient[T]
	}
	out := &activation[T]{inPlace: activations[a].inPlace}
	for range workers {
		f, err := forward(cols, rowsPerPart)
		if err != nil {
			return nil, err
		}
		g, err := gradient(cols, rowsPerPart)
		if err != nil {
			return nil, err
		}
		out.forwards, out.grads = append(out.forwards, f), append(out.grads, g)
	}
	return out, nil
}

// An activationTask sets y to what d leaves of the activation of x or, for a
// backward, takes the gradient of that to the gradient of x, in place.
type activationTask[T runtime.Float] struct {
	a        *activation[T]
	d        *dropper[T]
	y, x     runtime.ViewOf[T]
	backward bool
}

func (t *activationTask[T]) part(worker, i int) {
	lo, hi := rowSpan(i, t.y.Rows)
	y, x := t.y.Slice(lo, hi), t.x.Slice(lo, hi)
	if !t.backward {
		must(t.a.forwards[worker].Infer(y, x))
	}
	for r := lo; t.d.on && r < hi; r++ {
		t.d.row(t.y.Row(r), t.y.Row(r), r)
	}
	if t.backward {
		must(t.a.grads[worker].Infer(y, x, y))
	}
}

func (m *machine[T]) activate(a *activation[T], d *dropper[T], y, x runtime.ViewOf[T]) {
	m.act = activationTask[T]{a: a, d: d, y: y, x: x}
	m.crew.run(&m.act, rowParts(y.Rows))
}

// activateBackward takes the gradient dy; x is the input, or the output if the
// activation is in place.
func (m *machine[T]) activateBackward(a *activation[T], d *dropper[T], dy, x runtime.ViewOf[T]) {
	m.act = activationTask[T]{a: a, d: d, y: dy, x: x, backward: true}
	m.crew.run(&m.act, rowParts(dy.Rows))
}

// must is for functions that ask nothing of their data.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
