package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/plan"
)

// columns writes the moments of the columns of a block.
func (e *emitter) columns() {
	const matrix = "(x *float32, stride int, rows []int, shift, s1, s2 []float32"
	e.columnSums("columnMoments", matrix+", ahead bool)", true, "sets shift to the mean of the first rows of x, up to eight, and goes on as columnSums does. It asks for the rows of the next block ahead of time.")
	e.columnSums("columnSums", matrix+")", false, "sets s1 and s2 to the sums over rows of d and d*d, d = x - shift, four rows at a time. "+
		"The rows are the numbers of those of a matrix at x with so many elements from one to the next.")
	e.columnStreams()
	e.centre()
}

// A walk goes over columns, a strip at a time, with the strip's sums in
// registers over all rows.
type walk struct {
	e             *emitter
	x, stride     reg.GPVirtual // of the first column at hand, and bytes from row to row
	rows, count   reg.GPVirtual
	shift, s1, s2 reg.GPVirtual
	one           reg.VecVirtual
	shifts        bool // compute the shift
}

func (e *emitter) columnSums(name, signature string, shifts bool, doc string) {
	e.function(name, signature, doc)
	w := e.newWalk()
	w.shifts = shifts
	e.strips(e.length("shift"), w.strip, w.x, w.shift, w.s1, w.s2)
	e.leave()
}

func (e *emitter) newWalk() *walk {
	w := &walk{e: e, x: e.GP64(), stride: e.GP64(), rows: e.base("rows"), count: e.length("rows"),
		shift: e.base("shift"), s1: e.base("s1"), s2: e.base("s2"), one: e.spread("one", 1)}
	e.Load(e.Param("x"), w.x)
	e.Load(e.Param("stride"), w.stride)
	e.SHLQ(operand.U8(2), w.stride)
	return w
}

// strips cuts n elements into strips, vectors, and what is left, and moves the
// pointers on behind each.
func (e *emitter) strips(n reg.GPVirtual, body func(vectors int, r *rest), pointers ...reg.GPVirtual) {
	for _, vectors := range []int{e.strip(), 1} {
		loop, next, size := e.label("strip"), e.label("next"), vectors*e.Lanes
		e.Label(loop)
		e.CMPQ(n, operand.U8(size))
		e.JLT(operand.LabelRef(next))
		body(vectors, nil)
		for _, p := range pointers {
			e.ADDQ(operand.U32(4*size), p)
		}
		e.SUBQ(operand.U8(size), n)
		e.JMP(operand.LabelRef(loop))
		e.Label(next)
	}
	done := e.label("done")
	e.TESTQ(n, n)
	e.JZ(operand.LabelRef(done))
	some := e.first(n)
	body(1, &some)
	e.Label(done)
}

func (w *walk) strip(vectors int, r *rest) {
	e := w.e
	shift := e.vecs(vectors)
	if w.shifts {
		w.firstRows(shift, r)
	} else {
		for i, v := range shift {
			e.load(e.at(w.shift, i), r, v)
		}
	}
	s1, s2 := e.vecs(vectors), e.vecs(vectors)
	for i := range vectors {
		none := e.negZero()
		e.VMOVAPS(none, s1[i])
		e.VMOVAPS(none, s2[i])
	}
	p, n := e.GP64(), e.GP64()
	e.MOVQ(w.rows, p)
	e.MOVQ(w.count, n)
	w.quads(p, n, func(row []operand.Mem) {
		if w.shifts && r == nil {
			w.prefetch(row, plan.ColBlock, vectors)
		}
		for i := range vectors {
			w.quad(moved(row, i*4*e.Lanes), shift[i], s1[i], s2[i], r)
		}
	})
	for i := range vectors {
		e.store(s1[i], r, e.at(w.s1, i))
		e.store(s2[i], r, e.at(w.s2, i))
	}
}

// row points at row number i of the list, from p on.
func (w *walk) row(p reg.GPVirtual, i int) operand.Mem {
	at := w.e.GP64()
	w.e.MOVQ(operand.Mem{Base: p, Disp: 8 * i}, at)
	w.e.IMULQ(w.stride, at)
	w.e.ADDQ(w.x, at)
	return operand.Mem{Base: at}
}

func (w *walk) listed(p reg.GPVirtual, from, to int) []operand.Mem {
	var out []operand.Mem
	for i := from; i < to; i++ {
		out = append(out, w.row(p, i))
	}
	return out
}

// moved is those addresses, so many bytes on.
func moved(row []operand.Mem, bytes int) []operand.Mem {
	out := slices.Clone(row)
	for i := range out {
		out[i].Disp += bytes
	}
	return out
}

// quads walks the n rows listed at p four at a time, and the one to three that
// are left.
func (w *walk) quads(p, n reg.GPVirtual, body func(row []operand.Mem)) {
	e := w.e
	loop, left, done := e.label("quads"), e.label("left"), e.label("summed")
	e.Label(loop)
	e.CMPQ(n, operand.U8(4))
	e.JLT(operand.LabelRef(left))
	body(w.listed(p, 0, 4))
	e.ADDQ(operand.U8(32), p)
	e.SUBQ(operand.U8(4), n)
	e.JMP(operand.LabelRef(loop))
	e.Label(left)
	for m := 3; m > 0; m-- {
		next := e.label("fewer")
		e.CMPQ(n, operand.U8(m))
		e.JNE(operand.LabelRef(next))
		body(w.listed(p, 0, m))
		e.JMP(operand.LabelRef(done))
		e.Label(next)
	}
	e.Label(done)
}

// quad adds up to four rows' distances and their squares, pairs first; rows that
// are absent add nothing. Half of the additions are done on the multiplying ports.
func (w *walk) quad(row []operand.Mem, shift, s1, s2 reg.VecVirtual, r *rest) {
	take := func(k int, d, q reg.VecVirtual) {
		w.e.load(row[k], r, d)
		w.e.VSUBPS(shift, d, d)
		w.e.VMULPS(d, d, q)
	}
	add := func(d, q, toD, toQ reg.VecVirtual) {
		w.e.addBy(w.one, d, toD)
		w.e.VADDPS(q, toQ, toQ)
	}
	d, q := w.e.vecs(4), w.e.vecs(4)
	for k := range min(2, len(row)) {
		take(k, d[k], q[k])
		if k+2 < len(row) {
			take(k+2, d[k+2], q[k+2])
			add(d[k+2], q[k+2], d[k], q[k])
		}
	}
	if len(row) > 1 {
		add(d[1], q[1], d[0], q[0])
	}
	add(d[0], q[0], s1, s2)
}

// firstRows folds the largest power of two of rows, up to eight, by halves. There is
// at least one.
func (w *walk) firstRows(shift []reg.VecVirtual, r *rest) {
	e, done := w.e, w.e.label("shifted")
	for _, n := range []int{8, 4, 2} {
		next := e.label("fewer")
		e.CMPQ(w.count, operand.U8(n))
		e.JLT(operand.LabelRef(next))
		w.fold(n, shift, r)
		e.JMP(operand.LabelRef(done))
		e.Label(next)
	}
	w.fold(1, shift, r)
	e.Label(done)
	for i, v := range shift {
		e.store(v, r, e.at(w.shift, i))
	}
}

func (w *walk) fold(n int, shift []reg.VecVirtual, r *rest) {
	e, half := w.e, max(1, n/2)
	x := make([][]reg.VecVirtual, half)
	for k, m := range w.listed(w.rows, 0, half) {
		x[k] = e.vecs(len(shift))
		for i := range shift {
			m.Disp = i * 4 * e.Lanes
			e.load(m, r, x[k][i])
		}
	}
	for k, m := range w.listed(w.rows, half, n) {
		for i := range shift {
			m.Disp = i * 4 * e.Lanes
			w.addFrom(m, x[k][i], r)
		}
	}
	for h := half / 2; h > 0; h /= 2 {
		for k := range h {
			for i := range shift {
				e.VADDPS(x[k+h][i], x[k][i], x[k][i])
			}
		}
	}
	scale := e.spread("share"+string(rune('0'+n)), 1/float32(n))
	for i, v := range shift {
		e.VMULPS(scale, x[0][i], v)
	}
}

func (w *walk) addFrom(m operand.Mem, dst reg.VecVirtual, r *rest) {
	if r == nil {
		w.e.VADDPS(m, dst, dst)
		return
	}
	t := w.e.vec()
	w.e.load(m, r, t)
	w.e.VADDPS(t, dst, dst)
}
