package asmgen

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A rowOperation is an operation on row values: on four float32, and on the
// float64 of the rows in flight.
type rowOperation struct {
	single, double func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual)
}

// rowOperations is the column of the op table for row values.
var rowOperations = map[ir.Op]rowOperation{
	ir.Add: {
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VADDPS(a[1], a[0], dst) },
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VADDPD(a[1], a[0], dst) },
	},
	ir.Sub: {
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VSUBPS(a[1], a[0], dst) },
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VSUBPD(a[1], a[0], dst) },
	},
	ir.Mul: {
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VMULPS(a[1], a[0], dst) },
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VMULPD(a[1], a[0], dst) },
	},
	ir.Div: {
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VDIVPS(a[1], a[0], dst) },
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VDIVPD(a[1], a[0], dst) },
	},
	ir.Max: {
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VMAXPS(a[1], a[0], dst) },
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VMAXPD(a[1], a[0], dst) },
	},
	ir.Min: {
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VMINPS(a[1], a[0], dst) },
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VMINPD(a[1], a[0], dst) },
	},
	ir.Neg: {
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) {
			sign := e.XMM()
			e.VBROADCASTSS(e.consts.single(noValue), sign)
			e.VXORPS(sign, a[0], dst)
		},
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) {
			e.VXORPD(e.spreadDouble(e.consts.double(math.Copysign(0, -1))), a[0], dst)
		},
	},
	ir.Sqrt: {
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VSQRTPS(a[0], dst) },
		func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) { e.VSQRTPD(a[0], dst) },
	},
	ir.Rsqrt: {single: func(e *rowEmitter, dst reg.VecVirtual, a []reg.VecVirtual) {
		one := e.XMM()
		e.VBROADCASTSS(e.consts.single(1), one)
		e.VSQRTPS(a[0], dst)
		e.VDIVPS(dst, one, dst)
	}},
}

// scalars computes row values.
func (e *rowEmitter) scalars(vals []*ir.Value) {
	for _, v := range vals {
		e.Commentf("%s  (line %d)", e.sweep.Kernel.Equation(v), v.Line)
		if e.sweep.Kernel.Rounds(v) {
			x, args := e.XMM(), []reg.VecVirtual{}
			for _, a := range v.Args {
				args = append(args, e.single(a))
			}
			rowOperations[v.Op].single(e, x, args)
			e.define(v, nil, x)
			continue
		}
		x, args := e.doubles(), []reg.VecVirtual{}
		for _, a := range v.Args {
			args = append(args, e.double(a))
		}
		rowOperations[v.Op].double(e, x, args)
		e.define(v, x, nil)
	}
}

// reductions names the sums and moments of a phase.
func (e *rowEmitter) reductions(ph plan.RowPhase) {
	for i, m := range ph.RowMoments {
		e.momentValues(m, e.sums[i])
	}
	for i, v := range ph.RowSums {
		e.define(v, e.sums[len(ph.RowMoments)+i].totals[0], nil)
	}
}

// define notes row value v, which was computed in one of the two precisions, and
// puts it where elements and the caller read it. A float64 that is kept in an
// array is rounded when it is made.
func (e *rowEmitter) define(v *ir.Value, double, single reg.VecVirtual) {
	if double != nil && e.sweep.Kernel.Width(v) == plan.Narrow {
		double, single = nil, e.narrowed(double)
	}
	if double != nil {
		e.wides[v] = double
	}
	if single != nil {
		e.lane[v] = single
	}
	for _, ph := range e.sweep.Phases {
		for _, r := range ph.Reads() {
			if r == v {
				e.VMOVUPS(e.single(v), e.slotOf(v))
			}
		}
	}
	for _, p := range e.sweep.Params {
		if p.Kind == plan.SaveRows && p.Value == v {
			e.writeLanes(e.single(v), e.ofRow(p.Name))
		}
	}
}

// single returns a value of the rows in flight in the storage type.
func (e *rowEmitter) single(v *ir.Value) reg.VecVirtual {
	v = plan.Strip(v)
	if x, ok := e.lane[v]; ok {
		return x
	}
	x := e.XMM()
	if m, ok := e.slot[v]; ok {
		e.VMOVUPS(m, x)
		return x
	}
	switch k := e.of(v, plan.Single); {
	case v.Op == ir.Const:
		e.VBROADCASTSS(e.consts.single(float32(v.F)), x)
	case k >= 0:
		e.VBROADCASTSS(e.argument(e.sweep.Params[k].Name), x)
	default:
		return e.narrowed(e.double(v))
	}
	return x
}

// double returns a value of the rows in flight in float64.
func (e *rowEmitter) double(v *ir.Value) reg.VecVirtual {
	v = plan.Strip(v)
	if x, ok := e.wides[v]; ok {
		return x
	}
	k := e.of(v, plan.Double)
	switch {
	case v.Op == ir.Const:
		return e.spreadDouble(e.consts.double(v.F))
	case k >= 0:
		return e.spreadDouble(e.argument(e.sweep.Params[k].Name))
	}
	return e.widened(e.single(v))
}

// doubles is a fresh register for a float64 of each row in flight.
func (e *rowEmitter) doubles() reg.VecVirtual { return e.register(2 * e.rows) }

func (e *rowEmitter) spreadDouble(m operand.Mem) reg.VecVirtual {
	x := e.doubles()
	e.spreadDoubleTo(m, x)
	return x
}

func (e *rowEmitter) spreadDoubleTo(m operand.Mem, x reg.VecVirtual) {
	if e.rows > 2 {
		e.VBROADCASTSD(m, x)
	} else {
		e.VMOVDDUP(m, x)
	}
}

func (e *rowEmitter) widened(x reg.VecVirtual) reg.VecVirtual {
	out := e.doubles()
	e.VCVTPS2PD(x, out)
	return out
}

func (e *rowEmitter) narrowed(x reg.VecVirtual) reg.VecVirtual { return e.rounded(x, e.rows) }
