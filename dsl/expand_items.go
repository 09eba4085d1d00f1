package dsl

// parameters declares those of the affine clause.
func (e *expansion) parameters() {
	if e.affine == nil {
		return
	}
	d := &Declare{ItemNode: ItemNode{Span: e.affine.Span}, Kind: ParamSymbol}
	for _, s := range e.affine.Steps {
		d.Bindings = append(d.Bindings, s.Param)
	}
	e.out = append(e.out, d)
}

// states declares the running values: a mean starts at 0, a power at 1.
func (e *expansion) states() {
	if e.running == nil {
		return
	}
	d := &Declare{ItemNode: ItemNode{Span: e.running.Span}, Kind: StateSymbol}
	for _, s := range e.running.Stats {
		b := &Binding{Span: s.Name.Extent(), Name: runningName(s.Name), left: e.reduce, auto: true}
		if b.Init = number(s.Name, "0"); s.Name.Text != "mean" {
			b.Init = number(s.Name, "1")
			b.Where = infix(Ge, name(s.Name, b.Name.Text), number(s.Name, "0"))
		}
		d.Bindings = append(d.Bindings, b)
	}
	e.out = append(e.out, d)
}

func runningName(n Name) Name { return Name{"running_" + n.Text, n.Pos} }

// statistics defines the statistics in the order in which they build on each
// other.
func (e *expansion) statistics() {
	x := e.input.Text
	if e.has("mean") {
		e.statistic("mean", e.anchor(), func(at Name) Term { return name(at, x) })
		at := Name{"xc", e.anchor().Extent().Pos}
		e.out = append(e.out, equation(LetEquation, at, "xc", infix(Sub, name(at, x), name(at, "mean"))))
	}
	if e.has("var") {
		e.statistic("var", e.scale, func(at Name) Term { return square(at, "xc") })
	}
	if e.has("ms") {
		e.statistic("ms", e.scale, func(at Name) Term { return square(at, e.value()) })
	}
	if e.has("ss") {
		e.statistic("ss", e.scale, func(at Name) Term { return square(at, e.value()) })
	}
}

// value names what is scaled.
func (e *expansion) value() string {
	if e.mean {
		return "xc"
	}
	return e.input.Text
}

// anchor is the clause that asks for the mean.
func (e *expansion) anchor() Item {
	if e.mean {
		return e.shift
	}
	return e.scale
}

// statistic defines one. With a running value, training computes the statistic
// and moves the value, and eval takes the value in its place.
func (e *expansion) statistic(stat string, from Item, operand func(Name) Term) {
	at := Name{stat, from.Extent().Pos}
	fold := &FoldTerm{Span: from.Extent(), Over: e.reduce.Axes, X: operand(at), clause: true}
	if stat == "ss" {
		fold.Fn = Sum
	}
	def := equation(StatEquation, at, stat, fold)
	def.Bindings[0].left = e.reduce
	s := e.runs(stat)
	if s == nil {
		e.out = append(e.out, def)
		return
	}
	e.out = append(e.out,
		e.inMode("train", s.Name, def, e.move(s, at)),
		e.inMode("eval", s.Name, equation(LetEquation, at, stat, name(at, "running_"+stat))))
}

// move updates a running value.
func (e *expansion) move(s *RunningStat, at Name) *Equations {
	state := runningName(s.Name)
	var next Term = name(s.Name, s.Name.Text)
	if s.Unbiased {
		next = call(s.Name, "unbiased", next)
	}
	rate := e.running.Rate
	if rate == nil {
		rate = infix(Div, number(s.Name, "1"), name(s.Name, "step"))
	}
	return equation(UpdateEquation, s.Name, state.Text, call(s.Name, "ema", name(s.Name, state.Text), next, rate))
}

func (e *expansion) inMode(mode string, at Name, items ...*Equations) Item {
	m := &ModeItem{ItemNode: ItemNode{Span: at.Extent()}, Name: Name{mode, at.Pos}}
	for _, it := range items {
		m.Body.Items = append(m.Body.Items, it)
	}
	return m
}

// output defines y: the shifted value, scaled, then through the affine steps.
func (e *expansion) output() {
	at := Name{"y", e.lastClause().Extent().Pos}
	var y Term = name(at, e.value())
	if e.scale != nil {
		y = scaled(y, e.named(e.scale.X))
	}
	if e.affine != nil {
		for _, s := range e.affine.Steps {
			y = step(y, s)
		}
	}
	e.out = append(e.out, equation(OutEquation, at, "y", y))
}

func (e *expansion) lastClause() Item {
	switch {
	case e.affine != nil:
		return e.affine
	case e.scale != nil:
		return e.scale
	case e.shift != nil:
		return e.shift
	case e.running != nil:
		return e.running
	}
	return e.reduce
}

// scaled divides by s; a square root becomes one rsqrt.
func scaled(y, s Term) Term {
	if c, ok := s.(*CallTerm); ok && c.Fn.Text == "sqrt" && len(c.Args) == 1 {
		inverse := &CallTerm{c.Span, Name{"rsqrt", c.Fn.Pos}, c.Args}
		return infix(Mul, y, inverse)
	}
	return infix(Div, y, s)
}

func step(y Term, s *AffineStep) Term {
	var p Term = name(s.Param.Name, s.Param.Name.Text)
	if s.Bias != nil {
		p = infix(Add, s.Bias, p)
	}
	if s.Add {
		return infix(Add, y, p)
	}
	return infix(Mul, y, p)
}

// named replaces std and norm by what they stand for.
func (e *expansion) named(t Term) Term {
	return replace(t, func(n *NameTerm) Term {
		at := Name{n.Name, n.Pos}
		switch n.Name {
		case "std":
			return call(at, "sqrt", name(at, "var"))
		case "norm":
			return call(at, "sqrt", name(at, "ss"))
		}
		return n
	})
}
