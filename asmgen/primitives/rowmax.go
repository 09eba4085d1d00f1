package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/plan"
)

// rowMax compares in any order, which is right where no element is NaN and the
// largest is not a zero, whose sign depends on the order.
func (e *emitter) rowMax() {
	e.function("rowMax", "(x []float32) (top float32, plain bool)",
		"returns the largest element of x; it is not plain if some are NaN, or if it is a zero.")
	p, n := e.base("x"), e.length("x")
	m := &maximum{e: e, lane: e.vecs(plan.Lanes / e.Lanes), first: e.vec()}
	e.VBROADCASTSS(operand.Mem{Base: p}, m.first)
	m.odd = e.newOdd(m.first)
	for _, l := range m.lane {
		e.VMOVAPS(m.first, l)
	}
	loop, last := e.label("loop"), e.label("last")
	e.Label(loop)
	e.CMPQ(n, operand.U8(plan.Lanes))
	e.JLT(operand.LabelRef(last))
	for i := range m.lane {
		m.step(i, e.at(p, i), nil)
	}
	e.ADDQ(operand.U32(4*plan.Lanes), p)
	e.SUBQ(operand.U8(plan.Lanes), n)
	e.JMP(operand.LabelRef(loop))
	e.Label(last)
	e.lastLanes(p, n, m)
	m.flush()
	e.leave()
}

// A maximum is the largest element in each lane, starting from the first of all.
type maximum struct {
	e     *emitter
	lane  []reg.VecVirtual
	first reg.VecVirtual
	odd   odd
}

func (m *maximum) start() {}

func (m *maximum) step(lane int, at operand.Mem, r *rest) {
	x := m.e.vec()
	m.e.load(at, r, x)
	m.e.drop(r, m.first, x)
	m.odd.note(x)
	m.e.VMAXPS(x, m.lane[lane], m.lane[lane])
}

func (m *maximum) flush() {
	e, lane := m.e, m.lane
	for n := len(lane) / 2; n > 0; n /= 2 {
		for i := range n {
			e.VMAXPS(lane[i+n], lane[i], lane[i])
		}
	}
	y, t := lane[0].AsY(), e.YMM()
	if e.Lanes > 8 {
		e.VEXTRACTF64X4(operand.U8(1), lane[0], t)
		e.VMAXPS(t, y, y)
	}
	x, half := e.XMM(), e.XMM()
	e.VEXTRACTF128(operand.U8(1), y, half)
	e.VMAXPS(half, lane[0].AsX(), x)
	e.VPERMILPS(operand.U8(0b1110), x, half)
	e.VMAXPS(half, x, x)
	e.VMOVSHDUP(x, half)
	e.VMAXSS(half, x, x)
	e.returnSingle(x, "top")
	m.storePlain(x)
}

// storePlain compares the largest element with 0: equal, or not to be compared,
// is not plain.
func (m *maximum) storePlain(x reg.VecVirtual) {
	e, zero, plain, none := m.e, m.e.XMM(), m.e.GP8(), m.e.GP8()
	e.VXORPS(zero, zero, zero)
	e.VUCOMISS(zero, x)
	e.SETNE(plain)
	m.odd.absent(none)
	e.ANDB(none, plain)
	e.Store(plain, e.Return("plain"))
}

// odd collects whether a NaN was seen.
type odd struct {
	e *emitter
	k reg.OpmaskVirtual
	y reg.VecVirtual
}

const unordered = 3 // the predicate of VCMPPS

// newOdd begins with x.
func (e *emitter) newOdd(x reg.VecVirtual) odd {
	o := odd{e: e}
	if e.EVEX {
		o.k = e.K()
		e.VCMPPS(operand.U8(unordered), x, x, o.k)
	} else {
		o.y = e.YMM()
		e.VCMPPS(operand.U8(unordered), x, x, o.y)
	}
	return o
}

func (o odd) note(x reg.VecVirtual) {
	now := o.e.newOdd(x)
	if o.e.EVEX {
		o.e.KORW(now.k, o.k, o.k)
	} else {
		o.e.VORPS(now.y, o.y, o.y)
	}
}

// absent sets flag if there was none.
func (o odd) absent(flag reg.GPVirtual) {
	if o.e.EVEX {
		o.e.KORTESTW(o.k, o.k)
	} else {
		o.e.VPTEST(o.y, o.y)
	}
	o.e.SETEQ(flag)
}
