package dsl

// call checks a function applied to values.
func (s *scope) call(t *CallTerm) value {
	row, ok := functions[t.Fn.Text]
	if !ok {
		s.unknownFunction(t)
		return value{}
	}
	if len(t.Args) != row.args {
		s.errorf(codeArgs, t.Extent(), "%s takes %s, this call has %d", t.Fn.Text, count(row.args, "argument"), len(t.Args))
		return value{}
	}
	switch row.fn {
	case sizeWord, indexWord:
		return s.ofAxis(t, row.fn)
	case Unbiased:
		return s.unbiased(t)
	case Derived:
		return s.derived(t)
	}
	return s.apply(t, row.fn)
}

func (s *scope) apply(t *CallTerm, fn Function) value {
	args := make([]value, len(t.Args))
	x := &Call{Node: Node{Span: t.Span}, Fn: fn}
	for i, a := range t.Args {
		if args[i] = s.number(a); args[i].Expr != nil {
			x.Args = append(x.Args, args[i].Expr)
		}
	}
	if len(x.Args) < len(args) {
		return value{}
	}
	x.Axes = union(args...)
	r := join(args...)
	r.Expr = x
	return r
}

func (s *scope) unknownFunction(t *CallTerm) {
	if s.names[t.Fn.Text] != nil {
		s.errorf(codeFunction, t.Fn.Extent(), "only a function is called, %q is a value", t.Fn.Text).
			help(`write "*" to multiply`)
		return
	}
	d := s.errorf(codeFunction, t.Fn.Extent(), "the functions are built in, %q is not one", t.Fn.Text)
	if t.Fn.Text == foldWords[Mean] || t.Fn.Text == foldWords[Sum] {
		d.help("a reduction names its axes: %s<N>(...)", t.Fn.Text)
	} else if near := nearestOf(t.Fn.Text, functionNames); near != "" {
		d.help("did you mean %q?", near)
	}
}

// ofAxis checks size(C) and index(C).
func (s *scope) ofAxis(t *CallTerm, fn Function) value {
	arg, ok := t.Args[0].(*NameTerm)
	if !ok {
		s.errorf(codeNotAxis, t.Args[0].Extent(), "%s takes the name of an axis, this is not one", t.Fn.Text)
		return value{}
	}
	ref, ok := s.axis(Name{arg.Name, arg.Pos})
	if !ok {
		return value{}
	}
	set := setOf(ref.factors)
	if fn == sizeWord {
		return value{Expr: &Size{Node{t.Span, 0}, set}, uniform: true}
	}
	return value{Expr: &Index{Node{t.Span, set}, ref.factors}}
}

// unbiased checks unbiased(var): only a mean has a count to correct by.
func (s *scope) unbiased(t *CallTerm) value {
	v := s.number(t.Args[0])
	if v.Expr == nil {
		return v
	}
	fold, _ := v.Expr.(*Reduce)
	if ref, ok := v.Expr.(*Ref); ok {
		fold = s.facts[ref.Symbol].fold
	}
	if fold == nil || fold.Fn != Mean {
		s.errorf(codeUnbiased, t.Args[0].Extent(), "unbiased takes a stat that is a mean, because it corrects by the count; this is not one")
		return value{}
	}
	v.Expr = &Call{Node{t.Span, v.AxisSet()}, Unbiased, []Expr{v.Expr}}
	return v
}

// derived checks derived(x), the gradient that normgen would have used.
func (s *scope) derived(t *CallTerm) value {
	if !s.backward {
		s.errorf(codeDerivedPlace, t.Extent(), "derived is used in a backward, this is outside")
		return value{}
	}
	v := s.value(t.Args[0])
	if v.Expr == nil {
		return v
	}
	ref, ok := v.Expr.(*Ref)
	if !ok || ref.Symbol.Bool || !ref.Symbol.hasGradient() {
		s.errorf(codeDerivedArg, t.Args[0].Extent(), "derived takes the name of an input, parameter, let or stat, this is not one")
		return value{}
	}
	return value{Expr: &Call{Node{t.Span, ref.Axes}, Derived, []Expr{ref}}, data: ref.Symbol}
}

func (s *Symbol) hasGradient() bool {
	switch s.Kind {
	case InputSymbol, ParamSymbol, LetSymbol, StatSymbol:
		return true
	}
	return false
}
