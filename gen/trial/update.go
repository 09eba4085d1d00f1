package trial

import (
	"slices"

	"github.com/normgen/normgen/gen/elementary"
	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// update computes the states after the step, all of the old ones. A statistic over
// nothing updates nothing.
func (p *posed) update(q *Problem) {
	next := map[*ir.Leaf][]float32{}
	for _, s := range p.unit.Layer.States {
		next[s] = p.frame.Array[s]
	}
	for _, up := range p.mode.Mode.Updates {
		q.BackwardMoves = q.BackwardMoves || up.Phase == ir.BackwardPhase
		if !slices.ContainsFunc(up.Stats, func(s *ir.Stat) bool { return p.count(s) == 0 }) {
			next[up.State] = rounded(p.interpret(up.Func, q))
		}
	}
	q.Next = p.copies(p.unit.Layer.States, next)
}

// interpret evaluates a function of knobs, sizes, parameters, states and statistics
// in float64, as the plan does.
func (p *posed) interpret(f *ir.Func, q *Problem) []float64 {
	env := interp.Env{Sizes: p.sizes, Leaves: map[*ir.Leaf][]float64{}, Step: float64(p.step), Apply: apply}
	for _, v := range f.Values {
		if v.Op == ir.Load {
			env.Leaves[v.Leaf] = p.leaf(v.Leaf, q)
		}
	}
	outs, err := interp.Run(f, env)
	if err != nil {
		panic(err) // the function was planned
	}
	return outs[0]
}

func (p *posed) leaf(l *ir.Leaf, q *Problem) []float64 {
	switch l.Kind {
	case ir.KnobLeaf:
		return []float64{p.frame.Knob[l.Name]}
	case ir.StatLeaf:
		for _, s := range q.Stats {
			if s.Name == l.Name {
				return p.ascending(s, l)
			}
		}
	case ir.CountLeaf:
		return []float64{p.count(p.stat(l.Name))}
	}
	out := make([]float64, len(p.frame.Array[l]))
	for i, v := range p.frame.Array[l] {
		out[i] = float64(v)
	}
	return out
}

// ascending brings a statistic from the order of memory to that of its leaf.
func (p *posed) ascending(s Stat, l *ir.Leaf) []float64 {
	out := make([]float64, len(s.Values))
	at := make([]int, len(p.sizes))
	for i, v := range s.Values {
		rest := i
		for _, d := range slices.Backward(p.unit.Order(l.Axes())) {
			at[d], rest = rest%p.sizes[d], rest/p.sizes[d]
		}
		to := 0
		for _, d := range l.Dims {
			to = to*p.sizes[d] + at[d]
		}
		out[to] = v
	}
	return out
}

// apply computes exp, log, tanh and erf as generated code does, bit for bit.
func apply(op ir.Op, args []float64) float64 {
	if elementary.Has(op) {
		return elementary.Eval64(op, args[0])
	}
	return ir.Ops[op].Eval(args)
}

func (p *posed) stat(name string) *ir.Stat {
	i := slices.IndexFunc(p.mode.Mode.Stats, func(s *ir.Stat) bool { return s.Name == name })
	return p.mode.Mode.Stats[i]
}

// count is the number of elements that a statistic is taken over, in all segments
// together.
func (p *posed) count(s *ir.Stat) float64 {
	n, masked := 1, s.Mask != nil && p.variant.Masked
	for d, size := range p.sizes {
		if s.Over.Has(1<<d) && !(masked && s.Mask.Axes().Has(1<<d)) {
			n *= size
		}
	}
	if masked {
		kept := 0
		for _, k := range p.frame.Mask[s.Mask] {
			if k {
				kept++
			}
		}
		n *= kept
	}
	return float64(n)
}

// refused reports whether the layer must refuse the problem.
func (p *posed) refused() bool {
	for _, r := range p.mode.Mode.Requires {
		if p.interpret(r.Func, nil)[0] == 0 {
			return true
		}
	}
	if p.kind != Train {
		return false
	}
	for _, up := range p.mode.Mode.Updates {
		for _, v := range up.Func.Values {
			if v.Op == ir.Load && v.Leaf.Kind == ir.CountLeaf && p.count(p.stat(v.Leaf.Name)) == 1 {
				return true
			}
		}
	}
	return false
}
