package pass

import (
	"fmt"
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// A rebuild turns polynomials into values of f, each operation once.
type rebuild struct {
	*algebra
	f    *ir.Func
	made map[string]*ir.Value // by operation and operands
	line int
}

// emit appends an operation, its operands widened to their union, unless f has it.
func (r *rebuild) emit(op ir.Op, args ...*ir.Value) *ir.Value {
	var all ir.Axes
	for _, x := range args {
		all |= x.Axes
	}
	wide := make([]*ir.Value, len(args))
	for i, x := range args {
		wide[i] = r.wide(x, all)
	}
	return r.once(ir.Value{Op: op, Args: wide, Axes: all})
}

func (r *rebuild) wide(x *ir.Value, axes ir.Axes) *ir.Value {
	if x.Axes == axes {
		return x
	}
	if x.Op == ir.Widen {
		x = x.Args[0]
	}
	return r.once(ir.Value{Op: ir.Widen, Args: []*ir.Value{x}, Axes: axes})
}

func (r *rebuild) number(c float64) *ir.Value { return r.once(ir.Value{Op: ir.Const, F: c}) }

func (r *rebuild) reduce(op ir.Op, x *ir.Value, over ir.Axes, mask *ir.Value) *ir.Value {
	v := ir.Value{Op: op, Over: over}
	all := x.Axes | over
	if mask != nil {
		all |= mask.Axes
	}
	v.Args = append(v.Args, r.wide(x, all))
	if mask != nil {
		v.Args = append(v.Args, mask)
	}
	v.Axes = all &^ over
	return r.once(v)
}

// once appends v unless f has an equal value.
func (r *rebuild) once(v ir.Value) *ir.Value {
	k := identity(v)
	if old := r.made[k]; old != nil {
		return old
	}
	v.Line = r.line
	r.made[k] = r.f.New(v)
	return r.made[k]
}

func identity(v ir.Value) string {
	k := fmt.Sprintf("%d.%x.%x.%x", v.Op, v.Axes, v.Over, v.F)
	if v.Leaf != nil {
		k += fmt.Sprintf(".%d.%s", v.Leaf.Kind, v.Leaf.Name)
	}
	ids := make([]int, len(v.Args))
	for i, x := range v.Args {
		ids[i] = x.ID
	}
	if ir.Ops[v.Op].Commutes {
		slices.Sort(ids)
	}
	return k + fmt.Sprint(ids)
}

// has reports whether f already multiplies x by y.
func (r *rebuild) has(x, y *ir.Value) bool {
	if y.Axes != x.Axes {
		w := r.made[identity(ir.Value{Op: ir.Widen, Args: []*ir.Value{y}, Axes: x.Axes})]
		if w == nil {
			return false
		}
		y = w
	}
	return r.made[identity(ir.Value{Op: ir.Mul, Args: []*ir.Value{x, y}, Axes: x.Axes})] != nil
}

// atom builds the value of an atom.
func (r *rebuild) atom(n *node) *ir.Value {
	if n.value == nil {
		line := r.line
		r.line = n.line
		n.value = r.build(n)
		r.line = line
		r.name(n.value, single(n, 2))
	}
	return n.value
}

// name gives v the name that the spec gives to p.
func (r *rebuild) name(v *ir.Value, p poly) {
	if s := r.names[p.key()]; s != nil && v.Name == "" && v.Op != ir.Const && v.Op != ir.Widen {
		v.Name, v.Line, v.Atom = s.Name, s.Line, v.Atom || s.Atom
	}
}

func (r *rebuild) build(n *node) *ir.Value {
	switch {
	case n.ind:
		return r.poly(n.args[0])
	case n.op == ir.Invalid:
		return r.poly(n.args[0])
	case n.op == ir.Add:
		return r.add(n)
	case n.op == ir.Sum:
		return r.sum(n)
	case n.op == ir.Count:
		return r.count(n)
	case n.op.Reduces():
		return r.reduction(n)
	case n.op == ir.Const:
		return r.number(n.args[0][0].c)
	case len(n.args) == 0:
		return r.once(ir.Value{Op: n.op, Axes: n.axes, Over: n.over, Leaf: n.leaf})
	}
	return r.emit(n.op, r.each(n.args)...)
}

func (r *rebuild) each(ps []poly) []*ir.Value {
	var out []*ir.Value
	for _, p := range ps {
		out = append(out, r.poly(p))
	}
	return out
}

// add builds a sum that the spec wrote. A deviation subtracts an explicit
// Mean, for [Center] to find.
func (r *rebuild) add(n *node) *ir.Value {
	var v *ir.Value
	p, q := n.args[0], n.args[1]
	switch c := n.centre; {
	case c != nil:
		v = r.emit(ir.Sub, r.poly(c.e), r.meanOf(c))
	case q[0].c < 0:
		v = r.emit(ir.Sub, r.poly(p), r.poly(q.scale(-1)))
	case p[0].c < 0:
		v = r.emit(ir.Sub, r.poly(q), r.poly(p.scale(-1)))
	default:
		v = r.emit(ir.Add, r.poly(p), r.poly(q))
	}
	v.Atom = true
	return v
}

func (r *rebuild) meanOf(c *centre) *ir.Value {
	v := r.reduce(ir.Mean, r.poly(c.e), c.over, r.condition(c.mask))
	return v
}

func (r *rebuild) condition(n *node) *ir.Value {
	if n == nil {
		return nil
	}
	return r.atom(n)
}

func (r *rebuild) count(n *node) *ir.Value {
	v := ir.Value{Op: ir.Count, Over: n.over, Axes: n.axes}
	if len(n.args) > 0 {
		v.Args = []*ir.Value{r.poly(n.args[0])}
	}
	return r.once(v)
}

func (r *rebuild) reduction(n *node) *ir.Value {
	var mask *ir.Value
	if len(n.args) == 2 {
		mask = r.poly(n.args[1])
	}
	return r.reduce(n.op, r.poly(n.args[0]), n.over, mask)
}

// sum builds a sum from an inner sum that is there anyway (R8), or from its
// operand: masks select, they are never multiplied in.
func (r *rebuild) sum(n *node) *ir.Value {
	if inner := r.inner(n); inner != nil {
		return r.reduce(ir.Sum, r.atom(inner), n.over&^inner.over, nil)
	}
	rest := term{c: 1}
	var mask *ir.Value
	for _, f := range n.args[0][0].fs {
		switch {
		case !f.n.ind || !f.n.masky:
			rest.fs = append(rest.fs, f)
		case mask == nil:
			mask = r.atom(f.n)
		default:
			mask = r.emit(ir.And, mask, r.atom(f.n))
		}
	}
	return r.reduce(ir.Sum, r.poly(poly{rest}), n.over, mask)
}

// inner returns the live sum of the same terms over the most of n's axes.
func (r *rebuild) inner(n *node) *node {
	var best *node
	k := n.args[0].key()
	for _, m := range r.list {
		if m.op != ir.Sum || !m.live || m == n || !n.over.Has(m.over) || m.args[0].key() != k {
			continue
		}
		if best == nil || best.axes.Has(m.axes) {
			best = m
		}
	}
	return best
}
