package pass

import (
	"fmt"
	"math"

	"github.com/normgen/normgen/gen/ir"
)

// An algebra holds the atoms of one function and the polynomial of each value.
type algebra struct {
	nodes map[string]*node
	list  []*node
	poly  map[*ir.Value]poly
	means map[string][]centre // by the key of the mean: what it is the mean of
	names map[string]*ir.Value
}

func newAlgebra() *algebra {
	return &algebra{nodes: map[string]*node{}, poly: map[*ir.Value]poly{}, means: map[string][]centre{}, names: map[string]*ir.Value{}}
}

// read finds the polynomial of v, whose operands have been read.
func (a *algebra) read(v *ir.Value) {
	first := len(a.list)
	rule := readers[v.Op]
	if rule == nil {
		rule = (*algebra).opaque
	}
	args := make([]poly, len(v.Args))
	for i, x := range v.Args {
		args[i] = a.poly[x]
	}
	p := rule(a, v, args)
	a.poly[v] = p
	for _, n := range a.list[first:] {
		n.line = v.Line
	}
	if k := p.key(); v.Name != "" && a.names[k] == nil {
		a.names[k] = v
	}
}

// intern returns the atom that n describes, numbering it if it is new.
func (a *algebra) intern(n node) *node {
	key := fmt.Sprintf("%d.%x.%x.%t", n.op, n.axes, n.over, n.ind)
	if n.leaf != nil {
		key += fmt.Sprintf(".%d.%s", n.leaf.Kind, n.leaf.Name)
	}
	for _, p := range n.args {
		key += "|" + p.key()
	}
	if old := a.nodes[key]; old != nil {
		return old
	}
	n.id = len(a.list)
	n.cotangent, n.masky = n.flags()
	a.nodes[key] = &n
	a.list = append(a.list, &n)
	return &n
}

func (n *node) flags() (cotangent, masky bool) {
	masky = true
	if n.leaf != nil {
		masky = n.leaf.Kind == ir.MaskLeaf || n.leaf.Kind == ir.KnobLeaf
		return n.leaf.Kind == ir.CotangentLeaf, masky
	}
	for _, p := range n.args {
		for _, t := range p {
			for _, f := range t.fs {
				cotangent = cotangent || f.n.cotangent
				masky = masky && f.n.masky
			}
		}
	}
	return cotangent && !n.op.Reduces(), masky
}

// readers gives an operation its polynomial; an operation without one is an atom.
var readers = [ir.NumOps]func(a *algebra, v *ir.Value, x []poly) poly{
	ir.Const: func(a *algebra, v *ir.Value, x []poly) poly {
		if math.IsNaN(v.F) || math.IsInf(v.F, 0) {
			return single(a.intern(node{op: ir.Const, args: []poly{{{c: v.F}}}}), 2)
		}
		return number(v.F)
	},
	ir.Load:   (*algebra).leaf,
	ir.Step:   (*algebra).leaf,
	ir.Index:  (*algebra).leaf,
	ir.Size:   func(a *algebra, v *ir.Value, x []poly) poly { return a.cardinality(v.Over) },
	ir.Count:  func(a *algebra, v *ir.Value, x []poly) poly { return a.count(v.Over, a.maskOf(x)) },
	ir.Neg:    func(a *algebra, v *ir.Value, x []poly) poly { return x[0].scale(-1) },
	ir.Detach: func(a *algebra, v *ir.Value, x []poly) poly { return x[0] },
	ir.Widen:  func(a *algebra, v *ir.Value, x []poly) poly { return x[0] },
	ir.Add:    (*algebra).add,
	ir.Sub: func(a *algebra, v *ir.Value, x []poly) poly {
		return a.add(v, []poly{x[0], x[1].scale(-1)})
	},
	ir.Mul:    func(a *algebra, v *ir.Value, x []poly) poly { return a.multiply(x[0], x[1]) },
	ir.Div:    func(a *algebra, v *ir.Value, x []poly) poly { return a.multiply(x[0], a.power(x[1], -2)) },
	ir.Sqrt:   func(a *algebra, v *ir.Value, x []poly) poly { return a.power(x[0], 1) },
	ir.Rsqrt:  func(a *algebra, v *ir.Value, x []poly) poly { return a.power(x[0], -1) },
	ir.Pow:    (*algebra).pow,
	ir.Select: (*algebra).choose,

	ir.Sum:        func(a *algebra, v *ir.Value, x []poly) poly { return a.sum(a.masked(x), v.Over) },
	ir.Mean:       (*algebra).mean,
	ir.MomentMean: (*algebra).mean,
	ir.MomentHi:   (*algebra).mean,
	ir.MomentLo:   func(a *algebra, v *ir.Value, x []poly) poly { return nil },
	ir.MomentSS:   (*algebra).squares,
}

func (a *algebra) leaf(v *ir.Value, x []poly) poly {
	return single(a.intern(node{op: v.Op, axes: v.Axes, over: v.Over, leaf: v.Leaf}), 2)
}

// opaque is an atom at the rank of its operands, or a number.
func (a *algebra) opaque(v *ir.Value, x []poly) poly {
	n := node{op: v.Op, over: v.Over, args: x}
	nums := make([]float64, len(x))
	all := true
	for i, p := range x {
		n.axes |= p.axes()
		c, ok := p.constant()
		nums[i], all = c, all && ok
	}
	if fn := ir.Ops[v.Op].Eval; fn != nil && all {
		return number(fn(nums))
	}
	n.axes &^= v.Over
	return single(a.intern(n), 2)
}

// add keeps a sum that the spec wrote as an atom, noting whether it centres.
func (a *algebra) add(v *ir.Value, x []poly) poly {
	p, q := x[0], x[1]
	_, p0 := p.constant()
	_, q0 := q.constant()
	plain := p.plus(q)
	if !v.Atom || len(p) == 0 || len(q) == 0 || len(plain) == 0 || p0 && q0 {
		return plain
	}
	if q.key() < p.key() {
		p, q = q, p
	}
	n := a.intern(node{op: ir.Add, args: []poly{p, q}, axes: p.axes() | q.axes()})
	if n.centre == nil {
		n.centre = a.centreOf(p, q)
	}
	if n.centre == nil {
		n.centre = a.centreOf(q, p)
	}
	return single(n, 2)
}

// centreOf returns what e + m is the deviation of, if m is -mean(e).
func (a *algebra) centreOf(e, m poly) *centre {
	k := e.key()
	for _, c := range a.means[m.scale(-1).key()] {
		if c.e.key() == k {
			return &c
		}
	}
	return nil
}

// widest bounds the terms of a product and highest their degree, in halves;
// beyond them the factors are kept whole. A derived gradient of a layer stays
// far below, a hostile chain of squares does not.
const (
	widest  = 64
	highest = 64
)

func (a *algebra) multiply(p, q poly) poly {
	if len(p)*len(q) > widest || p.degree()+q.degree() > highest {
		p, q = a.box(p), a.box(q)
	}
	return p.times(q)
}

// degree is the largest sum of the powers of a term, in halves.
func (p poly) degree() int {
	most := 0
	for _, t := range p {
		d := 0
		for _, f := range t.fs {
			d += max(f.half, -f.half)
		}
		most = max(most, d)
	}
	return most
}

// box is p as one atom.
func (a *algebra) box(p poly) poly {
	if p.atom() != nil {
		return p
	}
	return single(a.intern(node{args: []poly{p}, axes: p.axes()}), 2)
}

// power raises p to half/2. Only a single atom has a root: sqrt(x^2) is not x.
func (a *algebra) power(p poly, half int) poly {
	if c, ok := p.constant(); ok {
		return number(math.Pow(c, float64(half)/2))
	}
	if len(p) == 1 {
		if t, ok := p[0].power(half); ok {
			return poly{t}
		}
	}
	return a.box(p).power(half)
}

func (p poly) power(half int) poly {
	t, _ := p[0].power(half)
	return poly{t}
}

// pow expands a power that is a constant number of halves.
func (a *algebra) pow(v *ir.Value, x []poly) poly {
	c, ok := x[1].constant()
	half := 2 * c
	if !ok || half != math.Trunc(half) || math.Abs(half) > 16 {
		return a.opaque(v, x)
	}
	if half == 0 {
		return number(1)
	}
	return a.power(x[0], int(half))
}

// choose makes a selection against zero a product with an indicator.
func (a *algebra) choose(v *ir.Value, x []poly) poly {
	if c, ok := x[0].constant(); ok {
		if c != 0 {
			return x[1]
		}
		return x[2]
	}
	switch {
	case x[1].key() == x[2].key():
		return x[1]
	case len(x[2]) == 0:
		return a.multiply(x[1], a.indicator(x[0]))
	case len(x[1]) == 0:
		return a.multiply(x[2], a.indicator(a.not(x[0])))
	}
	return a.opaque(v, x)
}

// not is the opposite of a condition.
func (a *algebra) not(c poly) poly {
	if n := c.atom(); n != nil && n.op == ir.Not {
		return n.args[0]
	}
	return single(a.intern(node{op: ir.Not, args: []poly{c}, axes: c.axes()}), 2)
}

// indicator is 1 where c holds and 0 elsewhere.
func (a *algebra) indicator(c poly) poly {
	if x, ok := c.constant(); ok {
		return number(x)
	}
	n := a.intern(node{op: ir.Select, ind: true, args: []poly{c}, axes: c.axes()})
	if m := c.atom(); n.not == nil && m != nil && m.op == ir.Not {
		n.not = a.indicator(m.args[0])[0].fs[0].n
		n.not.not = n
	}
	return single(n, 2)
}
