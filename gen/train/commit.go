package train

import (
	"fmt"
	"slices"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// Commit applies the updates of a pass, all on the state before it: a read of
// a state is its value before the step. Where the domain of a statistic was
// empty, the states that are updated from it stay. On an error nothing changes.
func (l *Layer) Commit(p *Pass) error {
	next := map[*ir.Leaf][]float64{}
	for _, u := range p.mode.Updates {
		if u.Phase == ir.BackwardPhase && p.Grads == nil {
			continue
		}
		v, err := l.update(p, u)
		if err != nil {
			return err
		}
		next[u.State] = v
	}
	for s, v := range next {
		l.Values[s] = v
	}
	l.Step++
	return nil
}

// update evaluates u on the statistics of p and their counts.
func (l *Layer) update(p *Pass, u *ir.Update) ([]float64, error) {
	e := l.env(p.env.Sizes)
	for _, v := range u.Func.Values {
		if v.Op == ir.Load && v.Leaf.Kind == ir.StatLeaf {
			e.Leaves[v.Leaf] = p.Stats[v.Leaf.Name]
		}
		if v.Op == ir.Load && v.Leaf.Kind == ir.CountLeaf {
			n, err := p.count(stat(u, v.Leaf.Name), v.Leaf)
			if err != nil {
				return nil, err
			}
			if slices.Contains(n, 1) { // only the division by n - 1 asks for a count
				return nil, fmt.Errorf("the unbiased %s needs more than one value, and has one", v.Leaf.Name)
			}
			e.Leaves[v.Leaf] = n
		}
	}
	outs, err := interp.Run(u.Func, e)
	if err != nil {
		return nil, err
	}
	return outs[0], p.keep(u, l.Value(u.State, e.Sizes), outs[0])
}

func stat(u *ir.Update, name string) *ir.Stat {
	i := slices.IndexFunc(u.Stats, func(s *ir.Stat) bool { return s.Name == name })
	return u.Stats[i]
}

// keep leaves in next, the new value of u's state, the old value where a domain was empty.
func (p *Pass) keep(u *ir.Update, old, next []float64) error {
	for _, s := range u.Stats {
		n, err := p.count(s, u.State)
		if err != nil {
			return err
		}
		for i := range next {
			if n[i] == 0 {
				next[i] = old[i]
			}
		}
	}
	return nil
}

// count is the number of elements in the domain of s, 0 if it is empty, over
// the axes of the leaf to.
func (p *Pass) count(s *ir.Stat, to *ir.Leaf) ([]float64, error) {
	f, mask := p.domain(s)
	f.Out(ir.StatOut, s.Name, f.Widen(f.Sum(f.Const(1), s.Over, mask), to.Axes()), to)
	outs, err := interp.Run(f, p.env)
	if err != nil {
		return nil, fmt.Errorf("count of %s: %w", s.Name, err)
	}
	return outs[0], nil
}

// domain returns a function that computes the mask of s, nil if it has none.
func (p *Pass) domain(s *ir.Stat) (*ir.Func, *ir.Value) {
	if s.Mask == nil && s.Value.Mask() != nil {
		f, copied := []*ir.Func{ir.ForwardPhase: p.mode.Forward, ir.BackwardPhase: p.mode.Backward}[s.Phase].Copy()
		f.Outs = nil
		return f, copied[s.Value.Mask()]
	}
	f := &ir.Func{Name: "count"}
	if s.Mask == nil {
		return f, nil
	}
	return f, f.Load(s.Mask)
}
