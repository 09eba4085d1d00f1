package dsl

// A modeCheck walks the items that one mode sees: the common ones and its own,
// in source order, then its backward. A backward runs after the whole forward,
// so it may read what is defined below it.
type modeCheck struct {
	scope
	mode    *Mode
	outs    map[string]bool
	outList []*Symbol
	back    *BackwardItem
	writes  map[*Symbol]Span // updates or gradients of this phase
	lost    bool             // an output was reported, do not count them
}

func newModeCheck(c *normCheck, name string) *modeCheck {
	m := &modeCheck{mode: &Mode{Name: name}, outs: map[string]bool{}, writes: map[*Symbol]Span{}}
	m.scope = scope{normCheck: c, names: map[string]*Symbol{}, facts: map[*Symbol]*fact{}, mode: name}
	for _, b := range c.norm.Knobs {
		if k := c.symbols[b]; k != nil {
			m.add(k, b, &fact{uniform: true})
		}
	}
	return m
}

func (m *modeCheck) run() {
	m.items(m.normCheck.items)
	if m.back != nil {
		m.backwardItem(m.back)
	}
}

func (m *modeCheck) items(items []Item) {
	for _, it := range items {
		switch it := it.(type) {
		case *Declare:
			m.declared(it)
		case *Equations:
			m.equations(it)
		case *RequireItem:
			m.require(it)
		case *ModeItem:
			if it.Name.Text == m.mode.Name {
				m.items(it.Body.Items)
			}
		case *BackwardItem:
			m.oneBackward(it)
		}
	}
}

// require checks conditions that must hold before a pass of the mode.
func (m *modeCheck) require(it *RequireItem) {
	for _, b := range it.Conds {
		s := m.constants("a requirement")
		if v := s.condition(b.Init); v.Expr != nil {
			m.mode.Requires = append(m.mode.Requires, v.Expr)
		}
	}
}

func (m *modeCheck) oneBackward(it *BackwardItem) {
	if m.back != nil {
		m.errorf(codeBackwardTwice, head(it, "backward"), "a mode has one backward, mode %s has two", m.mode.Name).
			note(head(m.back, "backward"), "the first one")
		return
	}
	m.back = it
}

// declared makes a declaration visible from here on.
func (m *modeCheck) declared(it *Declare) {
	for _, b := range it.Bindings {
		sym := m.symbols[b]
		if sym == nil {
			continue
		}
		if old := m.names[sym.Name]; old != nil {
			m.twice(b.Name, old.Pos)
			continue
		}
		m.add(sym, b, &fact{})
	}
}

func (m *modeCheck) equations(it *Equations) {
	if m.misplacedHere(it.Kind) {
		return
	}
	for _, b := range it.Bindings {
		switch it.Kind {
		case LetEquation:
			m.let(b)
		case StatEquation:
			m.stat(b)
		case OutEquation:
			m.out(b)
		case UpdateEquation:
			m.update(b)
		case GradEquation:
			m.grad(b)
		}
	}
}

// misplacedHere reports equations that place has reported already.
func (m *modeCheck) misplacedHere(k EquationKind) bool {
	switch k {
	case OutEquation:
		return m.backward
	case GradEquation:
		return !m.backward
	case UpdateEquation:
		return m.mode.Name != modeNames[0]
	}
	return false
}

// emit appends an equation to the phase that is checked.
func (m *modeCheck) emit(kind EquationKind, s *Symbol, x Expr, p Pos) {
	e := &Equation{kind, s, x, p}
	if m.backward {
		m.mode.Backward.Equations = append(m.mode.Backward.Equations, e)
		return
	}
	m.mode.Forward = append(m.mode.Forward, e)
}

// define makes a new name visible; a bad definition too, so that its uses are
// not reported as well.
func (m *modeCheck) define(b *Binding, s *Symbol, f *fact) bool {
	m.spelling(b.Name, s.Kind.article(), s.Kind == OutputSymbol)
	if old := m.names[s.Name]; old != nil {
		m.twice(b.Name, old.Pos)
		return false
	}
	if ax, ok := m.axes[s.Name]; ok {
		m.twice(b.Name, ax.pos)
		return false
	}
	f.backward = m.backward
	m.add(s, b, f)
	return true
}

func (m *modeCheck) let(b *Binding) {
	v := m.value(b.Init)
	s := &Symbol{Kind: LetSymbol, Name: b.Name.Text, Pos: b.Name.Pos, Bool: v.bool}
	f := &fact{bad: v.Expr == nil, uniform: v.uniform, data: v.data, x: v.Expr}
	if v.Expr != nil {
		s.Set = v.AxisSet()
		s.Axes = s.Set.list()
	}
	if m.define(b, s, f) && !f.bad {
		m.emit(LetEquation, s, v.Expr, b.Pos)
	}
}

// stat checks a named reduction: its axes are declared, because they are the
// layout in which it is kept and exposed.
func (m *modeCheck) stat(b *Binding) {
	v := m.number(b.Init)
	s := &Symbol{Kind: StatSymbol, Name: b.Name.Text, Pos: b.Name.Pos}
	f := &fact{bad: true}
	if x := m.reduction(b, v); x != nil && m.statAxes(b, s, x) {
		f = &fact{fold: x, x: x}
	}
	if m.define(b, s, f) && !f.bad {
		m.emit(StatEquation, s, v.Expr, b.Pos)
	}
}

func (m *modeCheck) reduction(b *Binding, v value) *Reduce {
	if v.Expr == nil {
		return nil
	}
	x, ok := v.Expr.(*Reduce)
	if !ok {
		m.errorf(codeStatForm, b.Init.Extent(), "a stat is one reduction, so that parts of a batch can be merged; %q is not", b.Name.Text).
			help("write a stat for the reduction and a let for the rest")
	}
	return x
}

// statAxes holds the declared axes to those that the reduction leaves.
func (m *modeCheck) statAxes(b *Binding, s *Symbol, x *Reduce) bool {
	s.Set, s.Axes = x.Axes, m.inputOrder(x.Axes)
	if b.left != nil {
		return true
	}
	s.Axes = nil
	if b.Axes != nil {
		s.Axes = m.bracket(b.Axes)
	}
	if got := setOf(s.Axes); got != x.Axes {
		at := b.Name.Extent()
		if b.Axes != nil {
			at.End = b.Axes.End
		}
		m.errorf(codeStatAxes, at, "a stat is declared on the axes that its reduction leaves, here %s, not %s", m.axesText(x.Axes), m.axesText(got)).
			note(b.Init.Extent(), "the reduction").
			help("write %s%s", b.Name.Text, m.axesText(x.Axes))
		return false
	}
	return true
}

func (m *modeCheck) out(b *Binding) {
	v := m.number(b.Init)
	name := b.Name.Text
	if m.outs[name] {
		first := m.outputs[name].Pos
		if s := m.names[name]; s != nil { // nil if its name was refused
			first = s.Pos
		}
		m.errorf(codeOutTwice, b.Name.Extent(), "an output is defined once in a mode, %q is defined twice in mode %s", name, m.mode.Name).
			note(Name{name, first}.Extent(), "first defined here")
		return
	}
	s := m.output(b, v)
	m.outs[name] = true
	if !m.define(b, s, &fact{bad: v.Expr == nil, x: v.Expr}) || v.Expr == nil {
		m.lost = true
		return
	}
	m.outList = append(m.outList, s)
	m.emit(OutEquation, s, v.Expr, b.Pos)
}

// output returns the symbol of an output, one for both modes.
func (m *modeCheck) output(b *Binding, v value) *Symbol {
	s := m.outputs[b.Name.Text]
	if s == nil {
		s = &Symbol{Kind: OutputSymbol, Name: b.Name.Text, Pos: b.Name.Pos}
		m.caseClash(b.Name)
		m.outputs[s.Name] = s
		m.core.Outputs = append(m.core.Outputs, s)
		if v.Expr != nil {
			s.Set = v.AxisSet()
			s.Axes = m.outputAxes(s.Set)
		}
		return s
	}
	if v.Expr != nil && v.AxisSet() != s.Set && !m.full() {
		m.errorf(codeOutAxes, b.Name.Extent(), "an output has the same axes in every mode, %q has %s in mode %s", s.Name, m.axesText(v.AxisSet()), m.mode.Name).
			note(Name{s.Name, s.Pos}.Extent(), "%s in mode %s", m.axesText(s.Set), modeNames[0])
	}
	return s
}

// outputAxes lays an output out as the first input over the same axes.
func (m *modeCheck) outputAxes(set AxisSet) []int {
	for _, in := range m.core.Inputs {
		if in.Set == set {
			return in.Axes
		}
	}
	return m.inputOrder(set)
}

// update checks the new value of a state. It reads no element data outside a
// reduction, so that it can wait until the pass is committed.
func (m *modeCheck) update(b *Binding) {
	v := m.number(b.Init)
	s := m.names[b.Name.Text]
	if s == nil || s.Kind != StateSymbol {
		m.notAState(b)
		return
	}
	if !m.once(b, s, codeUpdateTwice, "a state is updated once in a phase, %q is updated twice") || v.Expr == nil {
		return
	}
	if v.data != nil {
		m.errorf(codeUpdateData, b.Init.Extent(), "an update reads states, step, knobs and stats, this one reads %q", v.data.Name).
			note(Name{v.data.Name, v.data.Pos}.Extent(), "%s, which has a value for each element", v.data.Kind.article()).
			help("reduce it first: a stat, or mean<...>(...)")
		return
	}
	if extra := v.AxisSet() &^ s.Set; extra != 0 {
		m.errorf(codeUpdateAxes, b.Init.Extent(), "an update varies over axes of its state, %q has %s and this also varies over %s", s.Name, m.axesText(s.Set), m.axesText(extra)).
			note(Name{s.Name, s.Pos}.Extent(), "declared here")
		return
	}
	m.emit(UpdateEquation, s, v.Expr, b.Pos)
}

func (m *modeCheck) notAState(b *Binding) {
	d := m.errorf(codeUpdateTarget, b.Name.Extent(), "an update is of a state, %q is not one", b.Name.Text)
	var states []string
	for _, s := range m.core.States {
		states = append(states, s.Name)
	}
	if near := nearestOf(b.Name.Text, states); near != "" {
		d.help("did you mean %q?", near)
	}
}

// once notes a write to a symbol and reports the second one of a phase.
func (m *modeCheck) once(b *Binding, s *Symbol, code Code, format string) bool {
	if first, ok := m.writes[s]; ok {
		m.errorf(code, b.Name.Extent(), format, s.Name).note(first, "first here").
			help("join the two; a step of its own is a let")
		return false
	}
	m.writes[s] = b.Name.Extent()
	return true
}

// head spans the word that an item starts with.
func head(it Item, word string) Span { return Name{word, it.Extent().Pos}.Extent() }
