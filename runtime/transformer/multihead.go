package transformer

import "github.com/normgen/normgen/runtime"

// A side is the shape of what encoder or decoder read in the pass at hand.
type side struct {
	sequences, length int
	keep              []bool // rows that are not padding; nil: all
}

// clearPadding zeroes the rows of v that are padding.
func clearPadding[T runtime.Float](s *side, v runtime.ViewOf[T]) {
	if s.keep == nil {
		return
	}
	for r, keep := range s.keep {
		if !keep {
			clear(v.Row(r))
		}
	}
}

// columns returns columns lo to hi of v.
func columns[T runtime.Float](v runtime.ViewOf[T], lo, hi int) runtime.ViewOf[T] {
	v.Data, v.Cols = v.Data[lo:], hi-lo
	return v
}

// A selfAttention layer attends to its own input.
type selfAttention[T runtime.Float] struct {
	inner    int // heads times width
	in, out  *linear[T]
	core     *attention[T]
	x        runtime.ViewOf[T] // of the last forward
	qkv, y   runtime.ViewOf[T]
	dqkv, dy runtime.ViewOf[T] // scratch
}

func (b *builder[T]) selfAttention(name string, s *side, causal bool) *selfAttention[T] {
	c := &b.config
	n := c.Heads * c.headWidth()
	return &selfAttention[T]{inner: n, core: b.attention(s, s, causal),
		in: b.linear(name+".in_proj", 3*n, c.Width, 3), out: b.linear(name+".out_proj", c.Width, n, 1),
		qkv: dense[T](c.MaxRows, 3*n), y: dense[T](c.MaxRows, n),
		dqkv: b.scratch("projections", c.MaxRows, 3*n), dy: b.scratch("attended", c.MaxRows, n)}
}

// split returns queries, keys and values of a packed projection.
func (a *selfAttention[T]) split(v runtime.ViewOf[T]) (q, k, w runtime.ViewOf[T]) {
	return columns(v, 0, a.inner), columns(v, a.inner, 2*a.inner), columns(v, 2*a.inner, 3*a.inner)
}

func (a *selfAttention[T]) forward(y, x runtime.ViewOf[T]) {
	a.x = x
	qkv, mixed := a.qkv.Slice(0, x.Rows), a.y.Slice(0, x.Rows)
	a.in.forward(qkv, x)
	q, k, v := a.split(qkv)
	a.core.forward(mixed, q, k, v)
	a.out.forward(y, mixed)
}

func (a *selfAttention[T]) backward(dx, dy runtime.ViewOf[T]) {
	dqkv, mixed := a.dqkv.Slice(0, dy.Rows), a.dy.Slice(0, dy.Rows)
	a.out.backward(mixed, dy, a.y.Slice(0, dy.Rows), runtime.Overwrite)
	q, k, v := a.split(dqkv)
	a.core.backward(q, k, v, mixed)
	a.in.backward(dx, dqkv, a.x, runtime.Overwrite)
}

// A crossAttention layer attends to what the encoder says.
type crossAttention[T runtime.Float] struct {
	inner       int
	q, kv, out  *linear[T]
	core        *attention[T]
	memory      *memory[T]
	x           runtime.ViewOf[T] // of the last forward
	query, keys runtime.ViewOf[T] // keys and values
	y           runtime.ViewOf[T]
	dkv, dq, dy runtime.ViewOf[T] // scratch
}

// A memory is what the encoder says in the pass at hand, and its gradient, to which
// the layers that attend to it add.
type memory[T runtime.Float] struct{ x, dx runtime.ViewOf[T] }

func (b *builder[T]) crossAttention(name string, query, key *side, m *memory[T]) *crossAttention[T] {
	c := &b.config
	n := c.Heads * c.headWidth()
	return &crossAttention[T]{inner: n, core: b.attention(query, key, false), memory: m,
		q: b.linear(name+".q_proj", n, c.Width, 1), kv: b.linear(name+".kv_proj", 2*n, c.Width, 2),
		out:   b.linear(name+".out_proj", c.Width, n, 1),
		query: dense[T](c.MaxRows, n), keys: dense[T](c.MaxRows, 2*n), y: dense[T](c.MaxRows, n),
		dkv: b.scratch("keys", c.MaxRows, 2*n), dq: b.scratch("queries", c.MaxRows, n), dy: b.scratch("attended", c.MaxRows, n)}
}

func (a *crossAttention[T]) forward(y, x runtime.ViewOf[T]) {
	a.x = x
	q, kv, mixed := a.query.Slice(0, x.Rows), a.keys.Slice(0, a.memory.x.Rows), a.y.Slice(0, x.Rows)
	a.q.forward(q, x)
	a.kv.forward(kv, a.memory.x)
	a.core.forward(mixed, q, columns(kv, 0, a.inner), columns(kv, a.inner, 2*a.inner))
	a.out.forward(y, mixed)
}

func (a *crossAttention[T]) backward(dx, dy runtime.ViewOf[T]) {
	dq, dkv, mixed := a.dq.Slice(0, dy.Rows), a.dkv.Slice(0, a.memory.x.Rows), a.dy.Slice(0, dy.Rows)
	a.out.backward(mixed, dy, a.y.Slice(0, dy.Rows), runtime.Overwrite)
	a.core.backward(dq, columns(dkv, 0, a.inner), columns(dkv, a.inner, 2*a.inner), mixed)
	a.kv.backward(a.memory.dx, dkv, a.memory.x, runtime.Accumulate)
	a.q.backward(dx, dq, a.x, runtime.Overwrite)
}
