package asmgen

import (
	"math"
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// walk writes the loop over the elements of the rows in flight: block by block if
// there are sums, and once more from the start if moments are far from their shift.
func (e *rowEmitter) walk(ph plan.RowPhase, suffix string) {
	e.openSums(ph)
	e.firstShifts(suffix)
	e.Label("again" + suffix)
	e.start()
	e.hold(ph)
	left := e.GP64()
	e.MOVQ(e.argument("n"), left)
	if len(e.sums) == 0 {
		e.steps(ph, left, suffix)
		return
	}
	e.MOVQ(left, e.rest)
	for _, s := range e.sums {
		e.open(s)
	}
	e.Label("block" + suffix)
	e.MOVQ(e.rest, left)
	e.CMPQ(left, operand.U32(plan.RowBlock))
	e.JLE(operand.LabelRef("last" + suffix))
	e.MOVQ(operand.U32(plan.RowBlock), left)
	e.Label("last" + suffix)
	e.SUBQ(left, e.rest)
	for _, s := range e.sums {
		e.empty(s)
	}
	e.steps(ph, left, suffix)
	for _, s := range e.sums {
		e.addBlock(s)
	}
	e.CMPQ(e.rest, operand.U8(0))
	e.JNE(operand.LabelRef("block" + suffix))
	e.centre(suffix)
}

// start sets the offsets of the rows in flight to their first elements.
func (e *rowEmitter) start() {
	e.XORQ(e.offset[0], e.offset[0])
	if e.rows == 1 {
		return
	}
	t := e.tensors()[0]
	stride := e.GP64()
	e.MOVQ(e.argument(e.sweep.Params[t].Name+"Stride"), stride)
	e.SHLQ(operand.U8(2), stride)
	for r := 1; r < e.rows; r++ {
		if r == 1 {
			e.MOVQ(stride, e.offset[1])
		} else {
			e.LEAQ(operand.Mem{Base: e.offset[r-1], Index: stride, Scale: 1}, e.offset[r])
		}
	}
}

// steps computes so many elements of each row.
func (e *rowEmitter) steps(ph plan.RowPhase, left reg.GPVirtual, suffix string) {
	var stream func(label string)
	if len(ph.Stores) > 0 && e.rows == 1 {
		stream = func(label string) {
			e.CMPQ(e.past, operand.U8(0))
			e.JEQ(operand.LabelRef(label))
		}
	}
	next := e.nextRow()
	e.span(left, suffix, stream, func(masked bool) {
		e.vectors(masked, func(v int, masked bool) { e.part(ph, v, masked) })
		if masked {
			return
		}
		e.prefetch(next)
		for _, o := range e.offset {
			e.ADDQ(operand.U32(4*fullStep), o)
		}
	})
}

// part computes vector v of a step of all rows in flight. What a row writes
// belongs to no other row, so each is stored before the next is read.
func (e *rowEmitter) part(ph plan.RowPhase, v int, masked bool) {
	e.shared = map[*ir.Value]vec{}
	added := map[*ir.Value]reg.VecVirtual{}
	for r := range e.rows {
		w := e.newRow(r, v, masked)
		if e.one != nil {
			w.moves = (e.surplus(ph) + v%2) / 2
		}
		w.values()
		for _, s := range e.sums {
			e.enter(s, w)
		}
		for _, c := range ph.ColSums {
			if added[c] == nil {
				added[c] = e.vector()
				e.read(e.column(c, v), added[c], masked)
			}
			e.addColumn(added[c], plan.Strip(c.Args[0]), w)
		}
		e.stores(ph, w)
	}
	for _, c := range ph.ColSums {
		e.write(added[c], e.column(c, v), masked)
	}
}

func (e *rowEmitter) stores(ph plan.RowPhase, w *row) {
	values := make([]reg.VecVirtual, len(ph.Stores))
	for i, st := range ph.Stores {
		values[i] = w.get(st.Value).VecVirtual
	}
	for i, st := range ph.Stores {
		e.store(values[i], e.element(e.written(st.Leaf), w.index, w.vec), w.masked)
	}
}

// element is where vector v of a step of a row lies in a tensor.
func (e *rowEmitter) element(k, row, v int) operand.Mem {
	return operand.Mem{Base: e.base[k], Index: e.offset[row], Scale: 1, Disp: 4 * v * e.set.Lanes}
}

// column is where vector v of a step lies in a slice of columns.
func (e *rowEmitter) column(value *ir.Value, v int) operand.Mem {
	return e.element(e.of(value, plan.AddColumns), 0, v)
}

// of finds the parameter of one of some kinds that holds a value, or -1.
func (e *rowEmitter) of(v *ir.Value, kinds ...plan.RowParamKind) int {
	for k, p := range e.sweep.Params {
		if p.Value == v && slices.Contains(kinds, p.Kind) {
			return k
		}
	}
	return -1
}

func (e *rowEmitter) written(l *ir.Leaf) int {
	for k, p := range e.sweep.Params {
		if p.Leaf == l && p.Kind == plan.WriteTensor {
			return k
		}
	}
	return -1
}

// operand reads what the elements of a row do not compute.
func (e *rowEmitter) operand(r *row, v *ir.Value) reg.VecVirtual {
	if regs := e.held[v]; regs != nil {
		r.own[v] = false
		return regs[r.index]
	}
	x := e.vector()
	r.own[v] = true
	if e.sweep.Kernel.Rank(v) == plan.Row {
		e.VBROADCASTSS(e.inSlot(v, r.index), x)
		return x
	}
	k := e.of(v, plan.ReadTensor, plan.ReadColumns, plan.Single)
	switch e.sweep.Params[k].Kind {
	case plan.ReadTensor:
		e.read(e.element(k, r.index, r.vec), x, r.masked)
		return x
	case plan.ReadColumns:
		r.own[v] = false
		if s, ok := e.shared[v]; ok {
			return s.VecVirtual
		}
		e.read(e.element(k, 0, r.vec), x, r.masked)
		e.shared[v] = vec{VecVirtual: x}
		return x
	}
	e.VBROADCASTSS(e.argument(e.sweep.Params[k].Name), x)
	return x
}

// inSlot is the value of one of the rows in flight.
func (e *rowEmitter) inSlot(v *ir.Value, row int) operand.Mem {
	m := e.slotOf(v)
	m.Disp += 4 * row
	return m
}

// hold loads the row values and numbers that a loop reads into registers, as
// long as there are any beside sums and elements.
func (e *rowEmitter) hold(ph plan.RowPhase) {
	e.held, e.one = map[*ir.Value][]reg.VecVirtual{}, nil
	free := e.set.Vectors() - e.reserve - e.accumulators() - e.pressure(ph) - len(ph.ColSums)
	for _, v := range ph.Reads() {
		if e.copies(v) == 0 && e.sweep.Kernel.Rank(v) != plan.Full {
			free-- // columns stay for the rows of a vector
		}
	}
	for _, v := range ph.Reads() {
		rows := e.copies(v)
		if rows == 0 {
			continue
		}
		if free -= rows; free < 0 {
			continue
		}
		var regs []reg.VecVirtual
		for r := range e.rows {
			if r < rows {
				regs = append(regs, e.operand(e.newRow(r, 0, false), v))
			} else {
				regs = append(regs, regs[0])
			}
		}
		e.held[v] = regs
	}
	for _, x := range e.sums {
		if x.shift == nil {
			continue
		}
		if free -= e.rows; free >= 0 {
			e.held[x.shift] = e.spread(x.shift)
		}
	}
	e.free = min(e.free, free)
	if len(e.sums) > 0 && free > 0 && e.surplus(ph) > 0 {
		e.one = e.vector()
		e.VBROADCASTSS(e.consts.single(1), e.one)
	}
}

// spread reads a row value of all rows in flight.
func (e *rowEmitter) spread(v *ir.Value) []reg.VecVirtual {
	out := make([]reg.VecVirtual, e.rows)
	for r := range out {
		out[r] = e.vector()
		e.VBROADCASTSS(e.inSlot(v, r), out[r])
	}
	return out
}

// copies is how many registers hold v through a loop: one for each row of a row
// value, one of a number, none of what changes from element to element.
func (e *rowEmitter) copies(v *ir.Value) int {
	if e.sweep.Kernel.Rank(v) == plan.Row {
		return e.rows
	}
	if e.of(v, plan.Single) >= 0 {
		return 1
	}
	return 0
}

// accumulators is the number of registers that sums hold through a loop.
func (e *rowEmitter) accumulators() int {
	n := 0
	for _, s := range e.sums {
		n += len(s.lanes)*fullStep/e.set.Lanes + len(s.totals)
	}
	return n
}

// pressure is the most registers that the elements of one row hold at once beside
// what is the same for all elements.
func (e *rowEmitter) pressure(ph plan.RowPhase) int {
	const between = 3 // inside of an operation, and for what found no register
	return between + mostAlive(ph.Elements, ph.Roots(), func(v *ir.Value) bool {
		return v.Op == ir.Const || e.sweep.Kernel.Rank(v) == plan.Full
	})
}

var noValue = float32(math.Copysign(0, -1)) // adds nothing, not even a sign
