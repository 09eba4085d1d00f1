package dsl

// backwardItem checks a declared backward. Its cotangents stand for the
// gradients of the outputs, in order.
func (m *modeCheck) backwardItem(it *BackwardItem) {
	m.mode.Backward = &Backward{Pos: it.Pos, Approximate: it.Approximate}
	m.backward = true
	m.writes = map[*Symbol]Span{}
	m.cotangents(it)
	m.items(it.Body.Items)
	m.targets()
}

func (m *modeCheck) cotangents(it *BackwardItem) {
	if len(it.Cotangents) != len(m.outList) && !m.lost {
		m.errorf(codeCotangents, it.Cotangents[0].Extent(), "a backward names the gradient of each output, mode %s has %s and this names %d",
			m.mode.Name, count(len(m.outList), "output"), len(it.Cotangents))
	}
	for i, n := range it.Cotangents {
		s := &Symbol{Kind: CotangentSymbol, Name: n.Text, Pos: n.Pos}
		f := &fact{bad: i >= len(m.outList)}
		if !f.bad {
			s.Set, s.Axes = m.outList[i].Set, m.outList[i].Axes
		}
		if m.define(&Binding{Name: n}, s, f) {
			m.mode.Backward.Cotangents = append(m.mode.Backward.Cotangents, s)
		}
	}
}

// grad checks a declared gradient; targets looks at all of them together.
func (m *modeCheck) grad(b *Binding) {
	v := m.number(b.Init)
	s := m.names[b.Name.Text]
	if s == nil {
		m.lookup(&NameTerm{b.Name.Extent(), b.Name.Text})
		return
	}
	if m.facts[s].bad {
		return
	}
	if !s.hasGradient() || s.Bool || m.facts[s].backward {
		m.errorf(codeGradTarget, b.Name.Extent(), "a gradient is that of an input, a parameter, or a let or stat of the forward, %q is not one", s.Name).
			note(Name{s.Name, s.Pos}.Extent(), "declared here")
		return
	}
	if !m.once(b, s, codeGradTwice, "a gradient is declared once, that of %q is declared twice") || v.Expr == nil {
		return
	}
	if v.AxisSet() != s.Set {
		m.errorf(codeGradAxes, b.Init.Extent(), "a gradient has the axes of its target, %q has %s and this has %s", s.Name, m.axesText(s.Set), m.axesText(v.AxisSet())).
			note(Name{s.Name, s.Pos}.Extent(), "declared here")
		return
	}
	m.emit(GradEquation, s, v.Expr, b.Pos)
}

// targets checks where the declared gradients stand. A gradient that reaches
// no output would be ignored. And one of an intermediate replaces everything
// that flows through it, so what it was computed from must not also reach an
// output around it: the two parts would be an approximation of nothing.
func (m *modeCheck) targets() {
	flow := m.flow()
	for _, e := range m.mode.Backward.Equations {
		if e.Kind != GradEquation {
			continue
		}
		at := m.writes[e.Symbol]
		if !flow.used[e.Symbol] {
			m.errorf(codeGradUnused, at, "a declared gradient belongs to a value that an output needs, no output of mode %s needs %q", m.mode.Name, e.Symbol.Name).
				note(Name{e.Symbol.Name, e.Symbol.Pos}.Extent(), "defined here")
		} else if p := flow.around[e.Symbol]; p != nil {
			m.errorf(codeGradAround, at, "a gradient is declared on a value that all paths go through, but %q also reaches an output around %q", p.Name, e.Symbol.Name).
				note(Name{p.Name, p.Pos}.Extent(), "declared here").
				help("declare the gradient of %q instead", p.Name)
		}
	}
}

// A flowMap says how gradients flow back from the outputs of a mode.
type flowMap struct {
	used   map[*Symbol]bool    // some output reads it, directly or not
	free   map[*Symbol]bool    // reached without passing a declared gradient
	around map[*Symbol]*Symbol // an input or parameter below it that is also free
}

// flow walks the forward backwards once for use and freedom, then forwards once
// for what each value rests on, so its cost is that of reading the mode.
func (m *modeCheck) flow() flowMap {
	f := flowMap{map[*Symbol]bool{}, map[*Symbol]bool{}, map[*Symbol]*Symbol{}}
	eqs := m.mode.Forward
	for i := len(eqs) - 1; i >= 0; i-- {
		e := eqs[i]
		out := e.Kind == OutEquation
		_, declared := m.writes[e.Symbol]
		if out || f.used[e.Symbol] && e.Kind != UpdateEquation {
			reads(e.X, true, func(s *Symbol) { f.used[s] = true })
		}
		if out || f.free[e.Symbol] && !declared {
			reads(e.X, false, func(s *Symbol) { f.free[s] = true })
		}
	}
	for _, e := range eqs {
		if e.Kind == LetEquation || e.Kind == StatEquation {
			m.rests(&f, e)
		}
	}
	return f
}

// rests finds an input or parameter under e.Symbol that is free.
func (m *modeCheck) rests(f *flowMap, e *Equation) {
	reads(e.X, false, func(s *Symbol) {
		_, declared := m.writes[s]
		switch {
		case f.around[e.Symbol] != nil:
		case f.around[s] != nil:
			f.around[e.Symbol] = f.around[s]
		case (s.Kind == InputSymbol || s.Kind == ParamSymbol) && f.free[s] && !declared:
			f.around[e.Symbol] = s
		}
	})
}

// reads calls fn for the symbols that x reads; without all, only for those
// that a gradient flows to.
func reads(x Expr, all bool, fn func(*Symbol)) {
	switch x := x.(type) {
	case *Ref:
		fn(x.Symbol)
	case *Unary:
		reads(x.X, all, fn)
	case *Binary:
		if all || !x.Op.compares() && !x.Op.joins() {
			reads(x.X, all, fn)
			reads(x.Y, all, fn)
		}
	case *Call:
		if all || x.Fn != Detach && x.Fn != Floor {
			for _, a := range x.Args {
				reads(a, all, fn)
			}
		}
	case *If:
		if all {
			reads(x.Cond, all, fn)
		}
		reads(x.Then, all, fn)
		reads(x.Else, all, fn)
	case *Reduce:
		if all && x.Mask != nil {
			fn(x.Mask)
		}
		reads(x.X, all, fn)
	}
}
