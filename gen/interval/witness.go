package interval

import (
	"fmt"
	"math"
	"strings"

	"github.com/normgen/normgen/gen/ir"
)

// trials are the values that a witness is made of.
var trials = []float64{100, -100, 0, 1e4, -1e4}

// maxLeaves bounds the leaves that are varied, maxSearch the values computed
// in search of witnesses for one function.
const (
	maxLeaves = 8
	maxSearch = 1 << 22
)

// A trial gives leaves a value; the others are 1, or the least they may be.
type trial map[*ir.Leaf]float64

// witness searches for data for which v is the first NaN, an exponential
// overflowed before it, and an output is NaN too. It returns the data as text,
// or "". Axes have one element each, which a reduction returns.
func (c *checker) witness(v *ir.Value) string {
	if c.searched > maxSearch {
		return ""
	}
	leaves, cone := c.free(v), map[*ir.Value]bool{}
	dependencies(v, cone)
	for i, l := range leaves {
		for _, x := range trials {
			if t := (trial{l: x}); c.convicts(v, cone, t) {
				return t.text(leaves)
			}
		}
		for _, k := range leaves[:i] {
			if t := c.pair(v, cone, k, l); t != nil {
				return t.text(leaves)
			}
		}
	}
	return ""
}

func (c *checker) pair(v *ir.Value, cone map[*ir.Value]bool, k, l *ir.Leaf) trial {
	for _, x := range trials {
		for _, y := range trials {
			if t := (trial{k: x, l: y}); c.convicts(v, cone, t) {
				return t
			}
		}
	}
	return nil
}

// free lists the data that v depends on.
func (c *checker) free(v *ir.Value) []*ir.Leaf {
	of := dataOf(v)
	var list []*ir.Leaf
	for _, w := range c.f.Values {
		if w.Op == ir.Load && of[w.Leaf] && len(list) < maxLeaves {
			list = append(list, w.Leaf)
			of[w.Leaf] = false
		}
	}
	return list
}

func (t trial) text(leaves []*ir.Leaf) string {
	var list []string
	for _, l := range leaves {
		if x, ok := t[l]; ok {
			list = append(list, fmt.Sprintf("%s = %g", l.Name, x))
		}
	}
	return strings.Join(list, ", ")
}

// dependencies adds to set what v is computed from, and v.
func dependencies(v *ir.Value, set map[*ir.Value]bool) {
	if set[v] {
		return
	}
	set[v] = true
	for _, a := range v.Args {
		dependencies(a, set)
	}
}

// convicts evaluates f, rounding to the format, on t. Of what v is computed
// from, the cone, nothing else may be infinite first, or NaN.
func (c *checker) convicts(v *ir.Value, cone map[*ir.Value]bool, t trial) bool {
	if c.searched += len(c.f.Values); c.searched > maxSearch {
		return false
	}
	val := make([]float64, len(c.f.Values))
	exploded := false
	for _, w := range c.f.Values {
		x := c.round(c.scalar(w, val, t))
		val[w.ID] = x
		switch {
		case !cone[w]:
		case math.IsInf(x, 0) && !anyInfinite(w, val):
			if w.Op != ir.Exp {
				return false
			}
			exploded = true
		case math.IsNaN(x) && w != v:
			return false
		}
	}
	if !exploded || !math.IsNaN(val[v.ID]) {
		return false
	}
	for _, o := range c.f.Outs {
		if math.IsNaN(val[o.Value.ID]) {
			return true
		}
	}
	return false
}

func anyInfinite(w *ir.Value, val []float64) bool {
	for _, a := range w.Args {
		if math.IsInf(val[a.ID], 0) {
			return true
		}
	}
	return false
}

func (c *checker) scalar(w *ir.Value, val []float64, t trial) float64 {
	if eval := ir.Ops[w.Op].Eval; eval != nil {
		args := make([]float64, len(w.Args))
		for i, a := range w.Args {
			args[i] = val[a.ID]
		}
		return eval(args)
	}
	switch {
	case w.Op == ir.Widen, w.Op.Reduces():
		return val[w.Args[0].ID]
	case w.Op == ir.Load:
		return c.datum(w.Leaf, t)
	case w.Op == ir.Const:
		return w.F
	case w.Op == ir.Index:
		return 0
	}
	return 1 // step, sizes, counts
}

func (c *checker) datum(l *ir.Leaf, t trial) float64 {
	x, ok := t[l]
	switch {
	case l.Kind == ir.KnobLeaf:
		return l.Init
	case !ok:
		x = 1
	}
	if l.Kind == ir.StateLeaf {
		return max(x, c.state(l).Lo)
	}
	return x
}
