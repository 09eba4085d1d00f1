// Package reference says what passes of a layer lead to beside their kernels, which
// [plan.Eval] runs: which variant a pass takes, what it must refuse, and the states
// after it. Functions of the spec are the interpreter's, in float64, with exp, log,
// tanh and erf as generated code computes them.
package reference

import (
	"slices"

	"github.com/normgen/normgen/gen/elementary"
	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A Pass is one pass of a unit in a mode, on the numbers of a frame. The frame has
// masks if the pass is given some.
type Pass[T plan.Float] struct {
	Unit  *plan.Unit
	Mode  *plan.Mode
	Frame *plan.Frame[T]
}

// Taken reports whether the conditions of a variant hold.
func (p Pass[T]) Taken(v *plan.Variant) bool {
	return !slices.ContainsFunc(v.When, func(o plan.Outcome) bool { return (p.uniform(o.Cond) != 0) != o.Holds })
}

// uniform evaluates a condition on steps, sizes and knobs.
func (p Pass[T]) uniform(v *ir.Value) float64 {
	switch v.Op {
	case ir.Const:
		return v.F
	case ir.Step:
		return p.Frame.Step
	case ir.Size:
		return float64(p.size(v.Over))
	case ir.Load:
		return p.Frame.Knob[v.Leaf.Name]
	}
	args := make([]float64, len(v.Args))
	for i, a := range v.Args {
		args[i] = p.uniform(a)
	}
	return ir.Ops[v.Op].Eval(args)
}

// size is the number of elements along axes.
func (p Pass[T]) size(a ir.Axes) int {
	n := 1
	for d, s := range p.Frame.Sizes {
		if a.Has(1 << d) {
			n *= s
		}
	}
	return n
}

// Count is the number of elements that a statistic is taken over, in all segments
// together. Without rows there is nothing that a statistic of the batch could be of,
// be it over the axis of a state.
func (p Pass[T]) Count(s *ir.Stat) float64 {
	rows := (&ir.Leaf{Dims: p.Unit.Rows}).Axes()
	keep, masked := p.Frame.Mask[s.Mask]
	switch {
	case s.Axes&rows == 0 && p.size(rows) == 0:
		return 0
	case !masked:
		return float64(p.size(s.Over))
	}
	kept := len(slices.DeleteFunc(slices.Clone(keep), func(k bool) bool { return !k }))
	return float64(kept * p.size(s.Over&^s.Mask.Axes()))
}

// Stat is the mode's statistic of that name.
func (p Pass[T]) Stat(name string) *ir.Stat {
	return p.Mode.Mode.Stats[slices.IndexFunc(p.Mode.Mode.Stats, func(s *ir.Stat) bool { return s.Name == name })]
}

// Refused reports whether training, or a pass without updates, must refuse the
// frame: for a requirement of the spec, or an unbiased statistic of one element.
func (p Pass[T]) Refused(train bool) bool {
	for _, r := range p.Mode.Mode.Requires {
		if p.Interpret(r.Func, nil)[0] == 0 {
			return true
		}
	}
	for _, up := range p.Mode.Mode.Updates {
		for _, v := range up.Func.Values {
			if train && v.Op == ir.Load && v.Leaf.Kind == ir.CountLeaf && p.Count(p.Stat(v.Leaf.Name)) == 1 {
				return true
			}
		}
	}
	return false
}

// Next are the states that a step changes, made of the old ones, rounded once. A
// statistic over nothing changes nothing. The others are given by name, in the order
// of memory.
func (p Pass[T]) Next(stat func(name string) []float64) map[*ir.Leaf][]T {
	next := map[*ir.Leaf][]T{}
	for _, up := range p.Mode.Mode.Updates {
		if slices.ContainsFunc(up.Stats, func(s *ir.Stat) bool { return p.Count(s) == 0 }) {
			continue
		}
		for _, x := range p.Interpret(up.Func, stat) {
			next[up.State] = append(next[up.State], T(x))
		}
	}
	return next
}

// Interpret evaluates a function of knobs, sizes, parameters, states and statistics.
func (p Pass[T]) Interpret(f *ir.Func, stat func(name string) []float64) []float64 {
	env := interp.Env{Sizes: p.Frame.Sizes, Leaves: map[*ir.Leaf][]float64{}, Step: p.Frame.Step, Apply: apply}
	for _, v := range f.Values {
		if v.Op == ir.Load {
			env.Leaves[v.Leaf] = p.leaf(v.Leaf, stat)
		}
	}
	outs, err := interp.Run(f, env)
	if err != nil {
		panic(err) // the function was planned
	}
	return outs[0]
}

func (p Pass[T]) leaf(l *ir.Leaf, stat func(name string) []float64) []float64 {
	switch l.Kind {
	case ir.KnobLeaf:
		return []float64{p.Frame.Knob[l.Name]}
	case ir.StatLeaf:
		return p.ascending(stat(l.Name), l)
	case ir.CountLeaf:
		return []float64{p.Count(p.Stat(l.Name))}
	}
	out := make([]float64, len(p.Frame.Array[l]))
	for i, v := range p.Frame.Array[l] {
		out[i] = float64(v)
	}
	return out
}

// ascending brings a statistic from the order of memory to that of its leaf.
func (p Pass[T]) ascending(x []float64, l *ir.Leaf) []float64 {
	out := make([]float64, len(x))
	at := make([]int, len(p.Frame.Sizes))
	for i, v := range x {
		rest := i
		for _, d := range slices.Backward(p.Unit.Order(l.Axes())) {
			at[d], rest = rest%p.Frame.Sizes[d], rest/p.Frame.Sizes[d]
		}
		to := 0
		for _, d := range l.Dims {
			to = to*p.Frame.Sizes[d] + at[d]
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
