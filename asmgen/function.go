package asmgen

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	avo "github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// An emitter writes one function.
type emitter struct {
	*build.Context
	set    *Set
	loop   *plan.Loop
	consts constants

	pointer map[int]reg.GPVirtual    // by parameter
	scalar  map[int]reg.VecVirtual   // by parameter; those that are not here are read where they are used
	lanes   map[int][]reg.VecVirtual // of row sums, by parameter
	total   map[int]reg.VecVirtual   // their sums in float64, unless these wait in the frame
	n, i    reg.GPVirtual            // elements, or where the run at hand ends, and those done
	run     reg.GPVirtual            // at hand

	schedule  Schedule
	users     map[*ir.Value]int   // of each value
	streaming bool                // stores go past the caches
	held      map[int]operand.Mem // where stores of parameters go that fill no line; nil: where they belong
	enc       encoding

	outside func(r *row, v *ir.Value) reg.VecVirtual // reads operands; nil: parameters of loop
}

// Signature is the Go signature of a loop's function.
func Signature(l *plan.Loop) string {
	params, results := []string{"n int"}, []string{}
	switch {
	case l.Walks():
		params = []string{"rows int", "n int"}
	case l.Runs:
		params = []string{"runs int", "n int"}
	}
	for _, p := range l.Params {
		switch p.Kind {
		case plan.SumParam:
			if l.Runs {
				params = append(params, p.Name+" *float64")
				continue
			}
			params = append(params, p.Start()+" float64")
			results = append(results, p.Name+" float64")
		case plan.ScalarParam:
			params = append(params, p.Name+" "+elementType(p))
		default:
			params = append(params, p.Name+" *"+elementType(p))
		}
		if p.Matrix {
			params = append(params, p.Name+"Stride int")
		}
	}
	if l.Walks() {
		params = append(params, "near bool")
	}
	if l.Walks() && l.Stores() {
		params = append(params, "stream bool")
	}
	if l.Past {
		params = append(params, "line *float32", "held int")
		results = append(results, "kept int")
	}
	out := "func(" + strings.Join(params, ", ") + ")"
	if len(results) > 0 {
		out += " (" + strings.Join(results, ", ") + ")"
	}
	return out
}

func elementType(p plan.Param) string {
	if p.Wide {
		return "float64"
	}
	return "float32"
}

// function writes the whole function: steps of as many elements as the schedule
// says, in blocks of [plan.RowBlock] if there are row sums, and what is left with a
// mask.
func (e *emitter) function(name string) {
	e.Function(name)
	e.SignatureExpr(Signature(e.loop))
	e.Attributes(attr.NOSPLIT)
	e.users = users(e.loop)
	e.load()
	e.enc = e.newEncoding()
	switch {
	case e.loop.Step:
		e.arrays()
	case e.loop.Walks():
		e.walk()
	case e.loop.Runs:
		e.runs()
	default:
		e.beginLine()
		e.row()
	}
	if e.loop.Past && !e.schedule.Streams {
		e.MOVQ(operand.U32(0), e.result("kept"))
	}
	e.VZEROUPPER()
	e.RET()
}

// row computes a row, or a run of one.
func (e *emitter) row() {
	if e.schedule.Sums == 0 {
		e.steps(e.n, "")
		return
	}
	e.blocks()
	for k := range e.loop.Params {
		if x, ok := e.total[k]; ok {
			e.VMOVSD(x.AsX(), e.sum(k)) // avo's own choice is of SSE, which must not meet dirty upper halves
		}
	}
}

// load reads the parameters into registers: pointers, and the first scalars.
func (e *emitter) load() {
	if e.loop.Step {
		return // where they are used
	}
	e.pointer, e.scalar = map[int]reg.GPVirtual{}, map[int]reg.VecVirtual{}
	e.lanes, e.total = map[int][]reg.VecVirtual{}, map[int]reg.VecVirtual{}
	if !e.loop.Walks() {
		e.n, e.i = e.GP64(), e.GP64()
		if e.loop.Runs {
			e.XORQ(e.n, e.n)
		} else {
			e.Load(e.Param("n"), e.n)
		}
		e.XORQ(e.i, e.i)
	}
	for k, p := range e.loop.Params {
		switch {
		case p.Pointer() && e.loop.Walks():
		case p.Pointer():
			e.pointer[k] = e.GP64()
			e.Load(e.Param(p.Name), e.pointer[k])
		case p.Kind == plan.SumParam && !e.schedule.Frame:
			e.total[k] = e.XMM()
		}
	}
	for k, p := range e.loop.Params {
		if (p.Kind == plan.ScalarParam || p.Kind == plan.RunParam) && len(e.scalar) < e.schedule.Scalars {
			e.scalar[k] = e.vector()
			if p.Kind == plan.ScalarParam {
				e.VBROADCASTSS(e.address(k), e.scalar[k])
			}
		}
	}
}

// address is where a parameter lies.
func (e *emitter) address(k int) operand.Mem { return e.argument(e.loop.Params[k].Name) }

func (e *emitter) argument(name string) operand.Mem {
	b, err := e.Param(name).Resolve()
	if err != nil {
		panic(fmt.Sprintf("asmgen: parameter %s: %v", name, err))
	}
	return b.Addr
}

// vector is a fresh register of the set's width, register one of so many float32.
func (e *emitter) vector() reg.VecVirtual { return e.register(e.set.Lanes) }

func (e *emitter) register(lanes int) reg.VecVirtual {
	switch {
	case lanes <= 4:
		return e.XMM()
	case lanes <= 8:
		return e.YMM()
	}
	return e.ZMM()
}

// rounded rounds so many float64 to float32.
func (e *emitter) rounded(x reg.VecVirtual, n int) reg.VecVirtual {
	y := e.register(n)
	switch {
	case n <= 2:
		e.VCVTPD2PSX(x, y)
	case n <= 4:
		e.VCVTPD2PSY(x, y)
	default:
		e.VCVTPD2PS(x, y)
	}
	return y
}

// reading adds an instruction that reads no more than these. Where avo's table has it
// read its destination, as what merges lanes does, the destination would hold a register
// from the start of the function on.
func (e *emitter) reading(operands []operand.Op, op func(ops ...operand.Op) (*avo.Instruction, error), ops ...operand.Op) {
	i, err := op(ops...)
	if err != nil {
		panic(fmt.Sprintf("asmgen: %v", err))
	}
	i.Inputs = operands
	e.Instruction(i)
}

// blocks runs the row sums block by block and adds each block's in float64.
func (e *emitter) blocks() {
	for k, p := range e.loop.Params {
		if p.Kind == plan.SumParam {
			e.open(k)
			for range e.schedule.Step / e.set.Lanes {
				e.lanes[k] = append(e.lanes[k], e.vector())
			}
		}
	}
	end := e.GP64()
	e.Label("block")
	e.LEAQ(operand.Mem{Base: e.i, Disp: plan.RowBlock}, end)
	e.CMPQ(end, e.n)
	e.CMOVQGT(e.n, end)
	for k := range e.loop.Params {
		for _, l := range e.lanes[k] {
			e.VBROADCASTSS(e.consts.single(noValue), l)
		}
	}
	e.steps(end, "_block")
	for k, p := range e.loop.Params {
		if p.Kind == plan.SumParam {
			e.Comment("fold the lanes of " + p.Name)
			e.fold(k)
		}
	}
	e.CMPQ(e.i, e.n)
	e.JLT(operand.LabelRef("block"))
}

// fold adds the lanes 16, 8, 4, 2 and 1 apart, and the result to the total.
func (e *emitter) fold(k int) {
	l := e.lanes[k]
	for n := len(l); n > 1; n /= 2 {
		for j := range n / 2 {
			e.VADDPS(l[j+n/2], l[j], l[j])
		}
	}
	x := l[0]
	y, half := e.YMM(), e.XMM()
	low := x.AsX()
	if e.set.Lanes > 8 {
		e.VEXTRACTF64X4(operand.U8(1), x.AsZ(), y)
		e.VADDPS(y, x.AsY(), x.AsY())
	}
	e.enc.upper(as(x.AsY()), half)
	e.VADDPS(half, low, low)
	e.VMOVHLPS(low, low, half)
	e.VADDPS(half, low, low)
	e.VMOVSHDUP(low, half)
	e.VADDSS(half, low, low)
	e.VCVTSS2SD(low, low, low)
	if x, ok := e.total[k]; ok {
		e.VADDSD(low, x.AsX(), x.AsX())
		return
	}
	total := e.sum(k)
	e.VADDSD(total, low, low)
	e.VMOVSD(low, total)
}

// open sets the total of a row sum to what the caller has of it.
func (e *emitter) open(k int) {
	x, ok := e.total[k]
	switch {
	case e.loop.Runs && ok:
		e.VMOVSD(e.sum(k), x.AsX())
	case e.loop.Runs: // it is there
	case ok:
		e.VMOVSD(e.argument(e.loop.Params[k].Start()), x.AsX())
	default:
		x := e.XMM()
		e.VMOVSD(e.argument(e.loop.Params[k].Start()), x)
		e.VMOVSD(x, e.sum(k))
	}
}

// sum is where the caller finds a row sum.
func (e *emitter) sum(k int) operand.Mem {
	if e.loop.Runs {
		return e.ofRun(k, 8)
	}
	return e.result(e.loop.Params[k].Name)
}

// result is where the function returns something.
func (e *emitter) result(name string) operand.Mem {
	b, err := e.Return(name).Resolve()
	if err != nil {
		panic(fmt.Sprintf("asmgen: result %s: %v", name, err))
	}
	return b.Addr
}

// steps computes the elements up to end. Blocks begin at multiples of fullStep.
func (e *emitter) steps(end reg.GPVirtual, suffix string) {
	left := e.GP64()
	e.MOVQ(end, left)
	e.SUBQ(e.i, left)
	if e.schedule.Streams {
		e.streamed(left)
		return
	}
	e.span(left, suffix, nil, func(masked bool) {
		if masked {
			e.some(left)
		} else {
			e.step()
		}
	})
}

// step computes as many elements as the schedule says, some computes fewer.
func (e *emitter) step() {
	e.vectors(false, e.elements)
	e.ADDQ(operand.U8(e.schedule.Step), e.i)
}

func (e *emitter) some(n reg.GPVirtual) {
	e.enc.mask(n)
	e.vectors(true, e.elements)
	e.ADDQ(n, e.i)
}

// at is where the elements of vector v of a slice lie.
func (e *emitter) at(k, v int) operand.Mem {
	return operand.Mem{Base: e.pointer[k], Index: e.i, Scale: 4, Disp: 4 * v * e.set.Lanes}
}

// param finds the parameter that holds an operand of a row.
func (e *emitter) param(v *ir.Value, row int) int {
	for k, p := range e.loop.Params {
		if p.Value == v && (p.Kind == plan.ScalarParam || p.Kind == plan.RunParam || p.Kind == plan.VectorParam && p.Row == row) {
			return k
		}
	}
	// Columns belong to all rows.
	for k, p := range e.loop.Params {
		if p.Value == v && p.Kind == plan.VectorParam && p.Row == 0 {
			return k
		}
	}
	panic(fmt.Sprintf("asmgen: v%d is neither computed nor a parameter", v.ID))
}
