package pass

import "github.com/normgen/normgen/gen/ir"

// Sums brings a function to its fewest sums: every value becomes a polynomial
// in atoms, by the rules of this package, and the outputs are built again from
// theirs with the fewest operations on full tensors.
func Sums(f *ir.Func) *ir.Func {
	a := newAlgebra()
	for _, v := range f.Values {
		a.read(v)
	}
	r := rebuild{algebra: a, f: &ir.Func{Name: f.Name}, made: map[string]*ir.Value{}}
	for _, o := range f.Outs {
		r.mark(a.poly[o.Value])
	}
	for _, n := range a.list {
		if n.live && n.op == ir.Sum {
			r.atom(n) // first, so that the outputs may share the products summed
		}
	}
	for _, o := range f.Outs {
		r.line = o.Value.Line
		o.Value = r.wide(r.poly(a.poly[o.Value]), o.Value.Axes)
		r.f.Outs = append(r.f.Outs, o)
	}
	return r.f
}

// mark finds the atoms that the outputs need and those whose reciprocal root
// they need.
func (r *rebuild) mark(p poly) {
	for _, t := range p {
		for _, f := range t.fs {
			f.n.rsqrt = f.n.rsqrt || f.half < 0 && f.half%2 != 0
			if !f.n.live {
				f.n.live = true
				for _, q := range f.n.args {
					r.mark(q)
				}
			}
		}
	}
}
