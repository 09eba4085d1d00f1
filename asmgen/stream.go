package asmgen

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/plan"
)

// line is how many elements a line of the cache has.
const line = 16

// streamed is span for a loop that can write past the caches. Where rows are not whole
// lines, what lies before the first line and after the last goes the same way, element by
// element, and the processor joins it with the ends of the rows beside. A store of it to
// the caches would wait for the line from memory and have all others wait behind it: rows
// of 196 elements took twice as long.
func (e *emitter) streamed(left reg.GPVirtual, step func(masked bool)) {
	e.CMPQ(left, operand.U8(e.schedule.Step))
	e.JLT(operand.LabelRef("rest"))
	e.unlessAsked("step")
	lines := e.GP64() // elements from the first line on, while those before are left
	e.toLine(left, lines)
	e.streaming = true
	e.iterate("stream", left, step)
	e.Label("edge")
	e.TESTQ(left, left)
	e.JEQ(operand.LabelRef("end"))
	e.edge(left, step)
	e.MOVQ(lines, left)
	e.XORQ(lines, lines)
	e.CMPQ(left, operand.U8(e.schedule.Step))
	e.JGE(operand.LabelRef("stream"))
	e.JMP(operand.LabelRef("edge"))
	e.streaming = false
	e.iterate("step", left, step)
	e.last("", left, step)
}

// toLine leaves the elements before the first line, if there are any, and goes on with
// them. It jumps to stores to the caches if what is written has lines in different places.
func (e *emitter) toLine(left, lines reg.GPVirtual) {
	bytes := 4 * min(line, e.schedule.Step)
	stored := e.stored()
	before := e.GP64()
	for i, p := range stored[1:] {
		e.MOVQ(p, before)
		e.SUBQ(stored[i], before)
		e.TESTQ(operand.U32(bytes-1), before)
		e.JNE(operand.LabelRef("step"))
	}
	e.XORQ(lines, lines)
	e.XORQ(before, before)
	e.SUBQ(stored[0], before)
	e.ANDQ(operand.U8(bytes-1), before)
	e.JEQ(operand.LabelRef("stream"))
	e.TESTQ(operand.U32(3), before)
	e.JNE(operand.LabelRef("step"))
	e.SHRQ(operand.U8(2), before)
	e.MOVQ(left, lines)
	e.SUBQ(before, lines)
	e.MOVQ(before, left)
	e.JMP(operand.LabelRef("edge"))
}

// edge writes the elements left, fewer than a step, one by one from the frame.
func (e *emitter) edge(left reg.GPVirtual, step func(masked bool)) {
	e.kept = map[int]operand.Mem{}
	for k, p := range e.loop.Params {
		if p.Kind == plan.StoreParam {
			e.kept[k] = e.AllocLocal(4 * e.schedule.Step)
		}
	}
	step(true)
	from, x := e.GP64(), e.GP32()
	e.SUBQ(left, e.i)
	e.XORQ(from, from)
	e.Label("element")
	for k, p := range e.loop.Params {
		if p.Kind == plan.StoreParam {
			m := e.kept[k]
			m.Index, m.Scale = from, 4
			e.MOVL(m, x)
			e.MOVNTIL(x, operand.Mem{Base: e.pointer[k], Index: e.i, Scale: 4})
		}
	}
	e.ADDQ(operand.U8(1), e.i)
	e.ADDQ(operand.U8(1), from)
	e.CMPQ(from, left)
	e.JLT(operand.LabelRef("element"))
	e.kept = nil
}

// unlessStreaming jumps unless writing past the caches is asked for and what is written,
// addresses and strides, is aligned. The caller fences once for all rows: a fence for
// each took longer than a short row.
func (e *emitter) unlessStreaming(label string, written ...operand.Op) {
	e.unlessAsked(label)
	aligned := e.GP64()
	e.XORQ(aligned, aligned)
	for _, x := range written {
		e.ORQ(x, aligned)
	}
	e.TESTQ(operand.U32(4*e.set.Lanes-1), aligned)
	e.JNE(operand.LabelRef(label))
}

// unlessAsked jumps unless writing past the caches is asked for.
func (e *emitter) unlessAsked(label string) {
	asked := e.GP8()
	e.Load(e.Param("stream"), asked)
	e.TESTB(asked, asked)
	e.JEQ(operand.LabelRef(label))
}

// storeVector writes vector v of what a parameter takes: where it belongs, or to the frame
// at an edge.
func (e *emitter) storeVector(x reg.VecVirtual, k, v int, masked bool) {
	if m, ok := e.kept[k]; ok {
		e.VMOVUPS(x, m.Offset(4*v*e.set.Lanes))
		return
	}
	e.store(x, e.at(k, v), masked)
}

// store writes elements, past the caches where the loop streams.
func (e *emitter) store(x reg.VecVirtual, m operand.Mem, masked bool) {
	if e.streaming && !masked {
		e.VMOVNTPS(x, m)
		return
	}
	e.write(x, m, masked)
}
