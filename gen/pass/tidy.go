package pass

import "github.com/normgen/normgen/gen/ir"

// DCE drops the values that no output needs.
func DCE(f *ir.Func) *ir.Func {
	live := map[*ir.Value]bool{}
	for _, o := range f.Outs {
		live[o.Value] = true
	}
	for i := len(f.Values) - 1; i >= 0; i-- {
		if v := f.Values[i]; live[v] {
			for _, a := range v.Args {
				live[a] = true
			}
		}
	}
	g := &ir.Func{Name: f.Name, Outs: f.Outs}
	for _, v := range f.Values {
		if live[v] {
			v.ID = len(g.Values)
			g.Values = append(g.Values, v)
		}
	}
	return g
}

// CSE computes structurally equal values once, under the first name.
func CSE(f *ir.Func) *ir.Func {
	h := ir.NewHasher()
	first := map[int]*ir.Value{}
	return rewrite(f, func(g *ir.Func, v *ir.Value, args []*ir.Value) *ir.Value {
		n := h.Number(v)
		if w := first[n]; w != nil {
			w.Atom = w.Atom || v.Atom
			return w
		}
		c := *v
		c.Args = args
		first[n] = g.New(c)
		return first[n]
	})
}

// Fold evaluates operations on constants and drops those that do nothing.
func Fold(f *ir.Func) *ir.Func { return rewrite(f, fold) }

func fold(g *ir.Func, v *ir.Value, args []*ir.Value) *ir.Value {
	if fn := ir.Ops[v.Op].Eval; fn != nil && len(args) > 0 {
		if x, ok := constants(args); ok {
			return g.Widen(g.Const(fn(x)), v.Axes)
		}
	}
	if v.Op == ir.Widen {
		return g.Widen(args[0], v.Axes)
	}
	if v.Op.Reduces() && (len(args) == 1 || is(args[1], 1)) {
		return unmasked(g, v, args[0])
	}
	if v.Op == ir.Count && len(args) == 1 && is(args[0], 1) {
		return g.Widen(g.Count(v.Over, nil), v.Axes)
	}
	if rule := folds[v.Op]; rule != nil {
		return rule(args)
	}
	return nil
}

// unmasked is the reduction v of all of a. If a repeats one value along the axes of v, no
// reduction is left: back ends reduce what varies.
func unmasked(g *ir.Func, v, a *ir.Value) *ir.Value {
	x := a
	if a.Op == ir.Widen {
		x = a.Args[0]
	}
	switch {
	case x.Axes&v.Over != 0 && v.Mask() == nil:
		return nil
	case x.Axes&v.Over != 0:
		return g.Reduce(v.Op, a, v.Over, nil)
	case v.Op == ir.Sum:
		x = g.Mul(x, g.Widen(g.Size(v.Over), x.Axes))
	case v.Op == ir.MomentLo, v.Op == ir.MomentSS:
		x = g.Const(0)
	}
	return g.Widen(x, v.Axes)
}

// folds are the identities of single operations; nil means that none applies.
var folds = [ir.NumOps]func(a []*ir.Value) *ir.Value{
	ir.Add: func(a []*ir.Value) *ir.Value { return either(is(a[0], 0), a[1], either(is(a[1], 0), a[0], nil)) },
	ir.Sub: func(a []*ir.Value) *ir.Value { return either(is(a[1], 0), a[0], nil) },
	ir.Mul: func(a []*ir.Value) *ir.Value { return either(is(a[0], 1), a[1], either(is(a[1], 1), a[0], nil)) },
	ir.Div: func(a []*ir.Value) *ir.Value { return either(is(a[1], 1), a[0], nil) },
	ir.Pow: func(a []*ir.Value) *ir.Value { return either(is(a[1], 1), a[0], nil) },
	ir.And: func(a []*ir.Value) *ir.Value {
		return either(is(a[0], 0) || is(a[1], 1), a[0], either(is(a[1], 0) || is(a[0], 1), a[1], nil))
	},
	ir.Or: func(a []*ir.Value) *ir.Value {
		return either(is(a[0], 1) || is(a[1], 0), a[0], either(is(a[1], 1) || is(a[0], 0), a[1], nil))
	},
	ir.Select: func(a []*ir.Value) *ir.Value {
		if c, ok := constant(a[0]); ok {
			return either(c != 0, a[1], a[2])
		}
		return either(a[1] == a[2], a[1], nil)
	},
}

func either(c bool, a, b *ir.Value) *ir.Value {
	if c {
		return a
	}
	return b
}

// constant returns the number that v is, however wide.
func constant(v *ir.Value) (float64, bool) {
	if v.Op == ir.Widen {
		v = v.Args[0]
	}
	return v.F, v.Op == ir.Const
}

func is(v *ir.Value, c float64) bool {
	x, ok := constant(v)
	return ok && x == c
}

func constants(args []*ir.Value) ([]float64, bool) {
	x := make([]float64, len(args))
	for i, a := range args {
		var ok bool
		if x[i], ok = constant(a); !ok {
			return nil, false
		}
	}
	return x, true
}
