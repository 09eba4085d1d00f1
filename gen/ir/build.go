package ir

// The builder. Elementwise operands must vary over equal axes; these methods
// insert the Widen that makes them equal, so broadcasting is explicit in the
// function though not at the call.

// New appends v with the next ID.
func (f *Func) New(v Value) *Value {
	w := v
	w.ID = len(f.Values)
	f.Values = append(f.Values, &w)
	return &w
}

// Apply appends the elementwise operation op, its operands widened to their union.
func (f *Func) Apply(op Op, args ...*Value) *Value {
	var all Axes
	for _, a := range args {
		all |= a.Axes
	}
	wide := make([]*Value, len(args))
	for i, a := range args {
		wide[i] = f.Widen(a, all)
	}
	return f.New(Value{Op: op, Args: wide, Axes: all})
}

// Reduce appends a reduction of a over the axes over, of those elements where
// mask holds. The mask may be nil, and may vary over fewer axes than a: it is
// read, not computed with, so it needs no Widen.
func (f *Func) Reduce(op Op, a *Value, over Axes, mask *Value) *Value {
	if mask == nil {
		a = f.Widen(a, a.Axes|over)
		return f.New(Value{Op: op, Args: []*Value{a}, Axes: a.Axes &^ over, Over: over})
	}
	a = f.Widen(a, a.Axes|over|mask.Axes)
	return f.New(Value{Op: op, Args: []*Value{a, mask}, Axes: a.Axes &^ over, Over: over})
}

// Widen repeats a over axes; a itself if it already varies over them.
func (f *Func) Widen(a *Value, axes Axes) *Value {
	if a.Axes == axes {
		return a
	}
	if a.Op == Widen {
		return f.Widen(a.Args[0], axes)
	}
	return f.New(Value{Op: Widen, Args: []*Value{a}, Axes: axes})
}

// Sum sums a over the axes over; a itself if there are none.
func (f *Func) Sum(a *Value, over Axes, mask *Value) *Value {
	if over == 0 && mask == nil {
		return a
	}
	return f.Reduce(Sum, a, over, mask)
}

// Count is the number of elements of the domain over, at least 1.
func (f *Func) Count(over Axes, mask *Value) *Value {
	if mask == nil {
		return f.New(Value{Op: Count, Over: over})
	}
	return f.New(Value{Op: Count, Args: []*Value{mask}, Over: over, Axes: mask.Axes &^ over})
}

// Load reads a leaf.
func (f *Func) Load(l *Leaf) *Value {
	return f.New(Value{Op: Load, Leaf: l, Axes: l.Axes(), Name: l.Name})
}

// Const is the number c.
func (f *Func) Const(c float64) *Value { return f.New(Value{Op: Const, F: c}) }

// Step is the number of commits plus one.
func (f *Func) Step() *Value { return f.New(Value{Op: Step}) }

// Size is the product of the sizes of the axes of.
func (f *Func) Size(of Axes) *Value { return f.New(Value{Op: Size, Over: of}) }

// Index is the position along the axes of.
func (f *Func) Index(of Axes) *Value { return f.New(Value{Op: Index, Over: of, Axes: of}) }

func (f *Func) Mean(a *Value, over Axes, mask *Value) *Value  { return f.Reduce(Mean, a, over, mask) }
func (f *Func) MaxOf(a *Value, over Axes, mask *Value) *Value { return f.Reduce(MaxOf, a, over, mask) }

func (f *Func) Neg(a *Value) *Value          { return f.Apply(Neg, a) }
func (f *Func) Add(a, b *Value) *Value       { return f.Apply(Add, a, b) }
func (f *Func) Sub(a, b *Value) *Value       { return f.Apply(Sub, a, b) }
func (f *Func) Mul(a, b *Value) *Value       { return f.Apply(Mul, a, b) }
func (f *Func) Div(a, b *Value) *Value       { return f.Apply(Div, a, b) }
func (f *Func) Pow(a, b *Value) *Value       { return f.Apply(Pow, a, b) }
func (f *Func) Sqrt(a *Value) *Value         { return f.Apply(Sqrt, a) }
func (f *Func) Rsqrt(a *Value) *Value        { return f.Apply(Rsqrt, a) }
func (f *Func) Exp(a *Value) *Value          { return f.Apply(Exp, a) }
func (f *Func) Floor(a *Value) *Value        { return f.Apply(Floor, a) }
func (f *Func) Less(a, b *Value) *Value      { return f.Apply(Less, a, b) }
func (f *Func) LessEq(a, b *Value) *Value    { return f.Apply(LessEq, a, b) }
func (f *Func) Equal(a, b *Value) *Value     { return f.Apply(Equal, a, b) }
func (f *Func) And(a, b *Value) *Value       { return f.Apply(And, a, b) }
func (f *Func) Or(a, b *Value) *Value        { return f.Apply(Or, a, b) }
func (f *Func) Not(a *Value) *Value          { return f.Apply(Not, a) }
func (f *Func) Select(c, a, b *Value) *Value { return f.Apply(Select, c, a, b) }

// Out adds a result.
func (f *Func) Out(kind OutKind, name string, v *Value, leaf *Leaf) {
	f.Outs = append(f.Outs, Out{Kind: kind, Name: name, Value: v, Leaf: leaf})
}

// Mask returns the mask of a reduction or count, or nil.
func (v *Value) Mask() *Value {
	switch {
	case v.Op == Count && len(v.Args) == 1:
		return v.Args[0]
	case v.Op.Reduces() && len(v.Args) == 2:
		return v.Args[1]
	}
	return nil
}

// Clone returns a copy of f that shares only leaves.
func (f *Func) Clone() *Func {
	g, _ := f.Copy()
	return g
}

// Copy returns a clone of f and its values in f's order.
func (f *Func) Copy() (*Func, map[*Value]*Value) {
	g := &Func{Name: f.Name}
	m := make(map[*Value]*Value, len(f.Values))
	for _, v := range f.Values {
		w := *v
		w.Args = make([]*Value, len(v.Args))
		for i, a := range v.Args {
			w.Args[i] = m[a]
		}
		m[v] = g.New(w)
	}
	for _, o := range f.Outs {
		o.Value = m[o.Value]
		g.Outs = append(g.Outs, o)
	}
	return g, m
}
