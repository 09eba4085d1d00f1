package asmgen

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// A masker is a set's way to leave out lanes and to hold conditions.
type masker interface {
	set(left reg.GPVirtual)                 // masks for the last left elements of a step
	choose(v int)                           // those of vector v
	read(m operand.Mem, r reg.VecVirtual)   // lanes left out are zero
	write(r reg.VecVirtual, m operand.Mem)  // lanes left out stay
	add(x, acc reg.VecVirtual, masked bool) // lanes left out add nothing
	addProduct(x, y, acc reg.VecVirtual)    // likewise, in one instruction
	compare(predicate uint8, a, b reg.VecVirtual) operand.Op
	nonzero(x reg.VecVirtual) operand.Op                       // the condition that a number stands for
	blend(cond operand.Op, a, b reg.VecVirtual) reg.VecVirtual // a where cond holds, else b
	and(a, b operand.Op) operand.Op
	or(a, b operand.Op) operand.Op
	not(a operand.Op) operand.Op
	asBits(cond operand.Op) reg.VecVirtual // ones where cond holds
}

const notEqual = 0x04 // NEQ_UQ

// opmasks are the mask registers of AVX-512.
type opmasks struct {
	*emitter
	all []reg.OpmaskVirtual // of the vectors of a step
	k   reg.OpmaskVirtual
}

func newOpmasks(e *emitter) masker { return &opmasks{emitter: e} }

func (m *opmasks) set(left reg.GPVirtual) {
	bits := m.GP64()
	m.MOVQ(operand.I32(-1), bits)
	m.BZHIQ(left, bits, bits)
	m.all = nil
	for v := range m.schedule.Step / m.emitter.set.Lanes {
		if v > 0 {
			m.SHRQ(operand.U8(16), bits)
		}
		m.all = append(m.all, m.K())
		m.KMOVW(bits.As32(), m.all[v])
	}
}

func (m *opmasks) choose(v int) { m.k = m.all[v] }

func (m *opmasks) read(p operand.Mem, r reg.VecVirtual)  { m.VMOVUPS_Z(p, m.k, r) }
func (m *opmasks) write(r reg.VecVirtual, p operand.Mem) { m.VMOVUPS(r, m.k, p) }

func (m *opmasks) add(x, acc reg.VecVirtual, masked bool) {
	if masked {
		m.VADDPS(x, acc, m.k, acc)
		return
	}
	m.VADDPS(x, acc, acc)
}

func (m *opmasks) addProduct(x, y, acc reg.VecVirtual) { m.VFMADD231PS(y, x, m.k, acc) }

func (m *opmasks) compare(predicate uint8, a, b reg.VecVirtual) operand.Op {
	k := m.K()
	m.VCMPPS(operand.U8(predicate), b, a, k)
	return k
}

func (m *opmasks) nonzero(x reg.VecVirtual) operand.Op {
	zero := m.ZMM()
	m.reading(nil, x86.VPXORD, zero, zero, zero)
	return m.compare(notEqual, x, zero)
}

func (m *opmasks) blend(cond operand.Op, a, b reg.VecVirtual) reg.VecVirtual {
	dst := m.ZMM()
	m.reading([]operand.Op{a, b, cond}, x86.VBLENDMPS, a, b, cond, dst)
	return dst
}

func (m *opmasks) and(a, b operand.Op) operand.Op { k := m.K(); m.KANDW(a, b, k); return k }
func (m *opmasks) or(a, b operand.Op) operand.Op  { k := m.K(); m.KORW(a, b, k); return k }
func (m *opmasks) not(a operand.Op) operand.Op    { k := m.K(); m.KNOTW(a, k); return k }

func (m *opmasks) asBits(cond operand.Op) reg.VecVirtual {
	ones, dst := m.ZMM(), m.ZMM()
	m.VBROADCASTSS(m.consts.single(math.Float32frombits(0xffffffff)), ones)
	m.VMOVUPS_Z(ones, cond, dst)
	return dst
}

// A blender holds conditions in the sign bits of vectors, as AVX2 does.
type blender struct {
	*emitter
	window reg.GPVirtual // into a table of ones and zeros
	lanes  reg.VecVirtual
}

func newBlender(e *emitter) masker { return &blender{emitter: e} }

func (m *blender) set(left reg.GPVirtual) {
	m.window = m.GP64()
	m.LEAQ(m.consts.window(), m.window)
	back := m.GP64()
	m.MOVQ(left, back)
	m.SHLQ(operand.U8(2), back)
	m.SUBQ(back, m.window)
}

func (m *blender) choose(v int) {
	m.lanes = m.YMM()
	m.VMOVUPS(operand.Mem{Base: m.window, Disp: 4*fullStep + 32*v}, m.lanes)
}

func (m *blender) read(p operand.Mem, r reg.VecVirtual)  { m.VMASKMOVPS(p, m.lanes, r) }
func (m *blender) write(r reg.VecVirtual, p operand.Mem) { m.VMASKMOVPS(r, m.lanes, p) }

func (m *blender) add(x, acc reg.VecVirtual, masked bool) {
	if masked {
		nothing, y := m.YMM(), m.YMM()
		m.VBROADCASTSS(m.consts.single(float32(math.Copysign(0, -1))), nothing)
		m.VBLENDVPS(m.lanes, x, nothing, y)
		x = y
	}
	m.VADDPS(x, acc, acc)
}

func (m *blender) addProduct(x, y, acc reg.VecVirtual) {
	all := m.YMM()
	m.VMOVUPS(acc, all)
	m.VFMADD231PS(y, x, all)
	m.VBLENDVPS(m.lanes, all, acc, acc)
}

func (m *blender) compare(predicate uint8, a, b reg.VecVirtual) operand.Op {
	dst := m.YMM()
	m.VCMPPS(operand.U8(predicate), b, a, dst)
	return dst
}

func (m *blender) nonzero(x reg.VecVirtual) operand.Op {
	zero := m.YMM()
	m.VPXOR(zero, zero, zero)
	return m.compare(notEqual, x, zero)
}

func (m *blender) blend(cond operand.Op, a, b reg.VecVirtual) reg.VecVirtual {
	dst := m.YMM()
	m.VBLENDVPS(cond, a, b, dst)
	return dst
}

func (m *blender) and(a, b operand.Op) operand.Op { y := m.YMM(); m.VPAND(a, b, y); return y }
func (m *blender) or(a, b operand.Op) operand.Op  { y := m.YMM(); m.VPOR(a, b, y); return y }

func (m *blender) not(a operand.Op) operand.Op {
	ones, y := m.YMM(), m.YMM()
	m.VPCMPEQD(ones, ones, ones)
	m.VPXOR(a, ones, y)
	return y
}

func (m *blender) asBits(cond operand.Op) reg.VecVirtual { return cond.(reg.VecVirtual) }
