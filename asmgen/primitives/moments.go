package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/plan"
)

// A spread sums distances from a shift, and their squares.
type spread struct {
	e          *emitter
	shift, one reg.VecVirtual
	none       reg.VecVirtual
	first      []reg.VecVirtual // lanes of the distances
	second     []reg.VecVirtual // of their squares
	total1     reg.VecVirtual
	total2     reg.VecVirtual
}

func (e *emitter) newSpread(shift, total1, total2 reg.VecVirtual) *spread {
	n := plan.Lanes / e.Lanes
	return &spread{e, shift, e.spread("one", 1), e.negZero(), e.vecs(n), e.vecs(n), total1, total2}
}

func (s *spread) start() {
	for i := range s.first {
		s.e.VMOVAPS(s.none, s.first[i])
		s.e.VMOVAPS(s.none, s.second[i])
	}
}

// step spends two instructions on the adding ports and two on the multiplying.
func (s *spread) step(lane int, m operand.Mem, r *rest) {
	e, d, q := s.e, s.e.vec(), s.e.vec()
	e.load(m, r, d)
	e.VSUBPS(s.shift, d, d)
	e.VMULPS(d, d, q)
	e.drop(r, s.none, d)
	e.drop(r, s.none, q)
	e.addBy(s.one, d, s.first[lane])
	e.VADDPS(q, s.second[lane], s.second[lane])
}

func (s *spread) flush() {
	s.e.addTotal(s.e.fold(s.first), s.total1)
	s.e.addTotal(s.e.fold(s.second), s.total2)
}

func (e *emitter) rowMoments() {
	e.function("rowMoments", "(x []float32) (shift float32, s1, s2 float64)",
		"returns the mean of the first sixteen elements of x, and what momentSums does with it.")
	p, n := e.base("x"), e.length("x")
	x := e.firstSixteen(p)
	e.VMULSS(e.float("sixteenth", 1.0/16), x, x)
	e.returnSingle(x, "shift")
	s1, s2 := e.negZero64(), e.negZero64()
	e.finishMoments(p, n, x, s1, s2, "s1", "s2")
}

// firstSixteen folds the elements 8, 4, 2 and 1 apart.
func (e *emitter) firstSixteen(p reg.GPVirtual) reg.VecVirtual {
	a := e.YMM()
	e.VMOVUPS(operand.Mem{Base: p}, a)
	e.VADDPS(operand.Mem{Base: p, Disp: 32}, a, a)
	return e.foldHalf(a)
}

func (e *emitter) momentSums() {
	e.function("momentSums", "(x []float32, shift float32, s1, s2 float64) (t1, t2 float64)",
		"adds to s1 and s2 the row sums of d and d*d, d = x - shift, as the Go momentSums does.")
	p, n := e.base("x"), e.length("x")
	x, s1, s2 := e.single("shift"), e.double("s1"), e.double("s2")
	e.finishMoments(p, n, x, s1, s2, "t1", "t2")
}

func (e *emitter) finishMoments(p, n reg.GPVirtual, x, s1, s2 reg.VecVirtual, t1, t2 string) {
	shift := e.vec()
	e.VBROADCASTSS(x, shift)
	e.reduce(p, n, e.newSpread(shift, s1, s2))
	e.returnDouble(s1, t1)
	e.returnDouble(s2, t2)
	e.leave()
}

// negZero64 is -0 as a float64.
func (e *emitter) negZero64() reg.VecVirtual {
	const name = "negZero64"
	if _, ok := e.consts[name]; !ok {
		e.consts[name] = e.ConstData(name, operand.U64(1<<63))
	}
	x := e.XMM()
	e.VMOVSD(e.consts[name], x)
	return x
}
