package dsl

// The constructors below make terms for expansions, at the place of a name in
// the source.

func number(at Name, text string) Term        { return &NumberTerm{at.Extent(), text} }
func name(at Name, text string) Term          { return &NameTerm{at.Extent(), text} }
func square(at Name, text string) Term        { return infix(Pow, name(at, text), number(at, "2")) }
func call(at Name, fn string, a ...Term) Term { return &CallTerm{at.Extent(), Name{fn, at.Pos}, a} }

// infix lies at x if its operands come from different places in the wrong order.
func infix(op BinaryOp, x, y Term) Term {
	s := Span{x.Extent().Pos, y.Extent().End}
	if s.End.Before(s.Pos) {
		s = x.Extent()
	}
	return &InfixTerm{s, op, Spaced, x, y}
}

func equation(kind EquationKind, at Name, to string, x Term) *Equations {
	b := &Binding{Span: at.Extent(), Name: Name{to, at.Pos}, Init: x, auto: true}
	return &Equations{ItemNode{Span: at.Extent()}, kind, []*Binding{b}}
}

// mentions reports whether a term reads the name.
func mentions(t Term, text string) bool {
	found := false
	replace(t, func(n *NameTerm) Term {
		found = found || n.Name == text
		return n
	})
	return found
}

// replace copies a term with its names replaced.
func replace(t Term, f func(*NameTerm) Term) Term {
	switch t := t.(type) {
	case *NameTerm:
		return f(t)
	case *GroupTerm:
		return &GroupTerm{t.Span, replace(t.X, f)}
	case *PrefixTerm:
		return &PrefixTerm{t.Span, t.Op, replace(t.X, f)}
	case *InfixTerm:
		return &InfixTerm{t.Span, t.Op, t.Layout, replace(t.X, f), replace(t.Y, f)}
	case *CallTerm:
		args := make([]Term, len(t.Args))
		for i, a := range t.Args {
			args[i] = replace(a, f)
		}
		return &CallTerm{t.Span, t.Fn, args}
	case *FoldTerm:
		c := *t
		c.X = replace(t.X, f)
		return &c
	case *IfTerm:
		c := *t
		c.Cond, c.Then, c.Else = replace(t.Cond, f), replace(t.Then, f), replace(t.Else, f)
		return &c
	}
	return t
}
