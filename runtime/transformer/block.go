package transformer

import "github.com/normgen/normgen/runtime"

// A layer is a branch of the residual stream: attention or feed-forward.
type layer[T runtime.Float] interface {
	forward(y, x runtime.ViewOf[T])
	// backward of the last forward sets dx and adds the gradients of parameters.
	backward(dx, dy runtime.ViewOf[T])
	// step is forward for the next token of each hypothesis of a search.
	step(y, x runtime.ViewOf[T], d *decoding[T])
}

// A block is a layer with its norm and its residual sum:
//
//	before: out = x + drop(layer(norm(x)))
//	behind: out = norm(x + drop(layer(x)))
type block[T runtime.Float] struct {
	m       *machine[T]
	norm    *PositionOf[T]
	layer   layer[T]
	dropper *dropper[T]
	behind  bool

	out    runtime.ViewOf[T]
	inner  runtime.ViewOf[T] // before: what the layer reads; behind: what the norm reads
	branch runtime.ViewOf[T] // scratch: the layer's output or its gradient
	dinner runtime.ViewOf[T] // scratch: the gradient of inner
}

func (b *builder[T]) block(n *PositionOf[T], l layer[T]) *block[T] {
	c := &b.config
	return &block[T]{m: b.machine, norm: n, layer: l, dropper: b.dropper(c.Dropout), behind: c.PostNorm,
		out: dense[T](c.MaxRows, c.Width), inner: dense[T](c.MaxRows, c.Width),
		branch: b.scratch("branch", c.MaxRows, c.Width), dinner: b.scratch("inner", c.MaxRows, c.Width)}
}

// forward returns the block's output, which holds until the next forward.
func (b *block[T]) forward(x runtime.ViewOf[T], p *passOf[T]) (runtime.ViewOf[T], error) {
	out, inner, branch := b.out.Slice(0, x.Rows), b.inner.Slice(0, x.Rows), b.branch.Slice(0, x.Rows)
	if b.behind {
		b.layer.forward(branch, x)
		b.m.dropAdd(b.dropper, inner, branch, x)
		return out, b.norm.forward(out, inner, p)
	}
	if err := b.norm.forward(inner, x, p); err != nil {
		return out, err
	}
	b.layer.forward(branch, inner)
	b.m.dropAdd(b.dropper, out, branch, x)
	return out, nil
}

// backward takes the gradient of the output to that of x, in place.
func (b *block[T]) backward(d runtime.ViewOf[T], p *passOf[T]) error {
	inner, branch := b.dinner.Slice(0, d.Rows), b.branch.Slice(0, d.Rows)
	if b.behind {
		clear(inner.Data)
		if err := b.norm.backward(inner, d, p); err != nil {
			return err
		}
		b.m.drop(b.dropper, branch, inner)
		b.layer.backward(d, branch)
		b.m.add(d, inner)
		return nil
	}
	b.m.drop(b.dropper, branch, d)
	b.layer.backward(inner, branch)
	return b.norm.backward(d, inner, p)
}
