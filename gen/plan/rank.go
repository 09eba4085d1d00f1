package plan

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
)

// A space is the view of a layer's axes as rows and columns.
type space struct {
	layer              *ir.Layer
	rows, cols, groups ir.Axes
}

// rankOf classifies a set of axes.
func (s *space) rankOf(a ir.Axes) (Rank, error) {
	r, c := a&s.rows, a&s.cols
	switch {
	case r == 0 && c == 0:
		return Uniform, nil
	case r == 0 && c == s.cols:
		return Col, nil
	case r == s.rows && c == 0:
		return Row, nil
	case r == s.rows && c == s.cols:
		return Full, nil
	case r == s.rows && s.groups != 0 && c == s.groups:
		return Group, nil
	}
	return 0, fmt.Errorf("varies over %s: the planner knows rows %s, columns %s and groups %s",
		s.names(a), s.names(s.rows), s.names(s.cols), s.names(s.groups))
}

func (s *space) names(a ir.Axes) string {
	out := "["
	for i, x := range s.layer.Axes {
		if a.Has(1 << i) {
			if len(out) > 1 {
				out += " "
			}
			out += x.Name
		}
	}
	return out + "]"
}

// Strip returns the value under any number of Widens: a Widen costs nothing, it
// only says that the operand is repeated.
func Strip(v *ir.Value) *ir.Value {
	for v.Op == ir.Widen {
		v = v.Args[0]
	}
	return v
}

// isReduction reports whether v is a reduction of data.
func isReduction(v *ir.Value) bool {
	switch v.Op {
	case ir.Sum, ir.Mean, ir.MaxOf:
		return true
	}
	return isMoment(v)
}

func isMoment(v *ir.Value) bool { return v.Op >= ir.MomentMean && v.Op <= ir.MomentSS }

// isLeaf reports whether v is read rather than computed.
func isLeaf(v *ir.Value) bool { return v.Op == ir.Load || v.Op == ir.Const }

// narrowOps always compute in the storage type below full rank too: vector
// units have packed float32 roots, and one rounding before a root is half of
// one after it.
var narrowOps = map[ir.Op]bool{ir.Sqrt: true, ir.Rsqrt: true, ir.Exp: true, ir.Log: true, ir.Tanh: true, ir.Erf: true, ir.Pow: true}

var boolOps = map[ir.Op]bool{ir.Less: true, ir.LessEq: true, ir.Equal: true, ir.And: true, ir.Or: true, ir.Not: true}

// widthOf computes the width of v from its operands' widths.
func (b *builder) widthOf(v *ir.Value) Width {
	rank := b.k.rank[v]
	switch {
	case boolOps[v.Op]:
		return Bool
	case v.Op == ir.Load:
		return leafWidth(v.Leaf)
	case rank == Full:
		return Narrow
	case rank == Uniform:
		return Wide
	case v.Op == ir.Widen:
		return b.k.width[v.Args[0]]
	case v.Op == ir.MomentHi || v.Op == ir.MomentLo || v.Op == ir.MaxOf:
		return Narrow
	case isReduction(v), v.Op == ir.Count:
		return Wide
	case narrowOps[v.Op]:
		return Narrow
	}
	return b.joinWidth(v.Args)
}

// joinWidth is wide if every number among the operands is.
func (b *builder) joinWidth(args []*ir.Value) Width {
	for _, a := range args {
		if b.k.width[a] == Narrow {
			return Narrow
		}
	}
	return Wide
}

func leafWidth(l *ir.Leaf) Width {
	switch l.Kind {
	case ir.MaskLeaf:
		return Bool
	case ir.KnobLeaf, ir.StatLeaf, ir.CountLeaf:
		return Wide
	}
	return Narrow
}
