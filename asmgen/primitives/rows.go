package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/plan"
)

// rows writes the reductions of one row.
func (e *emitter) rows() {
	e.rowSum()
	e.rowMoments()
	e.momentSums()
	e.rowMax()
}

// A reduction adds vectors into lanes, block by block of the tree.
type reduction interface {
	start()                                // empties the lanes
	step(lane int, m operand.Mem, r *rest) // adds a vector to the lanes from lane*width on
	flush()                                // folds the lanes and adds them to the total
}

// reduce walks n elements from p on.
func (e *emitter) reduce(p, n reg.GPVirtual, r reduction) {
	blocks, tail, pairs, last, done := e.label("blocks"), e.label("tail"), e.label("lanes"), e.label("last"), e.label("done")
	per := plan.Lanes / e.Lanes
	e.Label(blocks)
	e.CMPQ(n, operand.U32(plan.RowBlock))
	e.JLT(operand.LabelRef(tail))
	r.start()
	for i := range plan.RowBlock / e.Lanes {
		r.step(i%per, e.at(p, i), nil)
	}
	r.flush()
	e.ADDQ(operand.U32(4*plan.RowBlock), p)
	e.SUBQ(operand.U32(plan.RowBlock), n)
	e.JMP(operand.LabelRef(blocks))

	e.Label(tail)
	e.TESTQ(n, n)
	e.JZ(operand.LabelRef(done))
	r.start()
	e.Label(pairs)
	e.CMPQ(n, operand.U8(plan.Lanes))
	e.JLT(operand.LabelRef(last))
	for i := range per {
		r.step(i, e.at(p, i), nil)
	}
	e.ADDQ(operand.U32(4*plan.Lanes), p)
	e.SUBQ(operand.U8(plan.Lanes), n)
	e.JMP(operand.LabelRef(pairs))

	e.Label(last)
	e.lastLanes(p, n, r)
	r.flush()
	e.Label(done)
}

// lastLanes adds the elements that fill a part of the lanes.
func (e *emitter) lastLanes(p, n reg.GPVirtual, r reduction) {
	end, full := e.label("end"), e.GP64()
	e.MOVQ(operand.U32(uint32(e.Lanes)), full)
	for i := range plan.Lanes / e.Lanes {
		e.TESTQ(n, n)
		e.JLE(operand.LabelRef(end))
		some := e.GP64()
		e.MOVQ(n, some)
		e.CMPQ(n, full)
		e.CMOVQGT(full, some)
		part := e.first(some)
		r.step(i, e.at(p, i), &part)
		e.SUBQ(full, n)
	}
	e.Label(end)
}

// A sum is the row sum of the elements.
type sum struct {
	e     *emitter
	lane  []reg.VecVirtual
	none  reg.VecVirtual
	total reg.VecVirtual // float64
}

func (e *emitter) newSum(total reg.VecVirtual) *sum {
	return &sum{e: e, lane: e.vecs(plan.Lanes / e.Lanes), none: e.negZero(), total: total}
}

func (s *sum) start() {
	for _, l := range s.lane {
		s.e.VMOVAPS(s.none, l)
	}
}

func (s *sum) step(lane int, m operand.Mem, r *rest) {
	if r == nil {
		s.e.VADDPS(m, s.lane[lane], s.lane[lane])
		return
	}
	x := s.e.vec()
	s.e.load(m, r, x)
	s.e.drop(r, s.none, x)
	s.e.VADDPS(x, s.lane[lane], s.lane[lane])
}

func (s *sum) flush() { s.e.addTotal(s.e.fold(s.lane), s.total) }

// fold adds the lanes 16 apart, then 8, 4, 2 and 1.
func (e *emitter) fold(lane []reg.VecVirtual) reg.VecVirtual {
	for n := len(lane) / 2; n > 0; n /= 2 {
		for i := range n {
			e.VADDPS(lane[i+n], lane[i], lane[i])
		}
	}
	if e.Lanes > 8 {
		half := e.YMM()
		e.VEXTRACTF64X4(operand.U8(1), lane[0], half)
		e.VADDPS(half, lane[0].AsY(), lane[0].AsY())
	}
	return e.foldHalf(lane[0].AsY())
}

// foldHalf adds the eight lanes of y 4, 2 and 1 apart.
func (e *emitter) foldHalf(y reg.Register) reg.VecVirtual {
	v := y.(reg.Vec)
	x, t := e.XMM(), e.XMM()
	e.VEXTRACTF128(operand.U8(1), v.AsY(), t)
	e.VADDPS(v.AsX(), t, x)
	e.VPERMILPS(operand.U8(0b1110), x, t)
	e.VADDPS(t, x, x)
	e.VMOVSHDUP(x, t)
	e.VADDSS(t, x, x)
	return x
}

// addTotal adds the float32 x to a float64.
func (e *emitter) addTotal(x, total reg.VecVirtual) {
	wide := e.XMM()
	e.VXORPS(wide, wide, wide)
	e.VCVTSS2SD(x, wide, wide)
	e.VADDSD(wide, total, total)
}

func (e *emitter) rowSum() {
	e.function("rowSum", "(x []float32, start float64) (total float64)", "adds the row sum of x to start, as RowSum does.")
	p, n, total := e.base("x"), e.length("x"), e.double("start")
	e.reduce(p, n, e.newSum(total))
	e.returnDouble(total, "total")
	e.leave()
}
