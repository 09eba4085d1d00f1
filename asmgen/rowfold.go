package asmgen

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// foldRows adds the sixteen lanes of each row 8, 4, 2 and 1 apart, all rows at
// once. A vector of eight lanes has been added 8 apart already. The result has a
// lane for each row.
func (e *rowEmitter) foldRows(x []reg.VecVirtual) reg.VecVirtual {
	if e.set.Lanes <= 8 {
		return e.foldEights(x)
	}
	if len(x) == 1 {
		y := e.YMM()
		e.VEXTRACTF64X4(operand.U8(1), x[0].AsZ(), y)
		e.VADDPS(y, x[0].AsY(), y)
		return e.foldEights([]reg.VecVirtual{y})
	}
	// Four lanes of each row are a quarter of a register.
	first := e.paired(x[0], x[1])
	second := first
	if len(x) == 4 {
		second = e.paired(x[2], x[3])
	}
	low, high := e.ZMM(), e.ZMM()
	e.VSHUFF64X2(operand.U8(0x88), second, first, low)
	e.VSHUFF64X2(operand.U8(0xdd), second, first, high)
	e.VADDPS(high, low, low)
	e.foldFours(low, high)
	index := e.ZMM()
	e.VBROADCASTF32X4(e.consts.use("quarters", 0, 4, 8, 12), index)
	e.VPERMPS(low, index, low)
	return as(low.AsX())
}

// paired adds the halves of two rows: eight lanes of the first are low.
func (e *rowEmitter) paired(a, b reg.VecVirtual) reg.VecVirtual {
	low, high := e.ZMM(), e.ZMM()
	e.VSHUFF64X2(operand.U8(0x44), b, a, low)
	e.VSHUFF64X2(operand.U8(0xee), b, a, high)
	e.VADDPS(high, low, low)
	return low
}

// foldFours adds the lanes of each quarter 2 and 1 apart into its first.
func (e *rowEmitter) foldFours(x, t reg.VecVirtual) {
	e.VPERMILPS(operand.U8(0b1110), x, t)
	e.VADDPS(t, x, x)
	e.VMOVSHDUP(x, t)
	e.VADDPS(t, x, x)
}

// foldEights adds the eight lanes of each row 4, 2 and 1 apart.
func (e *rowEmitter) foldEights(x []reg.VecVirtual) reg.VecVirtual {
	if len(x) == 1 {
		low, t := as(x[0].AsX()), e.XMM()
		e.enc.upper(as(x[0].AsY()), t)
		e.VADDPS(t, low, low)
		e.foldFours(low, t)
		return low
	}
	low, high := e.YMM(), e.YMM()
	e.enc.lowers(x[0], x[1], low)
	e.enc.uppers(x[0], x[1], high)
	e.VADDPS(high, low, low)
	e.foldFours(low, high)
	e.enc.upper(low, as(high.AsX()))
	e.VUNPCKLPS(high.AsX(), low.AsX(), low.AsX())
	return as(low.AsX())
}

// as is a part of a virtual register.
func as(r reg.Register) reg.VecVirtual { return r.(reg.VecVirtual) }
