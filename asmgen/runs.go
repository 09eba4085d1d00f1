package asmgen

import (
	"github.com/mmcloughlin/avo/operand"

	"github.com/normgen/normgen/gen/plan"
)

// runs computes runs one after another, each with values and sums of its own: a call for
// each takes as long as a run of a few vectors.
func (e *emitter) runs() {
	e.beginLine()
	e.run = e.GP64()
	e.XORQ(e.run, e.run)
	e.Label("run")
	e.ADDQ(e.argument("n"), e.n)
	for k, p := range e.loop.Params {
		if x, ok := e.scalar[k]; ok && p.Kind == plan.RunParam {
			e.VBROADCASTSS(e.ofRun(k, 4), x)
		}
	}
	e.row()
	e.ADDQ(operand.U8(1), e.run)
	e.CMPQ(e.run, e.argument("runs"))
	e.JLT(operand.LabelRef("run"))
}

// ofRun is the element of the run at hand in a slice with one of so many bytes for each.
func (e *emitter) ofRun(k int, bytes uint8) operand.Mem {
	p := e.GP64()
	e.MOVQ(e.address(k), p)
	return operand.Mem{Base: p, Index: e.run, Scale: bytes}
}
