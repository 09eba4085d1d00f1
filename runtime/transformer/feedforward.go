package transformer

import "github.com/normgen/normgen/runtime"

// A feedForward layer is down(drop(activation(up(x)))).
type feedForward[T runtime.Float] struct {
	m        *machine[T]
	up, down *linear[T]
	act      *activation[T]
	dropper  *dropper[T]

	x             runtime.ViewOf[T] // of the last forward
	input, output runtime.ViewOf[T] // of the activation; one matrix if it is in place
	grad          runtime.ViewOf[T] // scratch, shared by all layers
}

func (b *builder[T]) feedForward(name string) (*feedForward[T], error) {
	c := &b.config
	act, err := newActivation[T](c.Activation, b.crew.pool.Workers(), c.Hidden)
	if err != nil {
		return nil, err
	}
	f := &feedForward[T]{m: b.machine, act: act, dropper: b.dropper(c.HiddenDropout),
		up: b.linear(name+".up", c.Hidden, c.Width, 1), down: b.linear(name+".down", c.Width, c.Hidden, 1),
		output: dense[T](c.MaxRows, c.Hidden), grad: b.scratch("hidden", c.MaxRows, c.Hidden)}
	f.input = f.output
	if !act.inPlace {
		f.input = dense[T](c.MaxRows, c.Hidden)
	}
	return f, nil
}

func (f *feedForward[T]) forward(y, x runtime.ViewOf[T]) {
	f.x = x
	in, out := f.input.Slice(0, x.Rows), f.output.Slice(0, x.Rows)
	f.up.forward(in, x)
	f.m.activate(f.act, f.dropper, out, in)
	f.down.forward(y, out)
}

// backward sets dx.
func (f *feedForward[T]) backward(dx, dy runtime.ViewOf[T]) {
	rows := dy.Rows
	grad := f.grad.Slice(0, rows)
	f.down.backward(grad, dy, f.output.Slice(0, rows), runtime.Overwrite)
	f.m.activateBackward(f.act, f.dropper, grad, f.input.Slice(0, rows))
	f.up.backward(dx, grad, f.x, runtime.Overwrite)
}
