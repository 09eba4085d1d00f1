package asmgen

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// firstShifts takes the mean of the first elements for the shift of moments.
func (e *rowEmitter) firstShifts(suffix string) {
	e.held, e.shared = nil, map[*ir.Value]vec{}
	first := true
	for _, s := range e.sums {
		if s.shift == nil {
			continue
		}
		if first {
			e.start()
			e.MOVQ(operand.U32(0), e.again)
			first = false
		}
		x := e.foldRows(e.firstElements(s))
		sixteenth := e.XMM()
		e.VBROADCASTSS(e.consts.single(1.0/plan.RowShift), sixteenth)
		e.VMULPS(sixteenth, x, x)
		e.VMOVUPS(x, e.slotOf(s.shift))
	}
}

// firstElements are the first [plan.RowShift] elements of each row, those of two
// vectors added.
func (e *rowEmitter) firstElements(s *rowSum) []reg.VecVirtual {
	var out []reg.VecVirtual
	for r := range e.rows {
		x := e.vector()
		for v := range plan.RowShift / e.set.Lanes {
			e.shared = map[*ir.Value]vec{}
			w := e.newRow(r, v, false)
			w.silent = true
			w.values()
			if v == 0 {
				e.VMOVUPS(w.get(s.of).VecVirtual, x)
			} else {
				e.VADDPS(w.get(s.of).VecVirtual, x, x)
			}
		}
		out = append(out, x)
	}
	return out
}

// centre turns the sums into the mean, as far from the shift, and the sum of
// squares around it. If the shift of a row is too far from its mean, the sums are
// taken once more, around its mean: to the other rows this gives the same again.
func (e *rowEmitter) centre(suffix string) {
	var far reg.GPVirtual
	var moments []*rowSum
	for _, s := range e.sums {
		if s.shift == nil {
			continue
		}
		moments = append(moments, s)
		bits := e.centreOne(s)
		if far == nil {
			far = bits
		} else {
			e.ORL(bits.As32(), far.As32())
		}
	}
	if far == nil {
		return
	}
	e.TESTL(operand.U32(1<<e.rows-1), far.As32())
	e.JEQ(operand.LabelRef("centred" + suffix))
	e.CMPQ(e.again, operand.U8(0))
	e.JNE(operand.LabelRef("centred" + suffix))
	e.MOVQ(operand.U32(1), e.again)
	for _, s := range moments {
		e.moveShift(s)
	}
	e.JMP(operand.LabelRef("again" + suffix))
	e.Label("centred" + suffix)
	zero := e.spreadDouble(e.consts.double(0))
	for _, s := range moments {
		e.VMAXPD(s.squares, zero, s.squares) // the second of equal and unordered operands
	}
}

// centreOne returns a bit for each row that is too far from its shift.
func (e *rowEmitter) centreOne(s *rowSum) reg.GPVirtual {
	s.mean, s.squares = e.doubles(), e.doubles()
	product, bits := e.doubles(), e.GP64()
	e.VMULPD(e.spreadDouble(e.inverse), s.totals[0], s.mean)
	e.VMULPD(s.mean, s.totals[0], product)
	e.VSUBPD(product, s.totals[1], s.squares)
	s.far = e.enc.compareDoubles(greater, product, s.squares)
	e.enc.bitsOfDoubles(s.far, bits)
	return bits
}

// moveShift moves the shift of rows that are too far from it to their mean.
func (e *rowEmitter) moveShift(s *rowSum) {
	shift, moved := e.XMM(), e.doubles()
	e.VMOVUPS(e.slotOf(s.shift), shift)
	e.VADDPD(s.mean, e.widened(shift), moved)
	e.enc.moveByDoubles(s.far, e.narrowed(moved), shift)
	e.VMOVUPS(shift, e.slotOf(s.shift))
}

// momentValues names what the moments are asked for.
func (e *rowEmitter) momentValues(m plan.Moments, s *rowSum) {
	shift, sum := e.XMM(), e.doubles()
	e.VMOVUPS(e.slotOf(s.shift), shift)
	from := e.widened(shift)
	e.VADDPD(s.mean, from, sum)
	hi := e.narrowed(sum)
	high, rest := e.widened(hi), e.doubles()
	e.VSUBPD(high, from, rest)
	e.VADDPD(s.mean, rest, rest)
	lo := e.narrowed(rest)
	for _, v := range m.Values {
		switch v.Op {
		case ir.MomentHi:
			e.define(v, nil, hi)
		case ir.MomentLo:
			e.define(v, nil, lo)
		case ir.MomentSS:
			e.define(v, s.squares, nil)
		case ir.MomentMean:
			mean := e.doubles()
			e.VADDPD(e.widened(lo), high, mean)
			e.define(v, mean, nil)
		}
	}
}
