package pass

import (
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// Conditions returns the uniform conditions that steer a selection in f: those
// over the step, knobs and constants alone, without their negations. A kernel
// for each outcome need not select, nor compute what it would not take.
func Conditions(f *ir.Func) []*ir.Value {
	var out []*ir.Value
	var keys []string
	for _, v := range f.Values {
		if v.Op != ir.Select {
			continue
		}
		c := bare(v.Args[0])
		if !uniform(c) || slices.Contains(keys, ir.Key(c)) {
			continue
		}
		out, keys = append(out, c), append(keys, ir.Key(c))
	}
	return out
}

// bare is the condition under widening and negation.
func bare(c *ir.Value) *ir.Value {
	for c.Op == ir.Widen || c.Op == ir.Not {
		c = c.Args[0]
	}
	return c
}

// uniform reports whether v is known before any data is.
func uniform(v *ir.Value) bool {
	switch v.Op {
	case ir.Const, ir.Step:
		return true
	case ir.Load:
		return v.Leaf.Kind == ir.KnobLeaf
	}
	if ir.Ops[v.Op].Eval == nil {
		return false
	}
	return !slices.ContainsFunc(v.Args, func(a *ir.Value) bool { return !uniform(a) })
}

// Assume returns f where the condition cond, a value of f or of another
// function, has the outcome holds. f stays as it is.
func Assume(f *ir.Func, cond *ir.Value, holds bool) *ir.Func {
	outcome := 0.0
	if holds {
		outcome = 1
	}
	k := ir.Key(cond)
	return simplified(rewrite(f.Clone(), func(g *ir.Func, v *ir.Value, args []*ir.Value) *ir.Value {
		if v.Op == cond.Op && v.Axes == 0 && uniform(v) && ir.Key(v) == k {
			return g.Const(outcome)
		}
		return nil
	}))
}

// Unmask returns f for a call without masks: every element is selected, sums
// over the same elements become one, and no leaf is a mask. f stays as it is.
func Unmask(f *ir.Func) *ir.Func {
	return simplified(rewrite(f.Clone(), func(g *ir.Func, v *ir.Value, args []*ir.Value) *ir.Value {
		if v.Op == ir.Load && v.Leaf.Kind == ir.MaskLeaf {
			return g.Widen(g.Const(1), v.Axes)
		}
		return nil
	}))
}

// simplified runs the passes again. That they fail on what they made themselves
// is a bug, and there is no other way to fail.
func simplified(f *ir.Func) *ir.Func {
	if err := Run(f, Default); err != nil {
		panic(err)
	}
	return f
}
