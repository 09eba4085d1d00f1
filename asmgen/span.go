package asmgen

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// span writes a loop over the elements left: whole steps, and what is left after them
// with masks. Stream, unless it is nil, jumps to a label unless the stores of whole steps
// go past the caches.
func (e *emitter) span(left reg.GPVirtual, suffix string, stream func(label string), step func(masked bool)) {
	rest := operand.LabelRef("rest" + suffix)
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
	e.last(suffix, left, step)
}

// last runs what is left after whole steps, if there is something, and ends the loop.
func (e *emitter) last(suffix string, left reg.GPVirtual, step func(masked bool)) {
	e.Label("rest" + suffix)
	e.TESTQ(left, left)
	e.JEQ(operand.LabelRef("end" + suffix))
	step(true)
	e.Label("end" + suffix)
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
