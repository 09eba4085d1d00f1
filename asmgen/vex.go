package asmgen

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vex is the encoding of AVX2: masks and conditions are in the sign bits of vectors.
type vex struct {
	*emitter
	window         reg.GPVirtual // into a table of ones and zeros
	lanes, doubles reg.VecVirtual
}

func (m *vex) mask(left reg.GPVirtual) {
	m.window = m.GP64()
	m.LEAQ(m.consts.window(), m.window)
	back := m.GP64()
	m.MOVQ(left, back)
	m.SHLQ(operand.U8(2), back)
	m.SUBQ(back, m.window)
}

func (m *vex) choose(v int) {
	m.lanes = m.vector()
	m.VMOVUPS(m.ahead(v), m.lanes)
}

// ahead is the part of the window for vector v.
func (m *vex) ahead(v int) operand.Mem {
	return operand.Mem{Base: m.window, Disp: 4 * (fullStep + v*m.set.Lanes)}
}

func (m *vex) maskArrays(left reg.GPVirtual) {
	m.window = m.GP64()
	m.LEAQ(m.consts.window(), m.window)
	m.SHLQ(operand.U8(2), left)
	m.lanes, m.doubles = m.register(m.set.Lanes/2), m.vector()
	for _, mask := range []reg.VecVirtual{m.lanes, m.doubles} { // of two words for each element
		m.SUBQ(left, m.window)
		m.VMOVUPS(m.ahead(0), mask)
	}
}

func (m *vex) read(p operand.Mem, r reg.VecVirtual)         { m.VMASKMOVPS(p, m.lanes, r) }
func (m *vex) readDoubles(p operand.Mem, r reg.VecVirtual)  { m.VMASKMOVPD(p, m.doubles, r) }
func (m *vex) write(r reg.VecVirtual, p operand.Mem)        { m.VMASKMOVPS(r, m.lanes, p) }
func (m *vex) writeDoubles(r reg.VecVirtual, p operand.Mem) { m.VMASKMOVPD(r, m.doubles, p) }

func (m *vex) add(x, acc reg.VecVirtual, masked bool) {
	if masked {
		nothing, y := m.vector(), m.vector()
		m.VBROADCASTSS(m.consts.single(noValue), nothing)
		m.VBLENDVPS(m.lanes, x, nothing, y)
		x = y
	}
	m.VADDPS(x, acc, acc)
}

func (m *vex) addProduct(x, y, acc reg.VecVirtual) {
	all := m.vector()
	m.VMOVUPS(acc, all)
	m.VFMADD231PS(y, x, all)
	m.VBLENDVPS(m.lanes, all, acc, acc)
}

func (m *vex) compare(predicate uint8, a, b reg.VecVirtual) operand.Op {
	dst := m.vector()
	m.VCMPPS(operand.U8(predicate), b, a, dst)
	return dst
}

func (m *vex) nonzero(x reg.VecVirtual) operand.Op {
	zero := m.vector()
	m.VPXOR(zero, zero, zero)
	return m.compare(notEqual, x, zero)
}

func (m *vex) blend(cond operand.Op, a, b reg.VecVirtual) reg.VecVirtual {
	dst := m.vector()
	m.VBLENDVPS(cond, a, b, dst)
	return dst
}

func (m *vex) and(a, b operand.Op) operand.Op { y := m.vector(); m.VPAND(a, b, y); return y }
func (m *vex) or(a, b operand.Op) operand.Op  { y := m.vector(); m.VPOR(a, b, y); return y }

func (m *vex) not(a operand.Op) operand.Op {
	ones, y := m.vector(), m.vector()
	m.VPCMPEQD(ones, ones, ones)
	m.VPXOR(a, ones, y)
	return y
}

func (m *vex) asBits(cond operand.Op) reg.VecVirtual { return cond.(reg.VecVirtual) }

func (m *vex) compareDoubles(predicate uint8, a, b reg.VecVirtual) operand.Op {
	dst := m.register(int(a.Size()) / 4)
	m.VCMPPD(operand.U8(predicate), b, a, dst)
	return dst
}

func (m *vex) bitsOfDoubles(cond operand.Op, bits reg.GPVirtual) { m.VMOVMSKPD(cond, bits.As32()) }

func (m *vex) moveByDoubles(cond operand.Op, x, dst reg.VecVirtual) {
	mask := as(cond.(reg.VecVirtual).AsX())
	m.VSHUFPS(operand.U8(0b1000), mask, mask, mask) // the masks of two float64 to those of float32
	m.VBLENDVPS(mask, x, dst, dst)
}

func (m *vex) andBits(a, b, dst reg.VecVirtual) { m.VPAND(b, a, dst) }
func (m *vex) orBits(a, b, dst reg.VecVirtual)  { m.VPOR(b, a, dst) }
func (m *vex) xorBits(a, b, dst reg.VecVirtual) { m.VPXOR(b, a, dst) }

func (m *vex) floor(a, dst reg.VecVirtual)     { m.VROUNDPS(operand.U8(downward), a, dst) }
func (m *vex) upper(x, half reg.VecVirtual)    { m.VEXTRACTF128(operand.U8(1), x, half) }
func (m *vex) lowers(a, b, dst reg.VecVirtual) { m.VPERM2F128(operand.U8(0x20), b, a, dst) }
func (m *vex) uppers(a, b, dst reg.VecVirtual) { m.VPERM2F128(operand.U8(0x31), b, a, dst) }
