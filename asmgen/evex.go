package asmgen

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// evex is the encoding of AVX-512: masks and conditions are in registers of their own.
type evex struct {
	*emitter
	all []reg.OpmaskVirtual // of the vectors of a step
	k   reg.OpmaskVirtual
}

func (m *evex) mask(left reg.GPVirtual) {
	bits := m.GP64()
	m.MOVQ(operand.I32(-1), bits)
	m.BZHIQ(left, bits, bits)
	m.all = nil
	for v := range max(1, m.schedule.Step/m.set.Lanes) { // half a vector of an array
		if v > 0 {
			m.SHRQ(operand.U8(m.set.Lanes), bits)
		}
		m.all = append(m.all, m.K())
		m.KMOVW(bits.As32(), m.all[v])
	}
}

func (m *evex) choose(v int) { m.k = m.all[v] }

func (m *evex) maskArrays(left reg.GPVirtual) {
	m.mask(left)
	m.choose(0)
}

func (m *evex) read(p operand.Mem, r reg.VecVirtual)         { m.VMOVUPS_Z(p, m.k, r) }
func (m *evex) readDoubles(p operand.Mem, r reg.VecVirtual)  { m.VMOVUPD_Z(p, m.k, r) }
func (m *evex) write(r reg.VecVirtual, p operand.Mem)        { m.VMOVUPS(r, m.k, p) }
func (m *evex) writeDoubles(r reg.VecVirtual, p operand.Mem) { m.VMOVUPD(r, m.k, p) }

func (m *evex) add(x, acc reg.VecVirtual, masked bool) {
	if masked {
		m.VADDPS(x, acc, m.k, acc)
		return
	}
	m.VADDPS(x, acc, acc)
}

func (m *evex) addProduct(x, y, acc reg.VecVirtual) { m.VFMADD231PS(y, x, m.k, acc) }

func (m *evex) compare(predicate uint8, a, b reg.VecVirtual) operand.Op {
	k := m.K()
	m.VCMPPS(operand.U8(predicate), b, a, k)
	return k
}

func (m *evex) nonzero(x reg.VecVirtual) operand.Op {
	zero := m.vector()
	m.reading(nil, x86.VPXORD, zero, zero, zero)
	return m.compare(notEqual, x, zero)
}

func (m *evex) blend(cond operand.Op, a, b reg.VecVirtual) reg.VecVirtual {
	dst := m.vector()
	m.reading([]operand.Op{a, b, cond}, x86.VBLENDMPS, a, b, cond, dst)
	return dst
}

func (m *evex) and(a, b operand.Op) operand.Op { k := m.K(); m.KANDW(a, b, k); return k }
func (m *evex) or(a, b operand.Op) operand.Op  { k := m.K(); m.KORW(a, b, k); return k }
func (m *evex) not(a operand.Op) operand.Op    { k := m.K(); m.KNOTW(a, k); return k }

func (m *evex) asBits(cond operand.Op) reg.VecVirtual {
	ones, dst := m.vector(), m.vector()
	m.VBROADCASTSS(m.consts.single(math.Float32frombits(0xffffffff)), ones)
	m.VMOVUPS_Z(ones, cond, dst)
	return dst
}

func (m *evex) compareDoubles(predicate uint8, a, b reg.VecVirtual) operand.Op {
	k := m.K()
	m.VCMPPD(operand.U8(predicate), b, a, k)
	return k
}

func (m *evex) bitsOfDoubles(cond operand.Op, bits reg.GPVirtual)    { m.KMOVW(cond, bits.As32()) }
func (m *evex) moveByDoubles(cond operand.Op, x, dst reg.VecVirtual) { m.VMOVUPS(x, cond, dst) }

// Those of integers need no AVX-512DQ.
func (m *evex) andBits(a, b, dst reg.VecVirtual) { m.VPANDD(b, a, dst) }
func (m *evex) orBits(a, b, dst reg.VecVirtual)  { m.VPORD(b, a, dst) }
func (m *evex) xorBits(a, b, dst reg.VecVirtual) { m.VPXORD(b, a, dst) }

func (m *evex) floor(a, dst reg.VecVirtual)     { m.VRNDSCALEPS(operand.U8(downward), a, dst) }
func (m *evex) upper(x, half reg.VecVirtual)    { m.VEXTRACTF32X4(operand.U8(1), x, half) }
func (m *evex) lowers(a, b, dst reg.VecVirtual) { m.VSHUFF64X2(operand.U8(0b00), b, a, dst) }
func (m *evex) uppers(a, b, dst reg.VecVirtual) { m.VSHUFF64X2(operand.U8(0b11), b, a, dst) }
