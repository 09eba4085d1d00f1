package dsl

// Binding powers of a checked expression, for the parentheses that it needs.
var powers = func() map[BinaryOp]int {
	m := map[BinaryOp]int{}
	for _, o := range operators {
		m[o.op] = o.power
	}
	return m
}()

// term turns an expression back into syntax, with the parentheses it needs.
func (w *coreWriter) term(x Expr) Term {
	switch x := x.(type) {
	case *Num:
		if x.Value < 0 {
			return &PrefixTerm{Op: Neg, X: &NumberTerm{Text: numText(-x.Value)}}
		}
		return &NumberTerm{Text: numText(x.Value)}
	case *Ref:
		return &NameTerm{Name: x.Symbol.Name}
	case *Step:
		return &NameTerm{Name: "step"}
	case *Size:
		return w.ofAxis("size", w.ordered(x.Of))
	case *Index:
		return w.ofAxis("index", x.Of)
	case *Unary:
		return w.unary(x)
	case *Binary:
		return w.binary(x)
	case *If:
		return &IfTerm{Cond: w.term(x.Cond), Then: w.term(x.Then), Else: w.term(x.Else)}
	case *Reduce:
		return w.reduce(x)
	}
	return w.call(x.(*Call))
}

func (w *coreWriter) ofAxis(fn string, axes []int) Term {
	name := w.core.axisNames(axes)[0]
	return &CallTerm{Fn: Name{Text: fn}, Args: []Term{&NameTerm{Name: name}}}
}

func (w *coreWriter) unary(x *Unary) Term {
	power := powMinus
	if x.Op == Not {
		power = powNot
	}
	return &PrefixTerm{Op: x.Op, X: w.operand(x.X, power)}
}

// binary prints the operand on the associative side without parentheses when
// it binds as tight as the operator.
func (w *coreWriter) binary(x *Binary) Term {
	power := powers[x.Op]
	left, right := power, power+1
	layout := Spaced
	switch {
	case x.Op == Pow:
		left, right, layout = powPower+1, powMinus, Tight
	case x.Op.compares():
		left = power + 1
	}
	t := &InfixTerm{Op: x.Op, Layout: layout, X: w.operand(x.X, left), Y: w.operand(x.Y, right)}
	if x.Op == Lt && endsInFold(t.X) {
		t.X = &GroupTerm{X: t.X}
	}
	return t
}

// endsInFold recognises a name such as mean in front of "<", which would read
// as a reduction.
func endsInFold(t Term) bool {
	switch t := t.(type) {
	case *NameTerm:
		return t.Name == foldWords[Mean] || t.Name == foldWords[Sum]
	case *InfixTerm:
		return endsInFold(t.Y)
	case *PrefixTerm:
		return endsInFold(t.X)
	}
	return false
}

// operand adds parentheses around what binds weaker than power.
func (w *coreWriter) operand(x Expr, power int) Term {
	t := w.term(x)
	if powerOf(t) < power {
		return &GroupTerm{X: t}
	}
	return t
}

func powerOf(t Term) int {
	switch t := t.(type) {
	case *InfixTerm:
		return powers[t.Op]
	case *PrefixTerm:
		if t.Op == Not {
			return powNot
		}
		return powMinus
	case *IfTerm:
		return powNone
	}
	return powPower + 1
}

func (w *coreWriter) call(x *Call) Term {
	t := &CallTerm{Fn: Name{Text: x.Fn.String()}}
	for _, a := range x.Args {
		t.Args = append(t.Args, w.term(a))
	}
	return t
}

func (w *coreWriter) reduce(x *Reduce) Term {
	t := &FoldTerm{Fn: x.Fn, Over: w.axes(x.Over), X: w.term(x.X)}
	switch {
	case x.Mask != nil:
		t.Mask = &Name{Text: x.Mask.Name}
	case x.All:
		t.Mask = &Name{Text: "all"}
	}
	return t
}
