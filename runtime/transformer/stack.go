package transformer

import (
	"fmt"

	"github.com/normgen/normgen/runtime"
)

// A stack is an encoder or a decoder.
type stack[T runtime.Float] struct {
	embedding *embedding[T]
	blocks    []*block[T]
	final     *PositionOf[T] // nil: the norms are behind the sums
	out       runtime.ViewOf[T]
	dx        runtime.ViewOf[T] // scratch
}

func (m *modelOf[T]) buildEncoder(vectors ParamOf[T], n NormsOf[T]) (*stack[T], error) {
	s := &stack[T]{embedding: m.embedding(vectors, &m.source)}
	for i := range m.config.EncoderLayers {
		name := fmt.Sprintf("encoder.layers.%d", i)
		if err := m.addSelf(s, name, &m.source, false, n.EncoderAttention); err != nil {
			return nil, err
		}
		if err := m.addFeedForward(s, name, &m.source, n.EncoderFeedForward); err != nil {
			return nil, err
		}
	}
	return s, m.finish(s, "encoder", &m.source, n.EncoderFinal)
}

func (m *modelOf[T]) buildDecoder(vectors ParamOf[T], n NormsOf[T]) (*stack[T], error) {
	s := &stack[T]{embedding: m.embedding(vectors, &m.target)}
	for i := range m.config.DecoderLayers {
		name := fmt.Sprintf("decoder.layers.%d", i)
		if err := m.addSelf(s, name, &m.target, true, n.DecoderAttention); err != nil {
			return nil, err
		}
		if m.encoder != nil {
			if err := m.addCross(s, name, n.DecoderCross); err != nil {
				return nil, err
			}
		}
		if err := m.addFeedForward(s, name, &m.target, n.DecoderFeedForward); err != nil {
			return nil, err
		}
	}
	return s, m.finish(s, "decoder", &m.target, n.DecoderFinal)
}

func (m *modelOf[T]) addSelf(s *stack[T], name string, side *side, causal bool, norm NormMakerOf[T]) error {
	return m.push(s, name+".self_attn", side, norm, m.selfAttention(name+".self_attn", side, causal))
}

func (m *modelOf[T]) addCross(s *stack[T], name string, norm NormMakerOf[T]) error {
	return m.push(s, name+".cross_attn", &m.target, norm, m.crossAttention(name+".cross_attn", &m.target, &m.source, &m.memory))
}

func (m *modelOf[T]) addFeedForward(s *stack[T], name string, side *side, norm NormMakerOf[T]) error {
	f, err := m.feedForward(name + ".feed_forward")
	if err != nil {
		return err
	}
	return m.push(s, name+".feed_forward", side, norm, f)
}

// push puts a block on a stack.
func (m *modelOf[T]) push(s *stack[T], name string, side *side, norm NormMakerOf[T], l layer[T]) error {
	n, err := m.position(name+"_norm", side, norm)
	if err != nil {
		return err
	}
	s.blocks = append(s.blocks, m.block(n, l))
	return nil
}

// finish gives the stack its final norm, if it has one.
func (m *modelOf[T]) finish(s *stack[T], name string, side *side, norm NormMakerOf[T]) (err error) {
	c := &m.config
	s.dx = m.scratch("inner", c.MaxRows, c.Width)
	if c.PostNorm {
		return nil
	}
	s.out = dense[T](c.MaxRows, c.Width)
	s.final, err = m.position(name+".final_norm", side, norm)
	return err
}

// forward returns the stack's output, which holds until the next forward.
func (s *stack[T]) forward(tokens []int32, p *passOf[T]) (x runtime.ViewOf[T], err error) {
	x = s.embedding.forward(tokens)
	for _, b := range s.blocks {
		if x, err = b.forward(x, p); err != nil {
			return x, err
		}
	}
	if s.final == nil {
		return x, nil
	}
	out := s.out.Slice(0, x.Rows)
	return out, s.final.forward(out, x, p)
}

// backward adds the gradients of all parameters below the output, whose gradient
// is d. It overwrites d.
func (s *stack[T]) backward(d runtime.ViewOf[T], p *passOf[T]) error {
	if s.final != nil {
		dx := s.dx.Slice(0, d.Rows)
		clear(dx.Data)
		if err := s.final.backward(dx, d, p); err != nil {
			return err
		}
		for r := range d.Rows {
			copy(d.Row(r), dx.Row(r))
		}
	}
	for i := len(s.blocks) - 1; i >= 0; i-- {
		if err := s.blocks[i].backward(d, p); err != nil {
			return err
		}
	}
	s.embedding.gradient(d)
	return nil
}
