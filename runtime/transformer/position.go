package transformer

import (
	"fmt"
	"time"

	"github.com/normgen/normgen/runtime"
)

// A PositionOf is a norm in a model. Name is its place, such as
// "encoder.layers.0.self_attn_norm", "decoder.layers.2.cross_attn_norm",
// "decoder.layers.2.feed_forward_norm" or "decoder.final_norm". A language model
// is a decoder.
type PositionOf[T runtime.Float] struct {
	Name string
	Norm runtime.NormOf[T]

	m     *machine[T]
	side  *side
	rows  int                  // most rows
	works []*runtime.WorkOf[T] // one for each pass of a step
	sizes []int                // of the norm's row axes
	x, y  runtime.ViewOf[T]    // of the last forward
	apart runtime.ViewOf[T]    // scratch: a gradient that is not added to another
}

// Position is a float32 norm in a model.
type Position = PositionOf[float32]

// A SightOf is what an observer sees of a norm after its backward and before
// Commit: state is still what the forward read. The views and the mask
// are the model's own memory; they hold until the observer returns and must not
// be written. Gradients are those of the mean loss of the step's targets.
type SightOf[T runtime.Float] struct {
	Position *PositionOf[T]
	Pass     int                // of the step, from 0
	Work     *runtime.WorkOf[T] // Stats has those of forward and backward
	X, Y     runtime.ViewOf[T]  // input and output
	DX, DY   runtime.ViewOf[T]  // their gradients
	Keep     []bool             // rows that are not padding; nil: all
}

// Sight is what an observer sees of a float32 norm.
type Sight = SightOf[float32]

// position makes the norm of a place.
func (b *builder[T]) position(name string, s *side, maker NormMakerOf[T]) (*PositionOf[T], error) {
	if maker == nil {
		return nil, fmt.Errorf("transformer: there is no norm for %s", name)
	}
	n, err := maker(b.config.Width)
	if err != nil {
		return nil, fmt.Errorf("transformer: %s: %w", name, err)
	}
	if n.Cols() != b.config.Width {
		return nil, fmt.Errorf("transformer: %s: the norm %s has %d columns; the model has width %d", name, n.Name(), n.Cols(), b.config.Width)
	}
	p := &PositionOf[T]{Name: name, Norm: n, m: b.machine, side: s, rows: b.config.MaxRows, apart: b.scratch("apart", b.config.MaxRows, b.config.Width)}
	p.sizes = make([]int, p.work(0).RowAxes())
	b.positions = append(b.positions, p)
	return p, nil
}

// params lists the norm's parameters.
func (p *PositionOf[T]) params() []ParamOf[T] {
	var out []ParamOf[T]
	grads := p.Norm.Grads()
	for i, n := range p.Norm.Params() {
		out = append(out, ParamOf[T]{p.Name + "." + n.Name, []int{len(n.Data)}, n.Data, grads[i].Data})
	}
	return out
}

// work returns the work of pass i of a step.
func (p *PositionOf[T]) work(i int) *runtime.WorkOf[T] {
	for len(p.works) <= i {
		w := p.Norm.NewWork(p.rows)
		w.SetPool(p.m.crew.pool)
		p.works = append(p.works, w)
	}
	return p.works[i]
}

// forward sets y. Padding is not in the norm's statistics.
func (p *PositionOf[T]) forward(y, x runtime.ViewOf[T], pass *passOf[T]) error {
	begin := time.Now()
	defer func() { p.m.spent.norms += time.Since(begin) }()
	p.x, p.y = x, y
	if pass == nil {
		return p.named(p.Norm.Infer(y, x))
	}
	w := p.work(pass.index)
	if err := p.shape(w, x.Rows); err != nil {
		return p.named(err)
	}
	return p.named(p.Norm.Forward(w, y, x, p.side.keep))
}

// shape gives masks the order of the rows whatever axes the norm declares: all
// rows lie along the first.
func (p *PositionOf[T]) shape(w *runtime.WorkOf[T], rows int) error {
	if len(p.sizes) == 0 {
		return nil
	}
	for i := range p.sizes {
		p.sizes[i] = 1
	}
	p.sizes[0] = rows
	return w.Shape(p.sizes...)
}

// backward adds the gradient of x to dx and those of the parameters to theirs. In
// padding dx must be 0 and stays so: some declared gradients are not, where dy is.
func (p *PositionOf[T]) backward(dx, dy runtime.ViewOf[T], pass *passOf[T]) error {
	begin := time.Now()
	w := p.work(pass.index)
	if pass.observe == nil {
		err := p.Norm.Backward(w, dx, dy, runtime.Accumulate)
		clearPadding(p.side, dx)
		p.m.spent.norms += time.Since(begin)
		return p.named(err)
	}
	alone := p.apart.Slice(0, dx.Rows)
	clear(alone.Data)
	if err := p.Norm.Backward(w, alone, dy, runtime.Accumulate); err != nil {
		return p.named(err)
	}
	p.m.spent.norms += time.Since(begin)
	pass.observe(SightOf[T]{Position: p, Pass: pass.index, Work: w, X: p.x, Y: p.y, DX: alone, DY: dy, Keep: p.side.keep})
	p.m.add(dx, alone)
	clearPadding(p.side, dx)
	return nil
}

func (p *PositionOf[T]) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", p.Name, err)
}
