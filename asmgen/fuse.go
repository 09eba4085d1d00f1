package asmgen

import (
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// In fast arithmetic the plan leaves products until the addition that uses them, to be
// done in one instruction.

func product(r *row, v *ir.Value) vec {
	a, dst := r.args(v), r.vector()
	r.VMULPS(a[1].VecVirtual, a[0].VecVirtual, dst)
	return vec{VecVirtual: dst}
}

// addition is the vector form of a sum, difference that of a difference.
func addition(r *row, v *ir.Value) vec {
	if p, other, s := plan.Fused(v, r.loop.Left); p != nil {
		return r.fused(p, other, s)
	}
	a, dst := r.args(v), r.vector()
	r.VADDPS(a[1].VecVirtual, a[0].VecVirtual, dst)
	return vec{VecVirtual: dst}
}

func difference(r *row, v *ir.Value) vec {
	if p, other, s := plan.Fused(v, r.loop.Left); p != nil {
		return r.fused(p, other, s)
	}
	a, dst := r.args(v), r.vector()
	r.VSUBPS(a[1].VecVirtual, a[0].VecVirtual, dst)
	return vec{VecVirtual: dst}
}

// fused computes product and other in one. The instruction overwrites an operand:
// one that nobody needs any more, or a copy.
func (r *row) fused(product, other *ir.Value, s plan.Sign) vec {
	f := r.args(product)
	x, y, z := f[0].VecVirtual, f[1].VecVirtual, r.get(other).VecVirtual
	a, b := plan.Strip(product.Args[0]), plan.Strip(product.Args[1])
	if !r.dies(a) && r.dies(b) {
		x, y, a = y, x, b
	}
	if r.dies(a) && a != b && a != other {
		r.overFactor(s, z, y, x)
		return vec{VecVirtual: x}
	}
	dst := z
	if !r.dies(other) || a == other || b == other {
		dst = r.vector()
		r.VMOVUPS(z, dst)
	}
	r.overTerm(s, y, x, dst)
	return vec{VecVirtual: dst}
}

// overFactor sets x to x*y and z.
func (r *row) overFactor(s plan.Sign, z, y, x reg.VecVirtual) {
	switch s {
	case plan.Plus:
		r.VFMADD213PS(z, y, x)
	case plan.Minus:
		r.VFMSUB213PS(z, y, x)
	case plan.MinusOff:
		r.VFNMADD213PS(z, y, x)
	}
}

// overTerm sets z to x*y and z.
func (r *row) overTerm(s plan.Sign, y, x, z reg.VecVirtual) {
	switch s {
	case plan.Plus:
		r.VFMADD231PS(y, x, z)
	case plan.Minus:
		r.VFMSUB231PS(y, x, z)
	case plan.MinusOff:
		r.VFNMADD231PS(y, x, z)
	}
}

// dies reports whether the register of v has one user, in this vector of this row.
func (r *row) dies(v *ir.Value) bool { return r.users[v] == 1 && r.own[v] }

// users counts who reads each value: values of the body, and results.
func users(l *plan.Loop) map[*ir.Value]int {
	out := map[*ir.Value]int{}
	for _, v := range l.Body {
		for _, a := range v.Args {
			out[plan.Strip(a)]++
		}
	}
	for _, p := range l.Params {
		if p.Kind == plan.StoreParam || p.Kind == plan.AddParam || p.Kind == plan.SumParam {
			out[p.Value]++
		}
	}
	return out
}

// addTo adds v to what rows or elements before it have in acc.
func (r *row) addTo(v *ir.Value, acc reg.VecVirtual) {
	if !r.loop.Left[v] {
		r.VADDPS(r.get(v).VecVirtual, acc, acc)
		return
	}
	r.comment(v)
	f := r.args(v)
	r.VFMADD231PS(f[1].VecVirtual, f[0].VecVirtual, acc)
}

// addLanes adds v to the lanes of a row sum; lanes that are masked out add nothing.
func (r *row) addLanes(v *ir.Value, acc reg.VecVirtual) {
	if !r.loop.Left[v] {
		r.enc.add(r.get(v).VecVirtual, acc, r.masked)
		return
	}
	r.comment(v)
	f := r.args(v)
	if !r.masked {
		r.VFMADD231PS(f[1].VecVirtual, f[0].VecVirtual, acc)
		return
	}
	r.enc.addProduct(f[0].VecVirtual, f[1].VecVirtual, acc)
}
