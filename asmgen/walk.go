package asmgen

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A walk writes a loop over the rows of matrices in one of two orders; the caller
// says which. By strips it takes some vectors of columns through all rows, with the
// column values and sums in registers, which is right where the jumps from row to row
// cost little. By rows it takes a few rows from end to end, as memory delivers them,
// and touches column values and sums once for all of them. Both add the rows of a
// column in order.
//
// There are more addresses than general registers: those of columns are read from
// the arguments, and the arguments of matrices keep where the walk is.
type walk struct {
	*emitter
	matrices []int // parameters
	columns  []int // parameters that are slices of columns, sums first
	sums     int   // how many of them are sums

	rows reg.GPVirtual // left
	at   map[int]reg.GPVirtual
	done reg.GPVirtual // bytes of a row that are done
	left reg.GPVirtual // elements of a row that are not
}

const (
	// mostTogether rows at a time leave a quarter of the traffic of column sums.
	mostTogether = 4
	// longestStrip vectors are a few whole lines of the cache.
	longestStrip = 4
)

func (e *emitter) newWalk() *walk {
	w := &walk{emitter: e, at: map[int]reg.GPVirtual{}}
	for k, p := range e.loop.Params {
		switch {
		case p.Matrix:
			w.matrices = append(w.matrices, k)
		case p.Kind == plan.AddParam:
			w.columns = append(w.columns, k)
		}
	}
	w.sums = len(w.columns)
	for k, p := range e.loop.Params {
		if p.Kind == plan.VectorParam && !p.Matrix {
			w.columns = append(w.columns, k)
		}
	}
	return w
}

// walkSchedule chooses how to walk if so many registers are kept free.
func (s *Set) walkSchedule(l *plan.Loop, reserve int) Schedule {
	c := Schedule{Step: s.Lanes, Pressure: pressure(l), Streams: l.Stores()}
	matrices, columns := 0, 0
	for _, p := range l.Params {
		switch {
		case p.Matrix:
			matrices++
		case p.Kind == plan.ScalarParam:
			c.Scalars++
		default:
			columns++
		}
	}
	c.Rows = rowsTogether(matrices)
	c.Work = work(l, c.Rows)
	free := s.Vectors() - c.Pressure - reserve
	c.Scalars = max(0, min(c.Scalars, free-1))
	c.Held = max(0, min(columns, free-c.Scalars))
	c.Strip = max(1, min(longestStrip, (free-c.Scalars)/max(1, c.Held)))
	return c
}

// rowsTogether is how many rows of so many matrices the general registers allow. A
// matrix takes its address, for two rows its stride, and for four three times that.
func rowsTogether(matrices int) int {
	const counts = 5
	switch {
	case 3*matrices+counts < generalRegisters:
		return mostTogether
	case 2*matrices+counts < generalRegisters:
		return 2
	}
	return 1
}

// columnValues are the operands that a walk has registers of their own for.
func columnValues(l *plan.Loop) map[*ir.Value]bool {
	out := map[*ir.Value]bool{}
	for _, p := range l.Params {
		if l.Walks() && p.Kind == plan.VectorParam && !p.Matrix {
			out[p.Value] = true
		}
	}
	return out
}

// walk writes the loop: by rows, those left over by strips.
func (e *emitter) walk() {
	w := e.newWalk()
	w.rows, w.done, w.left = e.GP64(), e.GP64(), e.GP64()
	for _, k := range w.matrices {
		w.at[k] = e.GP64()
		e.SHLQ(operand.U8(2), w.stride(k)) // to bytes
	}
	e.Load(e.Param("rows"), w.rows)
	near := e.GP8()
	e.Load(e.Param("near"), near)
	e.TESTB(near, near)
	e.JNE(operand.LabelRef("strips"))
	w.byRows()
	e.Label("strips")
	w.byStrips()
	e.Label("end")
}

// stride is the argument that says how many bytes there are from row to row.
func (w *walk) stride(k int) operand.Mem { return w.argument(w.loop.Params[k].Name + "Stride") }

// byRows takes rows together while there are enough.
func (w *walk) byRows() {
	place := w.neighbours()
	w.Label("together")
	w.CMPQ(w.rows, operand.U8(w.schedule.Rows))
	w.JLT(operand.LabelRef("apart"))
	w.XORQ(w.done, w.done)
	w.Load(w.Param("n"), w.left)
	if w.loop.Stores() {
		w.unlessStreaming("step", w.written()...)
		w.streaming = true
		w.across("stream", place)
		w.streaming = false
	}
	w.across("step", place)
	w.Label("rest")
	w.rest("next", func() { w.group(true, place) })
	w.Label("next")
	for _, k := range w.matrices {
		w.SUBQ(w.done, w.at[k])
		for range w.schedule.Rows {
			w.ADDQ(w.stride(k), w.at[k])
		}
	}
	w.SUBQ(operand.U8(w.schedule.Rows), w.rows)
	w.JMP(operand.LabelRef("together"))
	w.Label("apart")
	for _, k := range w.matrices {
		w.MOVQ(w.at[k], w.address(k))
	}
	w.TESTQ(w.rows, w.rows)
	w.JEQ(operand.LabelRef("end"))
}

// neighbours loads addresses and strides, and returns where the walk is in a row of
// those together.
func (w *walk) neighbours() func(k, r int) operand.Mem {
	stride, triple := map[int]reg.GPVirtual{}, map[int]reg.GPVirtual{}
	for _, k := range w.matrices {
		w.MOVQ(w.address(k), w.at[k])
		if w.schedule.Rows > 1 {
			stride[k] = w.GP64()
			w.MOVQ(w.stride(k), stride[k])
		}
		if w.schedule.Rows > 2 {
			triple[k] = w.GP64()
			w.LEAQ(operand.Mem{Base: stride[k], Index: stride[k], Scale: 2}, triple[k])
		}
	}
	return func(k, r int) operand.Mem {
		m := operand.Mem{Base: w.at[k]}
		switch r {
		case 1, 2:
			m.Index, m.Scale = stride[k], uint8(r)
		case 3:
			m.Index, m.Scale = triple[k], 1
		}
		return m
	}
}

// written are the addresses and strides of the matrices that are.
func (w *walk) written() []operand.Op {
	var out []operand.Op
	for _, k := range w.matrices {
		if w.loop.Params[k].Kind == plan.StoreParam {
			out = append(out, w.at[k], w.stride(k))
		}
	}
	return out
}

// across takes the rows at hand through all whole vectors.
func (w *walk) across(label string, place func(k, r int) operand.Mem) {
	w.while(label, w.left, w.set.Lanes, "rest", func() {
		w.prefetch(place)
		w.group(false, place)
		for _, k := range w.matrices {
			w.ADDQ(operand.U32(4*w.set.Lanes), w.at[k])
		}
		w.ADDQ(operand.U32(4*w.set.Lanes), w.done)
	})
}

// group takes one vector of the rows at hand.
func (w *walk) group(masked bool, place func(k, r int) operand.Mem) {
	h := w.hold(1, masked)
	for r := range w.schedule.Rows {
		w.element(h, 0, r, masked, func(k int) operand.Mem { return place(k, r) })
	}
	w.release(h, masked)
}

// byStrips takes strips through all rows, then single vectors, then what is left.
func (w *walk) byStrips() {
	w.XORQ(w.done, w.done)
	w.Load(w.Param("n"), w.left)
	if w.schedule.Strip > 1 {
		w.strips("strip", w.schedule.Strip)
	}
	w.strips("vector", 1)
	w.rest("end", func() { w.down("part", 1, true) })
}

func (w *walk) strips(label string, vectors int) {
	w.while(label, w.left, vectors*w.set.Lanes, label+"_end", func() {
		w.down(label, vectors, false)
		w.ADDQ(operand.U32(4*w.set.Lanes*vectors), w.done)
	})
	w.Label(label + "_end")
}

// down takes so many vectors through all rows.
func (w *walk) down(label string, vectors int, masked bool) {
	for _, k := range w.matrices {
		w.MOVQ(w.address(k), w.at[k])
		w.ADDQ(w.done, w.at[k])
	}
	h := w.hold(vectors, masked)
	row := w.GP64()
	w.MOVQ(w.rows, row)
	w.Label(label + "_row")
	for v := range vectors {
		w.element(h, v, 0, masked, func(k int) operand.Mem {
			return operand.Mem{Base: w.at[k], Disp: 4 * v * w.set.Lanes}
		})
	}
	for _, k := range w.matrices {
		w.ADDQ(w.stride(k), w.at[k])
	}
	w.DECQ(row)
	w.JNE(operand.LabelRef(label + "_row"))
	w.release(h, masked)
}

// rest takes the last elements of a row, fewer than a vector, and jumps if there are
// none.
func (w *walk) rest(none string, body func()) {
	w.TESTQ(w.left, w.left)
	w.JEQ(operand.LabelRef(none))
	w.enc.mask(w.left)
	w.enc.choose(0)
	body()
}
