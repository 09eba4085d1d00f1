package asmgen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A rowEmitter writes a loop over rows. Tensors are addressed by their base, which
// moves from row to row, and the offset of an element, which all tensors share:
// rows in flight have one offset each, so their tensors have one stride. The
// offset of the first row is also that of the columns.
//
// Row values are computed for all rows in flight at once, a lane each. Those that
// elements read lie in the frame, in the storage type.
type rowEmitter struct {
	*emitter
	sweep *plan.RowLoop
	flight
	rows int // in flight in the code at hand
	turn int // of the phase at hand among those with elements

	free int // registers that every loop leaves: if it is negative some operands are read where they are used

	base   map[int]reg.GPVirtual          // of tensors and columns, by parameter
	offset []reg.GPVirtual                // of each row in flight, in bytes
	slot   map[*ir.Value]operand.Mem      // row values that elements read, once they are there
	room   map[*ir.Value]operand.Mem      // for slots, whatever the rows in flight
	lane   map[*ir.Value]reg.VecVirtual   // row values in the storage type
	wides  map[*ir.Value]reg.VecVirtual   // row values in float64
	held   map[*ir.Value][]reg.VecVirtual // operands in registers through a loop, for each row
	shared map[*ir.Value]vec              // operands that the rows of a vector share
	one    reg.VecVirtual                 // all ones, or nil
	sums   []*rowSum                      // of the phase at hand

	// In the frame: the number of the row and those left, elements left, whether
	// moments are taken again, whether stores stream, and 1/n.
	row, left, rest, again, past, inverse operand.Mem
}

// A flight says how many rows a row loop computes at once, and how many registers
// are kept from what is the same for all elements.
type flight struct{ rows, reserve int }

// CheckRows returns an error if a row loop has no form: operations without one, or
// more tensors and values than there are registers for. How many rows can be in
// flight is tried out, the most first: with others beside it no row does more work, and
// columns, folds and row values are shared. More than two are only if all that is the
// same for all elements finds a register.
func (f *File) CheckRows(l *plan.RowLoop) error {
	err := expressible(l)
	if err != nil {
		return err
	}
	for rows := f.set.rows(); rows > 0; rows /= 2 {
		for _, reserve := range []int{0, 4} {
			w := &written{name: "try", rows: l, flight: flight{rows, reserve}}
			if err = f.set.compile(w); err == nil {
				f.rows[l] = w
				return nil
			}
		}
	}
	return err
}

// Rows adds a row loop that was checked and returns the function to call.
func (f *File) Rows(name string, l *plan.RowLoop) string {
	w := f.rows[l]
	w.name = name + f.set.Suffix
	f.loops = append(f.loops, w)
	return w.name
}

// expressible returns an error if there is a value without a form.
func expressible(l *plan.RowLoop) error {
	for _, ph := range l.Phases {
		for _, v := range ph.Elements {
			if operations[v.Op] == nil {
				return fmt.Errorf("line %d: %s has no vector form", v.Line, v.Op)
			}
		}
		for _, v := range slices.Concat(ph.Head, ph.Tail) {
			op, narrow := rowOperations[v.Op], l.Kernel.Rounds(v)
			if narrow && op.single == nil || !narrow && op.double == nil {
				return fmt.Errorf("line %d: %s of row values has no vector form", v.Line, v.Op)
			}
		}
	}
	return nil
}

// rows writes a row loop.
func (e *emitter) rows(w *written) error {
	e.schedule.Step = fullStep
	r := &rowEmitter{emitter: e, sweep: w.rows, flight: w.flight, free: e.set.Vectors()}
	e.outside = r.operand
	r.function(w.name)
	if w.free = r.free; w.free < 0 && w.flight.rows > 2 {
		return fmt.Errorf("%d row values and numbers find no register", -w.free)
	}
	return nil
}

// RowSignature is the Go signature of a row loop's function.
func RowSignature(l *plan.RowLoop) string {
	params := []string{"n, rows int"}
	for _, p := range l.Params {
		switch {
		case p.Tensor():
			params = append(params, p.Name+" *float32", p.Name+"Stride int")
		case p.Pointer():
			params = append(params, p.Name+" *float32")
		case p.Kind == plan.Single:
			params = append(params, p.Name+" float32")
		default:
			params = append(params, p.Name+" float64")
		}
	}
	if l.Stores() {
		params = append(params, "stream bool")
	}
	return "func(" + strings.Join(params, ", ") + ")"
}

// function writes code for many rows in flight, for fewer, and for one. Streams are
// for one row at a time, as are tensors of several strides.
func (e *rowEmitter) function(name string) {
	e.Function(name)
	e.SignatureExpr(RowSignature(e.sweep))
	e.Attributes(attr.NOSPLIT)
	e.load()
	if e.flight.rows > 1 {
		e.regular()
	}
	for rows := e.flight.rows; rows > 1; rows /= 2 {
		e.ready(rows)
		e.together()
	}
	e.ready(1)
	e.alone()
	e.VZEROUPPER()
	e.RET()
}

// load reads the addresses into registers, sets the mask of what is left of a
// row, and lays out the frame.
func (e *rowEmitter) load() {
	e.base, e.room = map[int]reg.GPVirtual{}, map[*ir.Value]operand.Mem{}
	for k, p := range e.sweep.Params {
		if p.Kind <= plan.AddColumns {
			e.base[k] = e.GP64()
			e.Load(e.Param(p.Name), e.base[k])
		}
	}
	e.row, e.left, e.rest, e.again, e.past = e.AllocLocal(8), e.AllocLocal(8), e.AllocLocal(8), e.AllocLocal(8), e.AllocLocal(8)
	e.MOVQ(operand.U32(0), e.row)
	rows := e.GP64()
	e.Load(e.Param("rows"), rows)
	e.MOVQ(rows, e.left)
	left := e.GP64()
	e.Load(e.Param("n"), left)
	e.ANDQ(operand.U8(fullStep-1), left)
	e.enc = e.newEncoding()
	e.enc.mask(left)
	if e.sweep.Moments() {
		e.inverse = e.AllocLocal(8)
		one, n := e.XMM(), e.XMM()
		e.VMOVSD(e.consts.double(1), one)
		e.VCVTSI2SDQ(e.argument("n"), one, n)
		e.VDIVSD(n, one, one)
		e.VMOVSD(one, e.inverse)
	}
}

// ready prepares the code for so many rows in flight.
func (e *rowEmitter) ready(rows int) {
	e.rows, e.offset = rows, nil
	for range rows {
		e.offset = append(e.offset, e.GP64())
	}
}

// regular takes one row at a time if strides differ, or stores are to stream.
func (e *rowEmitter) regular() {
	stride := e.GP64()
	for i, k := range e.tensors() {
		name := e.sweep.Params[k].Name + "Stride"
		if i == 0 {
			e.MOVQ(e.argument(name), stride)
			continue
		}
		e.CMPQ(stride, e.argument(name))
		e.JNE(operand.LabelRef("rows1"))
	}
	if e.sweep.Stores() {
		stream := e.GP64()
		e.MOVBQZX(e.argument("stream"), stream)
		e.TESTQ(stream, stream)
		e.JNE(operand.LabelRef("rows1"))
	}
}

// nearCache is how many bytes of rows in flight, of all tensors, the first cache
// holds beside columns. More than two rows that are longer were measured to lose:
// LayerNorm's forward at 512 x 1024 took 1.4 times as long.
const nearCache = 24 << 10

// together computes the rows in flight, as long as there are enough.
func (e *rowEmitter) together() {
	these, fewer := fmt.Sprintf("rows%d", e.rows), operand.LabelRef(fmt.Sprintf("rows%d", e.rows/2))
	if e.rows != e.flight.rows {
		e.Label(these)
	}
	if e.rows > 2 {
		e.CMPQ(e.argument("n"), operand.U32(nearCache/4/e.rows/len(e.tensors())))
		e.JGT(fewer)
	}
	e.CMPQ(e.left, operand.U8(e.rows))
	e.JLT(fewer)
	e.Label("next" + these)
	e.group()
	e.advance()
	e.CMPQ(e.left, operand.U8(e.rows))
	e.JGE(operand.LabelRef("next" + these))
}

// alone computes the rows that are left.
func (e *rowEmitter) alone() {
	if e.flight.rows > 1 {
		e.Label("rows1")
		e.CMPQ(e.left, operand.U8(0))
		e.JEQ(operand.LabelRef("done"))
	}
	if e.sweep.Stores() {
		e.streams()
	}
	e.Label("nextrows1")
	e.group()
	e.advance()
	e.JNE(operand.LabelRef("nextrows1"))
	e.Label("done")
}

// streams decides whether stores go past the caches: if that is asked for and all
// rows written are aligned.
func (e *rowEmitter) streams() {
	aligned, asked := e.GP64(), e.GP64()
	e.XORQ(aligned, aligned)
	for k, p := range e.sweep.Params {
		if p.Kind == plan.WriteTensor {
			bytes := e.GP64()
			e.MOVQ(e.argument(p.Name+"Stride"), bytes)
			e.SHLQ(operand.U8(2), bytes)
			e.ORQ(bytes, aligned)
			e.ORQ(e.base[k], aligned)
		}
	}
	e.MOVBQZX(e.argument("stream"), asked)
	e.TESTQ(operand.U32(4*e.set.Lanes-1), aligned)
	e.JEQ(operand.LabelRef("aligned"))
	e.XORQ(asked, asked)
	e.Label("aligned")
	e.MOVQ(asked, e.past)
}

// advance goes on to the next rows. Its last instruction compares the rows left
// with 0.
func (e *rowEmitter) advance() {
	stride := e.GP64()
	for i, k := range e.tensors() {
		if i == 0 || e.rows == 1 {
			e.MOVQ(e.argument(e.sweep.Params[k].Name+"Stride"), stride)
			e.IMUL3Q(operand.U8(4*e.rows), stride, stride)
		}
		e.ADDQ(stride, e.base[k])
	}
	e.ADDQ(operand.U8(e.rows), e.row)
	e.SUBQ(operand.U8(e.rows), e.left)
}

// tensors lists the parameters that are tensors.
func (e *rowEmitter) tensors() []int {
	var out []int
	for k, p := range e.sweep.Params {
		if p.Tensor() {
			out = append(out, k)
		}
	}
	return out
}

// group computes the rows in flight.
func (e *rowEmitter) group() {
	e.lane, e.wides, e.slot = map[*ir.Value]reg.VecVirtual{}, map[*ir.Value]reg.VecVirtual{}, map[*ir.Value]operand.Mem{}
	for _, p := range e.sweep.Params {
		if p.Kind == plan.ReadRows {
			x := e.XMM()
			e.readLanes(e.ofRow(p.Name), x)
			e.VMOVUPS(x, e.slotOf(p.Value))
		}
	}
	e.turn = 0
	for i, ph := range e.sweep.Phases {
		e.phase(ph, fmt.Sprintf("%d_%d", e.rows, i+1))
		if ph.HasElements() {
			e.turn++
		}
	}
}

// ofRow is the element of a slice with one for each row.
func (e *rowEmitter) ofRow(name string) operand.Mem {
	p, i := e.GP64(), e.GP64()
	e.MOVQ(e.argument(name), p)
	e.MOVQ(e.row, i)
	return operand.Mem{Base: p, Index: i, Scale: 4}
}

// readLanes and writeLanes move one float32 for each row in flight.
func (e *rowEmitter) readLanes(m operand.Mem, x reg.VecVirtual) {
	switch e.rows {
	case 1:
		e.VMOVSS(m, x)
	case 2:
		e.VMOVSD(m, x)
	default:
		e.VMOVUPS(m, x)
	}
}

func (e *rowEmitter) writeLanes(x reg.VecVirtual, m operand.Mem) {
	switch e.rows {
	case 1:
		e.VMOVSS(x, m)
	case 2:
		e.VMOVLPS(x, m)
	default:
		e.VMOVUPS(x, m)
	}
}

// slotOf is the place of a row value in the frame.
func (e *rowEmitter) slotOf(v *ir.Value) operand.Mem {
	if _, ok := e.room[v]; !ok {
		e.room[v] = e.AllocLocal(16)
	}
	e.slot[v] = e.room[v]
	return e.slot[v]
}

// phase computes the row values before the elements, the elements, and the row
// values after them, which the rows after it and the caller may want.
func (e *rowEmitter) phase(ph plan.RowPhase, suffix string) {
	e.sums = nil
	e.forget()
	e.scalars(ph.Head)
	if ph.HasElements() {
		e.loop = &plan.Loop{Kernel: e.sweep.Kernel, Body: ph.Elements, Left: ph.Left, Rows: e.rows}
		e.users = users(e.loop)
		for _, r := range ph.Roots() {
			e.users[plan.Strip(r)]++
		}
		e.walk(ph, suffix)
	}
	e.reductions(ph)
	e.scalars(ph.Tail)
}

// forget leaves it to the frame to keep what elements read.
func (e *rowEmitter) forget() {
	for v := range e.slot {
		delete(e.lane, v)
	}
}
