package asmgen

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/plan"
)

// lineRoom is how many bytes the caller keeps for the line of each tensor: two lines, as
// vectors begin anywhere in the first.
const lineRoom = 2 * 4 * plan.LineElements

// streamed is span for a loop that can write past the caches, which takes whole lines:
// what fills none is kept, where the caller says, until the next call goes on with it. A
// store of it to the caches would wait for the line from memory and have all others wait
// behind it: rows of 196 elements took twice as long. Past the caches, but element by
// element, they still took a third longer than rows of 192.
func (e *emitter) streamed(left reg.GPVirtual) {
	later := e.GP64()
	e.XORQ(later, later)
	e.CMPQ(e.argument("line"), operand.U8(0))
	e.JEQ(operand.LabelRef("cached"))
	e.CMPQ(e.result("kept"), operand.U8(0))
	e.JNE(operand.LabelRef("line"))
	e.toLine(left, later)

	e.streaming = true
	full := e.schedule.Step
	e.schedule.Step = plan.LineElements
	e.while("stream", left, plan.LineElements, "part", func() {
		e.askAhead()
		e.step()
	})
	e.streaming = false
	e.Label("part")
	e.TESTQ(left, left)
	e.JEQ(operand.LabelRef("end"))
	e.Label("line")
	e.fill(left)
	e.schedule.Step = full
	e.JMP(operand.LabelRef("stream"))

	e.Label("cached")
	e.CMPQ(left, operand.U8(e.schedule.Step))
	e.JLT(operand.LabelRef("rest"))
	e.iterate("step", left, func(bool) { e.step() })
	e.Label("rest")
	e.TESTQ(left, left)
	e.JEQ(operand.LabelRef("end"))
	e.some(left)
	e.MOVQ(later, left)
	e.XORQ(later, later)
	e.TESTQ(left, left)
	e.JNE(operand.LabelRef("stream"))
	e.Label("end")
}

// beginLine begins to count, in the result, how many elements of a line are held.
func (e *emitter) beginLine() {
	if e.schedule.Streams {
		held := e.GP64()
		e.MOVQ(e.argument("held"), held)
		e.MOVQ(held, e.result("kept"))
	}
}

// partElements is how far ahead a stream asks for what it reads: as many elements as the
// groups have that runtime.GroupsTogether counts.
const partElements = 2 << 10

// askAhead asks for a line of each tensor in the second cache, of the groups after those at
// hand: a stream finds its own near, so that memory would only be written. With one tensor,
// which the processor runs ahead of by itself, it gained nothing; with two GroupNormNCS
// backward takes 0.8 to 0.95 of the time. Behind the last group there may be nothing; a
// prefetch reads it for nobody and never faults.
func (e *emitter) askAhead() {
	var read []int
	for k, p := range e.loop.Params {
		if p.Kind == plan.VectorParam && e.loop.Kernel.Rank(p.Value) == plan.Full {
			read = append(read, k)
		}
	}
	if len(read) < 2 {
		return
	}
	for _, k := range read {
		e.PREFETCHT1(e.at(k, 0).Offset(4 * partElements))
	}
}

// toLine writes the elements before the first line, if there are any, to the caches, and
// goes on with those that come later.
func (e *emitter) toLine(left, later reg.GPVirtual) {
	before := e.GP64()
	e.XORQ(before, before)
	e.SUBQ(e.pointer[e.stores()[0]], before)
	e.SHRQ(operand.U8(2), before)
	if e.loop.Runs {
		e.SUBQ(e.i, before)
	}
	e.ANDQ(operand.U8(plan.LineElements-1), before)
	e.JEQ(operand.LabelRef("stream"))
	e.CMPQ(left, before)
	e.JLE(operand.LabelRef("rest"))
	e.MOVQ(left, later)
	e.SUBQ(before, later)
	e.MOVQ(before, left)
	e.JMP(operand.LabelRef("rest"))
}

// fill adds elements to those of a line that are held, and writes the line if that makes
// it whole. Else there are none left.
func (e *emitter) fill(left reg.GPVirtual) {
	some, held, line := e.GP64(), e.GP64(), e.GP64()
	e.MOVQ(e.result("kept"), held)
	e.MOVQ(operand.U32(plan.LineElements), some)
	e.SUBQ(held, some)
	e.CMPQ(some, left)
	e.CMOVQGT(left, some)
	e.SHLQ(operand.U8(2), held)
	e.MOVQ(e.argument("line"), line)
	e.ADDQ(held, line)
	e.held = map[int]operand.Mem{}
	for i, k := range e.stores() {
		e.held[k] = operand.Mem{Base: line, Disp: lineRoom * i}
	}
	e.some(some)
	e.held = nil
	e.SUBQ(some, left)
	e.ADDQ(e.result("kept"), some)
	e.MOVQ(some, e.result("kept"))
	e.CMPQ(some, operand.U8(plan.LineElements))
	e.JLT(operand.LabelRef("end"))
	first := e.GP64()
	e.MOVQ(e.argument("line"), first)
	for i, k := range e.stores() {
		for at := 0; at < 4*plan.LineElements; at += 4 * e.set.Lanes {
			x := e.vector()
			e.VMOVUPS(operand.Mem{Base: first, Disp: lineRoom*i + at}, x)
			e.VMOVNTPS(x, e.at(k, 0).Offset(at-4*plan.LineElements))
		}
	}
	e.MOVQ(operand.U32(0), e.result("kept"))
}

// stores lists the parameters that elements are stored to.
func (e *emitter) stores() []int {
	var out []int
	for k, p := range e.loop.Params {
		if p.Kind == plan.StoreParam {
			out = append(out, k)
		}
	}
	return out
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

// storeVector writes vector v of what a parameter takes: where it belongs, or to what is
// held of a line.
func (e *emitter) storeVector(x reg.VecVirtual, k, v int, masked bool) {
	if m, ok := e.held[k]; ok {
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
