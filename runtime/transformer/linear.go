package transformer

import "github.com/normgen/normgen/runtime"

// A linear layer is y = x*weight' + bias.
type linear[T runtime.Float] struct {
	m            *machine[T]
	weight, bias ParamOf[T]
	out, in      int
}

// linear makes one whose outputs act as parts many layers side by side.
func (b *builder[T]) linear(name string, out, in, parts int) *linear[T] {
	return &linear[T]{b.machine, b.matrix(name+".weight", out, in, parts), b.param(name+".bias", out), out, in}
}

func (l *linear[T]) forward(y, x runtime.ViewOf[T]) {
	l.m.multiply(false, true, x.Rows, l.out, l.in, 1, x.Data, x.Stride, l.weight.Data, l.in, 1, y.Data, y.Stride, l.bias.Data)
}

// backward adds the gradients of the parameters and sets dx, or adds to it.
func (l *linear[T]) backward(dx, dy, x runtime.ViewOf[T], mode runtime.GradMode) {
	l.m.addColumnSums(l.bias.Grad, dy)
	l.m.multiply(true, false, l.out, l.in, x.Rows, 1, dy.Data, dy.Stride, x.Data, x.Stride, 1, l.weight.Grad, l.in, nil)
	var beta T
	if mode == runtime.Accumulate {
		beta = 1
	}
	l.m.multiply(false, false, x.Rows, l.in, l.out, 1, dy.Data, dy.Stride, l.weight.Data, l.in, beta, dx.Data, dx.Stride, nil)
}
