package asmgen

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// An arrayLoop writes a loop over arrays of both widths: as many elements at a time
// as a register has float64, with float32 in registers half as long. Arrays and
// numbers are read where they are used: there are many, and the loop is short.
type arrayLoop struct {
	*emitter
	lanes  int // elements of a vector
	masked bool
	val    map[*ir.Value]*number
}

// A number is a value in all lanes, in the widths that it was asked for in.
type number struct{ single, double reg.VecVirtual }

// stepHas reports whether loops over arrays have a form for an operation.
func stepHas(op ir.Op) bool { return pairs[op] != nil || singles[op] != nil }

// pairs are operations of two operands, in both widths.
var pairs = [ir.NumOps]func(l *arrayLoop, wide bool, a, b, dst operand.Op){
	ir.Add: either((*arrayLoop).VADDPS, (*arrayLoop).VADDPD),
	ir.Sub: either((*arrayLoop).VSUBPS, (*arrayLoop).VSUBPD),
	ir.Mul: either((*arrayLoop).VMULPS, (*arrayLoop).VMULPD),
	ir.Div: either((*arrayLoop).VDIVPS, (*arrayLoop).VDIVPD),
	ir.Max: either((*arrayLoop).VMAXPS, (*arrayLoop).VMAXPD), // a > b ? a : b
	ir.Min: either((*arrayLoop).VMINPS, (*arrayLoop).VMINPD),
}

func either(single, double func(l *arrayLoop, ops ...operand.Op)) func(l *arrayLoop, wide bool, a, b, dst operand.Op) {
	return func(l *arrayLoop, wide bool, a, b, dst operand.Op) {
		if wide {
			double(l, b, a, dst)
		} else {
			single(l, b, a, dst)
		}
	}
}

// singles are those of one.
var singles = [ir.NumOps]func(l *arrayLoop, wide bool, a, dst reg.VecVirtual){
	ir.Sqrt: (*arrayLoop).root,
	ir.Rsqrt: func(l *arrayLoop, wide bool, a, dst reg.VecVirtual) {
		l.root(wide, a, dst)
		pairs[ir.Div](l, wide, l.constant(1, wide), dst, dst)
	},
	ir.Neg: func(l *arrayLoop, wide bool, a, dst reg.VecVirtual) {
		l.enc.xorBits(a, l.pattern(1<<63, wide), dst)
	},
	ir.Abs: func(l *arrayLoop, wide bool, a, dst reg.VecVirtual) {
		l.enc.andBits(a, l.pattern(1<<63-1, wide), dst)
	},
	ir.Detach: func(l *arrayLoop, wide bool, a, dst reg.VecVirtual) { l.VMOVUPS(a, dst) },
}

func (l *arrayLoop) root(wide bool, a, dst reg.VecVirtual) {
	if wide {
		l.VSQRTPD(a, dst)
	} else {
		l.VSQRTPS(a, dst)
	}
}

// pattern is the upper bits of a float64, or those of a float32, in all lanes.
func (l *arrayLoop) pattern(bits uint64, wide bool) reg.VecVirtual {
	if wide {
		return l.constant(math.Float64frombits(bits), true)
	}
	x := l.numbers(false)
	l.VBROADCASTSS(l.consts.single(math.Float32frombits(uint32(bits>>32))), x)
	return x
}

func (l *arrayLoop) constant(f float64, wide bool) reg.VecVirtual {
	x := l.numbers(wide)
	if wide {
		l.VBROADCASTSD(l.consts.double(f), x)
	} else {
		l.VBROADCASTSS(l.consts.single(float32(f)), x)
	}
	return x
}

// numbers is a fresh register of elements.
func (l *arrayLoop) numbers(wide bool) reg.VecVirtual {
	if wide {
		return l.vector()
	}
	return l.register(l.lanes)
}

// arrays writes the loop.
func (e *emitter) arrays() {
	l := &arrayLoop{emitter: e, lanes: e.set.Lanes / 2}
	left := e.GP64()
	e.i = e.GP64()
	e.XORQ(e.i, e.i)
	e.Load(e.Param("n"), left)
	e.while("step", left, l.lanes, "rest", func() {
		l.elements()
		e.ADDQ(operand.U8(l.lanes), e.i)
	})
	e.Label("rest")
	e.TESTQ(left, left)
	e.JEQ(operand.LabelRef("end"))
	l.enc.maskArrays(left)
	l.masked = true
	l.elements()
	e.Label("end")
}

// elements computes a vector. All is read before anything is written.
func (l *arrayLoop) elements() {
	l.val = map[*ir.Value]*number{}
	for _, v := range l.loop.Body {
		if !l.masked {
			l.equation(v)
		}
		l.compute(v)
	}
	for _, p := range l.loop.Params {
		if p.Kind == plan.StoreParam {
			l.get(p.Value, p.Wide)
		}
	}
	for k, p := range l.loop.Params {
		if p.Kind == plan.StoreParam {
			l.write(l.get(p.Value, p.Wide), l.place(k))
		}
	}
}

func (l *arrayLoop) compute(v *ir.Value) {
	wide := l.loop.Kernel.OpWidth(v) == plan.Wide
	dst := l.numbers(wide)
	var args []reg.VecVirtual
	for _, a := range v.Args {
		args = append(args, l.get(a, wide))
	}
	if op := pairs[v.Op]; op != nil {
		op(l, wide, args[0], args[1], dst)
	} else {
		singles[v.Op](l, wide, args[0], dst)
	}
	l.val[v] = newNumber(dst, wide)
}

func newNumber(x reg.VecVirtual, wide bool) *number {
	if wide {
		return &number{double: x}
	}
	return &number{single: x}
}

// get returns an operand in a width.
func (l *arrayLoop) get(v *ir.Value, wide bool) reg.VecVirtual {
	v = plan.Strip(v)
	x := l.val[v]
	switch {
	case x != nil:
	case v.Op == ir.Const:
		return l.constant(v.F, wide)
	default:
		x = l.operand(v, wide)
	}
	switch {
	case wide && x.double == nil:
		x.double = l.numbers(true)
		l.VCVTPS2PD(x.single, x.double)
	case !wide && x.single == nil:
		x.single = l.rounded(x.double, l.lanes)
	}
	if wide {
		return x.double
	}
	return x.single
}

// operand reads a parameter. A number comes in the width that it is used in.
func (l *arrayLoop) operand(v *ir.Value, wide bool) *number {
	for k, p := range l.loop.Params {
		if p.Value != v || p.Kind != plan.ScalarParam || p.Wide != wide {
			continue
		}
		x := l.numbers(wide)
		if wide {
			l.VBROADCASTSD(l.address(k), x)
		} else {
			l.VBROADCASTSS(l.address(k), x)
		}
		return newNumber(x, wide)
	}
	k := l.param(v, 0)
	p := l.loop.Params[k]
	x := l.numbers(p.Wide)
	l.read(l.place(k), x, p.Wide)
	out := newNumber(x, p.Wide)
	switch p.Part {
	case plan.High:
		out = newNumber(l.rounded(x, l.lanes), false)
	case plan.Low:
		high, low := l.numbers(true), l.numbers(true)
		l.VCVTPS2PD(l.rounded(x, l.lanes), high)
		l.VSUBPD(high, x, low)
		out = newNumber(l.rounded(low, l.lanes), false)
	}
	l.val[v] = out
	return out
}

// place is where the elements at hand of an array lie.
func (l *arrayLoop) place(k int) operand.Mem {
	p, size := l.GP64(), uint8(4)
	if l.loop.Params[k].Wide {
		size = 8
	}
	l.MOVQ(l.address(k), p)
	return operand.Mem{Base: p, Index: l.i, Scale: size}
}

func (l *arrayLoop) read(m operand.Mem, x reg.VecVirtual, wide bool) {
	switch {
	case !l.masked:
		l.VMOVUPS(m, x)
	case wide:
		l.enc.readDoubles(m, x)
	default:
		l.enc.read(m, x)
	}
}

func (l *arrayLoop) write(x reg.VecVirtual, m operand.Mem) {
	switch {
	case !l.masked:
		l.VMOVUPS(x, m)
	case m.Scale == 8:
		l.enc.writeDoubles(x, m)
	default:
		l.enc.write(x, m)
	}
}
