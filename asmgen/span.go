package asmgen

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// span writes a loop over the elements left: whole steps, and what is left after them
// with masks. Stream, unless it is nil, jumps to a label unless the stores of whole steps
// go past the caches.
func (e *emitter) span(left reg.GPVirtual, suffix string, stream func(label string), step func(masked bool)) {
	rest, end := operand.LabelRef("rest"+suffix), operand.LabelRef("end"+suffix)
	e.CMPQ(left, operand.U8(e.schedule.Step))
	e.JLT(rest)
	if stream != nil {
		stream("step" + suffix)
		e.streaming = true
		e.iterate("stream"+suffix, left, step)
		e.streaming = false
		e.JMP(rest)
	}
	e.iterate("step"+suffix, left, step)
	e.Label(string(rest))
	e.TESTQ(left, left)
	e.JEQ(end)
	step(true)
	e.Label(string(end))
}

// iterate runs whole steps while there are any; there is one.
func (e *emitter) iterate(label string, left reg.GPVirtual, step func(masked bool)) {
	e.Label(label)
	step(false)
	e.SUBQ(operand.U8(e.schedule.Step), left)
	e.CMPQ(left, operand.U8(e.schedule.Step))
	e.JGE(operand.LabelRef(label))
}

// while runs body as long as there are so many elements left.
func (e *emitter) while(label string, left reg.GPVirtual, elements int, fewer string, body func()) {
	e.Label(label)
	e.CMPQ(left, operand.U8(elements))
	e.JLT(operand.LabelRef(fewer))
	body()
	e.SUBQ(operand.U8(elements), left)
	e.JMP(operand.LabelRef(label))
}

// vectors computes those of a step.
func (e *emitter) vectors(masked bool, compute func(v int, masked bool)) {
	for v := range e.schedule.Step / e.set.Lanes {
		if masked {
			e.enc.choose(v)
		}
		compute(v, masked)
	}
}

// unlessStreaming jumps unless writing past the caches is asked for and what is written,
// addresses and strides, is aligned. The caller fences once for all rows: a fence for
// each took longer than a short row.
func (e *emitter) unlessStreaming(label string, written ...operand.Op) {
	asked, aligned := e.GP8(), e.GP64()
	e.Load(e.Param("stream"), asked)
	e.TESTB(asked, asked)
	e.JEQ(operand.LabelRef(label))
	e.XORQ(aligned, aligned)
	for _, x := range written {
		e.ORQ(x, aligned)
	}
	e.TESTQ(operand.U32(4*e.set.Lanes-1), aligned)
	e.JNE(operand.LabelRef(label))
}

// store writes elements, past the caches where the loop streams.
func (e *emitter) store(x reg.VecVirtual, m operand.Mem, masked bool) {
	if e.streaming && !masked {
		e.VMOVNTPS(x, m)
		return
	}
	e.write(x, m, masked)
}
