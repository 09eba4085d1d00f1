package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// centre turns the sums of eight columns at a time into moments; see the Go
// function of that name.
func (e *emitter) centre() {
	e.function("centreColumns", "(shift, s1, s2 []float32, inv float64, mean, ss []float64, far []uint8) (any uint8)",
		"centres the sums of columns, a multiple of eight. A bit of far says that the column's shift is too far from its mean; any collects them.")
	shift, s1, s2, n := e.base("shift"), e.base("s1"), e.base("s2"), e.length("shift")
	mean, ss, far, bits := e.base("mean"), e.base("ss"), e.base("far"), e.GP32()
	inv, zero, any := e.spreadParam("inv"), e.vec(), e.GP32()
	e.VXORPS(zero, zero, zero)
	e.XORL(any, any)
	e.eights(n, func() {
		e.XORL(bits, bits)
		for i := range 8 / e.doubles() {
			k := e.column(i, shift, s1, s2, mean, ss, inv, zero)
			e.SHLL(operand.U8(i*e.doubles()), k)
			e.ORL(k, bits)
		}
		e.MOVB(bits.As8(), operand.Mem{Base: far})
		e.ORL(bits, any)
		e.INCQ(far)
	}, []reg.GPVirtual{shift, s1, s2}, []reg.GPVirtual{mean, ss})
	e.Store(any.As8(), e.Return("any"))
	e.leave()
}

const greater = 30 // the predicate of VCMPPD: ordered and quiet

// column centres vector i of eight columns and returns the bits of those that
// are too far.
func (e *emitter) column(i int, shift, s1, s2, mean, ss reg.GPVirtual, inv, zero reg.VecVirtual) reg.GPVirtual {
	sum, square, from, c, p := e.widened(s1, i), e.widened(s2, i), e.widened(shift, i), e.vec(), e.vec()
	e.VMULPD(inv, sum, c)
	e.VMULPD(c, sum, p)
	e.VSUBPD(p, square, square)
	bits := e.GP32()
	if e.EVEX {
		k := e.K()
		e.VCMPPD(operand.U8(greater), square, p, k)
		e.KMOVB(k, bits)
	} else {
		e.VCMPPD(operand.U8(greater), square, p, p)
		e.VMOVMSKPD(p, bits)
	}
	e.VMAXPD(square, zero, square) // the second of equal and unordered operands, as written by Intel
	e.VADDPD(c, from, from)
	e.VMOVUPS(from, e.at(mean, i))
	e.VMOVUPS(square, e.at(ss, i))
	return bits
}

// doubles is the number of float64 in a vector.
func (e *emitter) doubles() int { return e.Lanes / 2 }

// widened loads vector i of float32 as float64.
func (e *emitter) widened(p reg.GPVirtual, i int) reg.VecVirtual {
	v := e.vec()
	e.VCVTPS2PD(operand.Mem{Base: p, Disp: i * 4 * e.doubles()}, v)
	return v
}

// eights runs body for each eight of n elements, and moves the pointers to
// float32 and to float64 behind each.
func (e *emitter) eights(n reg.GPVirtual, body func(), singles, doubles []reg.GPVirtual) {
	loop, done := e.label("eight"), e.label("done")
	e.Label(loop)
	e.CMPQ(n, operand.U8(8))
	e.JLT(operand.LabelRef(done))
	body()
	for _, p := range singles {
		e.ADDQ(operand.U8(32), p)
	}
	for _, p := range doubles {
		e.ADDQ(operand.U8(64), p)
	}
	e.SUBQ(operand.U8(8), n)
	e.JMP(operand.LabelRef(loop))
	e.Label(done)
}
