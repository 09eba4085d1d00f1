package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A rest selects the first lanes of a vector: those that a slice still has. The
// others are neither read nor written.
type rest struct {
	k reg.OpmaskVirtual // AVX-512
	m operand.Mem       // AVX2: the sign bits, which wait in memory: registers are few
}

// first selects n lanes, n from 0 to the width. It uses n up: registers are few.
func (e *emitter) first(n reg.GPVirtual) rest {
	if e.EVEX {
		ones, k := e.GP32(), e.K()
		e.MOVL(operand.I32(-1), ones)
		e.BZHIL(n.As32(), ones, ones)
		e.KMOVW(ones, k)
		return rest{k: k}
	}
	at := e.GP64()
	e.LEAQ(e.signs(), at)
	e.SHLQ(operand.U8(2), n)
	e.SUBQ(n, at)
	return rest{m: operand.Mem{Base: at, Disp: 32}}
}

func (e *emitter) mask(r *rest) reg.VecVirtual {
	y := e.YMM()
	e.VMOVDQU(r.m, y)
	return y
}

// signs is a table of eight masks that are on and eight that are off.
func (e *emitter) signs() operand.Mem {
	const name = "signs"
	if _, ok := e.consts[name]; !ok {
		e.consts[name] = e.StaticGlobal(name)
		e.DataAttributes(attr.RODATA | attr.NOPTR)
		for i := range 16 {
			v := uint32(0)
			if i < 8 {
				v = ^v
			}
			e.AppendDatum(operand.U32(v))
		}
	}
	return e.consts[name]
}

// load reads a vector, zeros in the lanes that are left out.
func (e *emitter) load(m operand.Mem, r *rest, dst reg.VecVirtual) {
	switch {
	case r == nil:
		e.VMOVUPS(m, dst)
	case e.EVEX:
		e.VMOVUPS_Z(m, r.k, dst)
	default:
		e.VMASKMOVPS(m, e.mask(r), dst)
	}
}

func (e *emitter) store(src reg.VecVirtual, r *rest, m operand.Mem) {
	switch {
	case r == nil:
		e.VMOVUPS(src, m)
	case e.EVEX:
		e.VMOVUPS(src, r.k, m)
	default:
		e.VMASKMOVPS(src, e.mask(r), m)
	}
}

// drop puts none into the lanes of v that are left out.
func (e *emitter) drop(r *rest, none, v reg.VecVirtual) {
	switch {
	case r == nil:
	case e.EVEX:
		e.VBLENDMPS(v, none, r.k, v)
	default:
		e.VBLENDVPS(e.mask(r), v, none, v)
	}
}
