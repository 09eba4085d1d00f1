package interval

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
)

// divergence notes an update s := c*s + ... whose factor may be greater than
// one in magnitude.
func divergence(l *ir.Layer, m *ir.Mode, u *ir.Update, format Format) []Finding {
	f, v := inline(m, u)
	r := &recursion{f: f, state: u.State, factor: map[*ir.Value]*ir.Value{}}
	r.solve()
	c := r.factor[v]
	if r.curved[v] || c == nil {
		return nil
	}
	a := Analyze(l, f, format, nil)
	i := a.Of(c)
	if i.magnitude() <= 1 {
		return nil
	}
	msg := fmt.Sprintf("a recursion contracts, %s is multiplied by %s, which %s", u.State.Name, a.text(c), i.bounds())
	help := fmt.Sprintf("it contracts in the steps where |%s| < 1", a.text(c))
	return []Finding{{Diverge, strip(u.Func.Outs[0].Value).Span, msg, help, true}}
}

// inline returns a copy of the pass of m that u belongs to with u's own values
// after it, its statistics replaced by what computes them, and u's result.
func inline(m *ir.Mode, u *ir.Update) (*ir.Func, *ir.Value) {
	pass := m.Forward
	if u.Phase == ir.BackwardPhase {
		pass = m.Backward
	}
	f, copied := pass.Copy()
	to := map[*ir.Value]*ir.Value{}
	for _, v := range u.Func.Values {
		if s := statOf(u, v); s != nil {
			to[v] = copied[pass.Values[s.Value.ID]] // a backward repeats its forward's values
			continue
		}
		w := *v
		w.Args = make([]*ir.Value, len(v.Args))
		for i, a := range v.Args {
			w.Args[i] = to[a]
		}
		to[v] = f.New(w)
	}
	return f, to[u.Func.Outs[0].Value]
}

func statOf(u *ir.Update, v *ir.Value) *ir.Stat {
	for _, s := range u.Stats {
		if v.Op == ir.Load && v.Leaf.Kind == ir.StatLeaf && v.Leaf.Name == s.Name {
			return s
		}
	}
	return nil
}

// A recursion finds what a state is multiplied by in the values of f.
type recursion struct {
	f      *ir.Func
	state  *ir.Leaf
	factor map[*ir.Value]*ir.Value // nil for what does not depend on the state
	curved map[*ir.Value]bool      // depends on the state, but not as factor*state + rest
}

func (r *recursion) solve() {
	r.curved = map[*ir.Value]bool{}
	for _, v := range r.f.Values[:len(r.f.Values):len(r.f.Values)] {
		if c := r.of(v); c != nil {
			r.factor[v] = c
			continue
		}
		for _, a := range v.Args {
			r.curved[v] = r.curved[v] || r.curved[a] || r.factor[a] != nil
		}
	}
}

// of returns the factor of the state in v, or nil.
func (r *recursion) of(v *ir.Value) *ir.Value {
	for _, a := range v.Args {
		if r.curved[a] {
			return nil
		}
	}
	c := make([]*ir.Value, 3)
	for i, a := range v.Args {
		c[i] = r.factor[a]
	}
	switch {
	case v.Op == ir.Load && v.Leaf == r.state:
		return r.f.Const(1)
	case c[0] == nil && c[1] == nil && c[2] == nil:
		return nil
	case v.Op == ir.Widen, v.Op == ir.Detach:
		return c[0]
	case v.Op == ir.Neg:
		return r.neg(c[0])
	case v.Op == ir.Add:
		return r.sum(c[0], c[1])
	case v.Op == ir.Sub && c[1] == nil:
		return c[0]
	case v.Op == ir.Sub:
		return r.sum(c[0], r.neg(c[1]))
	case v.Op == ir.Mul && c[1] == nil:
		return r.times(c[0], v.Args[1])
	case v.Op == ir.Mul && c[0] == nil:
		return r.times(c[1], v.Args[0])
	case v.Op == ir.Div && c[1] == nil:
		return r.f.Div(c[0], v.Args[1])
	case v.Op == ir.Select && c[0] == nil:
		return r.f.Select(v.Args[0], r.orZero(c[1]), r.orZero(c[2]))
	case (v.Op == ir.Mean || v.Op == ir.Sum) && c[1] == nil:
		return r.reduce(v, c[0])
	}
	return nil
}

func (r *recursion) orZero(c *ir.Value) *ir.Value {
	if c == nil {
		return r.f.Const(0)
	}
	return c
}

func (r *recursion) neg(c *ir.Value) *ir.Value {
	if c.Op == ir.Const {
		return r.f.Const(-c.F)
	}
	return r.f.Neg(c)
}

func (r *recursion) sum(c, d *ir.Value) *ir.Value {
	switch {
	case c == nil:
		return d
	case d == nil:
		return c
	case d.Op == ir.Neg:
		return r.f.Sub(c, d.Args[0])
	}
	return r.f.Add(c, d)
}

// reduce is the reduction v of the factor c, a minus in front.
func (r *recursion) reduce(v, c *ir.Value) *ir.Value {
	if c.Op == ir.Neg {
		return r.f.Neg(r.reduce(v, c.Args[0]))
	}
	return r.f.Reduce(v.Op, r.f.Widen(c, v.Args[0].Axes|c.Axes), v.Over, v.Mask())
}

// times leaves out a factor of one, keeps a minus in front and squares whole.
func (r *recursion) times(c, v *ir.Value) *ir.Value {
	switch {
	case c.Op == ir.Const && c.F == 1:
		return strip(v)
	case c.Op == ir.Neg:
		return r.f.Neg(r.times(c.Args[0], v))
	case c.Op == ir.Mul && strip(c.Args[1]) == strip(v):
		return r.f.Mul(c.Args[0], r.f.Mul(strip(v), strip(v)))
	}
	return r.f.Mul(c, v)
}
