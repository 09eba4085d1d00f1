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
	lanes int // elements of a vector
	masked
	val map[*ir.Value]*number
}

// A number is a value in all lanes, in the widths that it was asked for in.
type number struct{ single, double reg.VecVirtual }

// masked are the masks of the last elements, if they are at hand.
type masked struct {
	on             bool
	k              reg.OpmaskVirtual // AVX-512
	single, double reg.VecVirtual    // AVX2
}

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
		l.logic((*arrayLoop).VPXOR, (*arrayLoop).VPXORD, l.pattern(1<<63, wide), a, dst)
	},
	ir.Abs: func(l *arrayLoop, wide bool, a, dst reg.VecVirtual) {
		l.logic((*arrayLoop).VPAND, (*arrayLoop).VPANDD, l.pattern(1<<63-1, wide), a, dst)
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

// logic is an operation on bits, which AVX-512 has another name for.
func (l *arrayLoop) logic(short func(*arrayLoop, operand.Op, operand.Op, operand.Op), long func(*arrayLoop, ...operand.Op), a, b, dst reg.VecVirtual) {
	if l.set.Lanes == 8 {
		short(l, a, b, dst)
	} else {
		long(l, a, b, dst)
	}
}

// pattern is the upper bits of a float64, or those of a float32, in all lanes.
func (l *arrayLoop) pattern(bits uint64, wide bool) reg.VecVirtual {
	if wide {
		return l.constant(math.Float64frombits(bits), true)
	}
	x := l.register(false)
	l.VBROADCASTSS(l.consts.single(math.Float32frombits(uint32(bits>>32))), x)
	return x
}

func (l *arrayLoop) constant(f float64, wide bool) reg.VecVirtual {
	x := l.register(wide)
	if wide {
		l.VBROADCASTSD(l.consts.double(f), x)
	} else {
		l.VBROADCASTSS(l.consts.single(float32(f)), x)
	}
	return x
}

func (l *arrayLoop) register(wide bool) reg.VecVirtual {
	switch {
	case wide && l.set.Lanes == 16:
		return l.ZMM()
	case !wide && l.set.Lanes == 8:
		return l.XMM()
	}
	return l.YMM()
}

// arrays writes the loop.
func (e *emitter) arrays() {
	l := &arrayLoop{emitter: e, lanes: e.set.Lanes / 2}
	left := e.GP64()
	e.i = e.GP64()
	e.XORQ(e.i, e.i)
	e.Load(e.Param("n"), left)
	e.Label("step")
	e.CMPQ(left, operand.U8(l.lanes))
	e.JLT(operand.LabelRef("rest"))
	l.elements()
	e.ADDQ(operand.U8(l.lanes), e.i)
	e.SUBQ(operand.U8(l.lanes), left)
	e.JMP(operand.LabelRef("step"))
	e.Label("rest")
	e.TESTQ(left, left)
	e.JEQ(operand.LabelRef("end"))
	l.mask(left)
	l.elements()
	e.Label("end")
}

// mask makes the masks of so many elements.
func (l *arrayLoop) mask(left reg.GPVirtual) {
	l.masked.on = true
	if l.set.Lanes == 16 {
		bits := l.GP64()
		l.MOVQ(operand.I32(-1), bits)
		l.BZHIQ(left, bits, bits)
		l.masked.k = l.K()
		l.KMOVW(bits.As32(), l.masked.k)
		return
	}
	window := l.GP64()
	l.LEAQ(l.consts.window(), window)
	l.SHLQ(operand.U8(2), left)
	l.masked.single, l.masked.double = l.XMM(), l.YMM()
	l.SUBQ(left, window)
	l.VMOVUPS(operand.Mem{Base: window, Disp: 4 * fullStep}, l.masked.single)
	l.SUBQ(left, window)
	l.VMOVUPS(operand.Mem{Base: window, Disp: 4 * fullStep}, l.masked.double)
}

// elements computes a vector. All is read before anything is written.
func (l *arrayLoop) elements() {
	l.val = map[*ir.Value]*number{}
	for _, v := range l.loop.Body {
		if !l.masked.on {
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
	dst := l.register(wide)
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
		x.double = l.register(true)
		l.VCVTPS2PD(x.single, x.double)
	case !wide && x.single == nil:
		x.single = l.narrow(x.double)
	}
	if wide {
		return x.double
	}
	return x.single
}

func (l *arrayLoop) narrow(x reg.VecVirtual) reg.VecVirtual {
	y := l.register(false)
	if l.set.Lanes == 16 {
		l.VCVTPD2PS(x, y)
	} else {
		l.VCVTPD2PSY(x, y)
	}
	return y
}

// operand reads a parameter. A number comes in the width that it is used in.
func (l *arrayLoop) operand(v *ir.Value, wide bool) *number {
	for k, p := range l.loop.Params {
		if p.Value != v || p.Kind != plan.ScalarParam || p.Wide != wide {
			continue
		}
		x := l.register(wide)
		if wide {
			l.VBROADCASTSD(l.address(k), x)
		} else {
			l.VBROADCASTSS(l.address(k), x)
		}
		return newNumber(x, wide)
	}
	k := l.param(v, 0)
	p := l.loop.Params[k]
	x := l.register(p.Wide)
	l.read(l.place(k), x, p.Wide)
	out := newNumber(x, p.Wide)
	switch p.Part {
	case plan.High:
		out = newNumber(l.narrow(x), false)
	case plan.Low:
		high, low := l.register(true), l.register(true)
		l.VCVTPS2PD(l.narrow(x), high)
		l.VSUBPD(high, x, low)
		out = newNumber(l.narrow(low), false)
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
	case !l.masked.on:
		l.VMOVUPS(m, x)
	case l.set.Lanes == 16 && wide:
		l.VMOVUPD_Z(m, l.masked.k, x)
	case l.set.Lanes == 16:
		l.VMOVUPS_Z(m, l.masked.k, x)
	case wide:
		l.VMASKMOVPD(m, l.masked.double, x)
	default:
		l.VMASKMOVPS(m, l.masked.single, x)
	}
}

func (l *arrayLoop) write(x reg.VecVirtual, m operand.Mem) {
	wide := m.Scale == 8
	switch {
	case !l.masked.on:
		l.VMOVUPS(x, m)
	case l.set.Lanes == 16 && wide:
		l.VMOVUPD(x, l.masked.k, m)
	case l.set.Lanes == 16:
		l.VMOVUPS(x, l.masked.k, m)
	case wide:
		l.VMASKMOVPD(x, l.masked.double, m)
	default:
		l.VMASKMOVPS(x, l.masked.single, m)
	}
}
