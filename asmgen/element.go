package asmgen

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A vec is the value of an expression in all lanes: a register of numbers, or of
// a condition in the set's form.
type vec struct {
	reg.VecVirtual
	cond operand.Op // a condition; nil for numbers
}

// elements computes vector v of a step for all rows and puts it where it goes.
// All is read before anything is written, so that an output may be an input.
func (e *emitter) elements(v int, masked bool) {
	rows := make([]*row, e.loop.Rows)
	for r := range rows {
		rows[r] = e.newRow(r, v, masked)
		rows[r].roots()
	}
	for k, p := range e.loop.Params {
		switch p.Kind {
		case plan.AddParam:
			acc := e.vector()
			e.read(e.at(k, v), acc, masked)
			for r := range rows {
				rows[r].addTo(p.Value, acc)
			}
			e.write(acc, e.at(k, v), masked)
		case plan.SumParam:
			rows[p.Row].addLanes(p.Value, e.lanes[k][v])
		}
	}
	for k, p := range e.loop.Params {
		if p.Kind == plan.StoreParam {
			e.storeVector(rows[p.Row].get(p.Value).VecVirtual, k, v, masked)
		}
	}
}

func (e *emitter) read(m operand.Mem, r reg.VecVirtual, masked bool) {
	if masked {
		e.enc.read(m, r)
		return
	}
	e.VMOVUPS(m, r)
}

func (e *emitter) write(r reg.VecVirtual, m operand.Mem, masked bool) {
	if masked {
		e.enc.write(r, m)
		return
	}
	e.VMOVUPS(r, m)
}

// A row is the elements of one vector of one row.
type row struct {
	*emitter
	index, vec int // of the row, and of the vector in the step
	masked     bool
	silent     bool // no comments: computed elsewhere too
	moves      int  // additions to do on the ports that multiply
	val        map[*ir.Value]vec
	own        map[*ir.Value]bool // those in a register that nothing outside this vector reads

	held  func(k int) (reg.VecVirtual, bool) // of a walk: the register that holds a column
	place func(k int) operand.Mem            // of a walk: where a parameter has the elements
}

func (e *emitter) newRow(index, v int, masked bool) *row {
	return &row{emitter: e, index: index, vec: v, masked: masked, val: map[*ir.Value]vec{}, own: map[*ir.Value]bool{}}
}

// compute computes a value of the body.
func (r *row) compute(v *ir.Value) {
	r.val[v] = operations[v.Op](r, v)
	r.own[v] = v.Op != ir.Detach
}

// values computes the body, but for the products that are left to an addition.
func (r *row) values() {
	for _, v := range r.loop.Body {
		if v.Op != ir.Load && !r.loop.Left[v] {
			r.comment(v)
			r.compute(v)
		}
	}
}

// roots computes all that the loop does something with in this row.
func (r *row) roots() {
	r.values()
	for _, p := range r.loop.Params {
		stored := p.Kind == plan.StoreParam && (p.Matrix || p.Row == r.index)
		added := p.Kind == plan.SumParam && p.Row == r.index || p.Kind == plan.AddParam
		if stored || added && !r.loop.Left[p.Value] {
			r.get(p.Value)
		}
	}
}

// comment writes the equation of a value over its instructions in the first
// vector of the loop.
func (r *row) comment(v *ir.Value) {
	if r.vec > 0 || r.index > 0 || r.masked || r.streaming || r.silent {
		return
	}
	r.equation(v)
}

// equation writes what the spec or the derivation says that a value is.
func (e *emitter) equation(v *ir.Value) {
	text := e.loop.Kernel.Equation(v)
	if v.Name != "" {
		text = v.Name + " = " + text
	}
	e.Commentf("%s  (line %d)", text, v.Line)
}

// get returns an operand: computed, a constant, or read from a parameter.
func (r *row) get(v *ir.Value) vec {
	v = plan.Strip(v)
	if x, ok := r.val[v]; ok {
		return x
	}
	if r.loop.Left[v] {
		r.val[v], r.own[v] = product(r, v), true
		return r.val[v]
	}
	x := vec{VecVirtual: r.operand(v)}
	if ir.Ops[v.Op].Cond || v.Op == ir.Load && v.Leaf.Kind == ir.MaskLeaf {
		x.cond = r.enc.nonzero(x.VecVirtual)
	}
	r.val[v] = x
	return x
}

func (r *row) operand(v *ir.Value) reg.VecVirtual {
	r.own[v] = true
	if v.Op == ir.Const {
		x := r.vector()
		r.VBROADCASTSS(r.consts.single(float32(v.F)), x)
		return x
	}
	if r.outside != nil {
		return r.outside(r, v)
	}
	k := r.param(v, r.index)
	if x, ok := r.scalar[k]; ok {
		r.own[v] = false
		return x
	}
	if r.held != nil {
		if x, ok := r.held(k); ok {
			r.own[v] = false
			return x
		}
	}
	x := r.vector()
	switch {
	case r.loop.Params[k].Kind == plan.ScalarParam:
		r.VBROADCASTSS(r.address(k), x)
	case r.loop.Params[k].Kind == plan.RunParam:
		r.VBROADCASTSS(r.ofRun(k, 4), x)
	case r.place != nil:
		r.read(r.place(k), x, r.masked)
	default:
		r.read(r.at(k, r.vec), x, r.masked)
	}
	return x
}

// args returns the operands of v.
func (r *row) args(v *ir.Value) []vec {
	out := make([]vec, len(v.Args))
	for i, a := range v.Args {
		out[i] = r.get(a)
	}
	return out
}
