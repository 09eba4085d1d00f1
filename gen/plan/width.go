package plan

import "github.com/normgen/normgen/gen/ir"

// narrowOps always compute in the storage type below full rank too: vector
// units have packed float32 roots, and one rounding before a root is half of
// one after it.
var narrowOps = map[ir.Op]bool{ir.Sqrt: true, ir.Rsqrt: true, ir.Exp: true, ir.Log: true, ir.Tanh: true, ir.Erf: true, ir.Pow: true}

// widths gives every value its width. A value that its own kernel reads back
// from a row array was rounded when it was stored, so it is narrow for everyone.
func (b *builder) widths() {
	for _, v := range b.k.Func.Values {
		if !b.needed[v] {
			continue
		}
		b.k.op[v.ID] = b.widthOf(v)
		switch slot, given := b.k.Given[v]; {
		case b.k.op[v.ID] == Bool:
			b.k.width[v.ID] = Bool
		case given && slot.Wide():
			b.k.width[v.ID] = Wide
		case given || b.readBack[v]:
			b.k.width[v.ID] = Narrow
		default:
			b.k.width[v.ID] = b.k.op[v.ID]
		}
	}
}

// widthOf computes the width of v from its operands' widths.
func (b *builder) widthOf(v *ir.Value) Width {
	rank := b.k.rank[v.ID]
	switch {
	case ir.Ops[v.Op].Cond:
		return Bool
	case v.Op == ir.Load:
		return leafWidth(v.Leaf)
	case rank == Full:
		return Narrow
	case rank == Uniform:
		return Wide
	case v.Op == ir.Widen:
		return b.k.width[v.Args[0].ID]
	case v.Op == ir.MomentHi || v.Op == ir.MomentLo:
		return Narrow
	case v.Op == ir.MaxOf:
		return b.joinWidth(v.Args) // one of its operands
	case v.Op.Reduces(), v.Op == ir.Count, v.Op == ir.Index:
		return Wide
	case narrowOps[v.Op]:
		return Narrow
	}
	return b.joinWidth(v.Args)
}

// joinWidth is wide if every number among the operands is.
func (b *builder) joinWidth(args []*ir.Value) Width {
	for _, a := range args {
		if b.k.width[a.ID] == Narrow {
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
