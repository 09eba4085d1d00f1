package asmgen

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/elementary"
	"github.com/normgen/normgen/gen/ir"
)

// operations is the vector column of the op table.
var operations = [ir.NumOps]func(r *row, v *ir.Value) vec{
	ir.Neg:    func(r *row, v *ir.Value) vec { return r.bits(v, 0x80000000, r.enc.xorBits) },
	ir.Abs:    func(r *row, v *ir.Value) vec { return r.bits(v, 0x7fffffff, r.enc.andBits) },
	ir.Add:    addition,
	ir.Sub:    difference,
	ir.Mul:    product,
	ir.Div:    binary(func(r *row, a, b, dst reg.VecVirtual) { r.VDIVPS(b, a, dst) }),
	ir.Max:    binary(func(r *row, a, b, dst reg.VecVirtual) { r.VMAXPS(b, a, dst) }), // a > b ? a : b
	ir.Min:    binary(func(r *row, a, b, dst reg.VecVirtual) { r.VMINPS(b, a, dst) }),
	ir.Sqrt:   unary(func(r *row, a, dst reg.VecVirtual) { r.VSQRTPS(a, dst) }),
	ir.Floor:  unary(func(r *row, a, dst reg.VecVirtual) { r.enc.floor(a, dst) }),
	ir.Detach: func(r *row, v *ir.Value) vec { return r.get(v.Args[0]) },
	ir.Rsqrt: unary(func(r *row, a, dst reg.VecVirtual) {
		one := r.vector()
		r.VBROADCASTSS(r.consts.single(1), one)
		r.VSQRTPS(a, dst)
		r.VDIVPS(dst, one, dst)
	}),
	ir.Exp:    program,
	ir.Log:    program,
	ir.Tanh:   program,
	ir.Erf:    program,
	ir.Less:   compare(less),
	ir.LessEq: compare(lessEqual),
	ir.Equal:  compare(equal),
	ir.And:    func(r *row, v *ir.Value) vec { a := r.args(v); return vec{cond: r.enc.and(a[0].cond, a[1].cond)} },
	ir.Or:     func(r *row, v *ir.Value) vec { a := r.args(v); return vec{cond: r.enc.or(a[0].cond, a[1].cond)} },
	ir.Not:    func(r *row, v *ir.Value) vec { return vec{cond: r.enc.not(r.args(v)[0].cond)} },
	ir.Select: func(r *row, v *ir.Value) vec {
		a := r.args(v)
		return vec{VecVirtual: r.enc.blend(a[0].cond, a[1].VecVirtual, a[2].VecVirtual)}
	},
}

func binary(op func(r *row, a, b, dst reg.VecVirtual)) func(r *row, v *ir.Value) vec {
	return func(r *row, v *ir.Value) vec {
		a, dst := r.args(v), r.vector()
		op(r, a[0].VecVirtual, a[1].VecVirtual, dst)
		return vec{VecVirtual: dst}
	}
}

func unary(op func(r *row, a, dst reg.VecVirtual)) func(r *row, v *ir.Value) vec {
	return func(r *row, v *ir.Value) vec {
		a, dst := r.args(v), r.vector()
		op(r, a[0].VecVirtual, dst)
		return vec{VecVirtual: dst}
	}
}

func compare(predicate uint8) func(r *row, v *ir.Value) vec {
	return func(r *row, v *ir.Value) vec {
		a := r.args(v)
		return vec{cond: r.enc.compare(predicate, a[0].VecVirtual, a[1].VecVirtual)}
	}
}

// bits combines a number with a pattern.
func (r *row) bits(v *ir.Value, pattern uint32, op func(a, b, dst reg.VecVirtual)) vec {
	a, p := r.args(v), r.vector()
	r.VBROADCASTSS(r.consts.single(math.Float32frombits(pattern)), p)
	dst := r.vector()
	op(a[0].VecVirtual, p, dst)
	return vec{VecVirtual: dst}
}

// program expands an elementary function.
func program(r *row, v *ir.Value) vec {
	p := elementary.Float32.Program(v.Op)
	val := make([]vec, len(p.Values))
	for i, s := range p.Values {
		val[i] = r.stepOf(s, val, r.args(v)[0])
	}
	return val[p.Out.ID]
}

func (r *row) stepOf(s *elementary.Value, val []vec, in vec) vec {
	switch s.Op {
	case elementary.Input:
		return in
	case elementary.Const:
		x := r.vector()
		r.VBROADCASTSS(r.consts.single(math.Float32frombits(uint32(s.Pattern))), x)
		return vec{VecVirtual: x}
	}
	a := func(i int) reg.VecVirtual { return val[s.Args[i].ID].VecVirtual }
	switch s.Op {
	case elementary.Less:
		c := r.enc.compare(less, a(0), a(1))
		return vec{VecVirtual: r.enc.asBits(c), cond: c}
	case elementary.Select:
		return vec{VecVirtual: r.enc.blend(val[s.Args[0].ID].cond, a(1), a(2))}
	}
	dst := r.vector()
	switch s.Op {
	case elementary.Add:
		r.VADDPS(a(1), a(0), dst)
	case elementary.Sub:
		r.VSUBPS(a(1), a(0), dst)
	case elementary.Mul:
		r.VMULPS(a(1), a(0), dst)
	case elementary.Div:
		r.VDIVPS(a(1), a(0), dst)
	case elementary.And:
		r.enc.andBits(a(0), a(1), dst)
	case elementary.Or:
		r.enc.orBits(a(0), a(1), dst)
	case elementary.Plus:
		r.VPADDD(a(1), a(0), dst)
	case elementary.Minus:
		r.VPSUBD(a(1), a(0), dst)
	case elementary.Shl:
		r.VPSLLD(operand.U8(s.Shift), a(0), dst)
	case elementary.Shr:
		r.VPSRLD(operand.U8(s.Shift), a(0), dst)
	}
	return vec{VecVirtual: dst}
}
