package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// nodes writes what the reduction tree does to its nodes, in float64 and eight
// elements at a time; lengths are multiples of eight.
func (e *emitter) nodes() {
	e.widen()
	e.narrow("narrow", "rounds src to dst.", false)
	e.narrow("addNarrow", "adds src, rounded, to dst.", true)
	e.addSums()
	e.joinMoments()
	e.addTo()
}

func (e *emitter) widen() {
	e.function("widen", "(dst []float64, src []float32)", "sets dst to src.")
	dst, src, n := e.base("dst"), e.base("src"), e.length("src")
	e.eights(n, func() {
		for i := range 8 / e.doubles() {
			e.VMOVUPS(e.widened(src, i), e.at(dst, i))
		}
	}, []reg.GPVirtual{src}, []reg.GPVirtual{dst})
	e.leave()
}

func (e *emitter) narrow(name, doc string, add bool) {
	e.function(name, "(dst []float32, src []float64)", doc)
	dst, src, n := e.base("dst"), e.base("src"), e.length("src")
	e.eights(n, func() {
		for i := range 8 / e.doubles() {
			y := e.half()
			at := operand.Mem{Base: dst, Disp: i * 4 * e.doubles()}
			e.rounded(e.at(src, i), y)
			if add {
				e.VADDPS(at, y, y)
			}
			e.VMOVUPS(y, at)
		}
	}, []reg.GPVirtual{dst}, []reg.GPVirtual{src})
	e.leave()
}

// rounded rounds a vector of float64 in memory to y.
func (e *emitter) rounded(m operand.Mem, y reg.VecVirtual) {
	if e.Lanes > 8 {
		e.VCVTPD2PS(m, y)
	} else {
		e.VCVTPD2PSY(m, y)
	}
}

func (e *emitter) addSums() {
	e.function("addSums", "(dst, src []float64)", "adds src to dst.")
	dst, src, n := e.base("dst"), e.base("src"), e.length("src")
	e.eights(n, func() {
		for i := range 8 / e.doubles() {
			v := e.vec()
			e.VMOVUPS(e.at(dst, i), v)
			e.VADDPD(e.at(src, i), v, v)
			e.VMOVUPS(v, e.at(dst, i))
		}
	}, nil, []reg.GPVirtual{dst, src})
	e.leave()
}

func (e *emitter) addTo() {
	e.function("addTo", "(dst, src []float32)", "adds src to dst.")
	dst, src, n := e.base("dst"), e.base("src"), e.length("src")
	e.strips(n, func(vectors int, r *rest) {
		for i := range vectors {
			v, w := e.vec(), e.vec()
			e.load(e.at(dst, i), r, v)
			e.load(e.at(src, i), r, w)
			e.VADDPS(w, v, v)
			e.store(v, r, e.at(dst, i))
		}
	}, dst, src)
	e.leave()
}

// joinMoments is Chan's formula for two sides that are not empty.
func (e *emitter) joinMoments() {
	e.function("joinMoments", "(mean, ss, otherMean, otherSS []float64, right, both float64)",
		"joins the moments of two sets of rows; right is the share of the other's rows, both the product of the rows over their sum.")
	mean, ss, n := e.base("mean"), e.base("ss"), e.length("mean")
	mean2, ss2 := e.base("otherMean"), e.base("otherSS")
	right, both := e.spreadParam("right"), e.spreadParam("both")
	e.eights(n, func() {
		for i := range 8 / e.doubles() {
			m, d, s := e.vec(), e.vec(), e.vec()
			e.VMOVUPS(e.at(mean, i), m)
			e.VMOVUPS(e.at(mean2, i), d)
			e.VSUBPD(m, d, d)
			e.VMOVUPS(e.at(ss, i), s)
			e.VADDPD(e.at(ss2, i), s, s)
			step := e.vec()
			e.VMULPD(right, d, step)
			e.VADDPD(step, m, m)
			e.VMULPD(d, d, d)
			e.VMULPD(both, d, d)
			e.VADDPD(d, s, s)
			e.VMOVUPS(m, e.at(mean, i))
			e.VMOVUPS(s, e.at(ss, i))
		}
	}, nil, []reg.GPVirtual{mean, ss, mean2, ss2})
	e.leave()
}

// spreadParam fills a vector with a float64 argument.
func (e *emitter) spreadParam(name string) reg.VecVirtual {
	v := e.vec()
	e.VBROADCASTSD(e.address(e.Param(name)), v)
	return v
}
