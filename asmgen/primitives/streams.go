package main

import (
	"math/bits"
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/plan"
)

// columnStreams is columnMoments for many columns: four whole rows at a time, which
// caches and memory deliver faster than parts of many, with the sums in the cache.
func (e *emitter) columnStreams() {
	e.function("columnStreams", "(x *float32, stride int, rows []int, shift, s1, s2 []float32, ahead bool)",
		"is columnMoments for many columns: it reads four rows at a time from end to end, and asks for those four rows on ahead of time.")
	e.newWalk().starts()
	w := e.newWalk() // starts has moved its own
	bytes := e.length("shift")
	e.SHLQ(operand.U8(2), bytes)
	w.quads(w.rows, w.count, func(row []operand.Mem) {
		at := e.GP64()
		e.XORQ(at, at)
		e.stream(at, bytes, func(vectors int, r *rest) {
			if r == nil {
				w.prefetch(from(row, at), 4, vectors)
			}
			for i := range vectors {
				w.add(row, at, i, r)
			}
		})
	})
	e.leave()
}

// starts computes the shift of all columns and empties their sums.
func (w *walk) starts() {
	e := w.e
	e.strips(e.length("shift"), func(vectors int, r *rest) {
		w.firstRows(e.vecs(vectors), r)
		none := e.negZero()
		for i := range vectors {
			e.store(none, r, e.at(w.s1, i))
			e.store(none, r, e.at(w.s2, i))
		}
	}, w.x, w.shift, w.s1, w.s2)
}

// stream walks the offset at up to so many bytes, by strips, vectors and what is
// left.
func (e *emitter) stream(at, bytes reg.GPVirtual, body func(vectors int, r *rest)) {
	for _, vectors := range []int{e.strip(), 1} {
		loop, next, size, end := e.label("stream"), e.label("next"), vectors*e.Lanes*4, e.GP64()
		e.Label(loop)
		e.LEAQ(operand.Mem{Base: at, Disp: size}, end)
		e.CMPQ(end, bytes)
		e.JGT(operand.LabelRef(next))
		body(vectors, nil)
		e.ADDQ(operand.U32(size), at)
		e.JMP(operand.LabelRef(loop))
		e.Label(next)
	}
	done, n := e.label("done"), e.GP64()
	e.MOVQ(bytes, n)
	e.SUBQ(at, n)
	e.JZ(operand.LabelRef(done))
	e.SHRQ(operand.U8(2), n)
	some := e.first(n)
	body(1, &some)
	e.Label(done)
}

// from is those addresses, and the offset at.
func from(row []operand.Mem, at reg.GPVirtual) []operand.Mem {
	out := slices.Clone(row)
	for i := range out {
		out[i].Index, out[i].Scale = at, 1
	}
	return out
}

// prefetch asks for so many vectors of rows that are some rows on, a power of two, in the
// second cache, if the caller wants it: out of cache BatchNorm's forward takes 0.7 to 0.95
// of the time, in it 1.05. Behind the last row there may be nothing; a prefetch reads it
// for nobody.
func (w *walk) prefetch(row []operand.Mem, on, vectors int) {
	e, near := w.e, w.e.label("near")
	ahead := e.GP8()
	e.Load(e.Param("ahead"), ahead)
	e.TESTB(ahead, ahead)
	e.JZ(operand.LabelRef(near))
	for _, m := range row {
		next := e.GP64()
		e.MOVQ(w.stride, next)
		e.SHLQ(operand.U8(bits.TrailingZeros(uint(on))), next)
		e.ADDQ(m.Base, next)
		m.Base = next
		for line := 0; line < vectors*e.Lanes; line += plan.LineElements {
			e.PREFETCHT1(m.Offset(4 * line))
		}
	}
	e.Label(near)
}

// add adds up to four rows to vector i from offset at on.
func (w *walk) add(row []operand.Mem, at reg.GPVirtual, i int, r *rest) {
	e := w.e
	there := func(base reg.Register) operand.Mem {
		return operand.Mem{Base: base, Index: at, Scale: 1, Disp: i * 4 * e.Lanes}
	}
	shift, s1, s2 := e.vec(), e.vec(), e.vec()
	e.load(there(w.shift), r, shift)
	e.load(there(w.s1), r, s1)
	e.load(there(w.s2), r, s2)
	moved := make([]operand.Mem, len(row))
	for k, m := range row {
		moved[k] = there(m.Base)
	}
	w.quad(moved, shift, s1, s2, r)
	e.store(s1, r, there(w.s1))
	e.store(s2, r, there(w.s2))
}
