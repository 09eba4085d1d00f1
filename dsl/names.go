package dsl

import (
	"strconv"
	"strings"
)

// spelling checks how a declared name is written. Names that become Go
// declarations of generated code (crossing) must also be free in Go.
func (c *normCheck) spelling(n Name, what string, crossing bool) bool {
	return spelling(c.reporter, n, what, crossing)
}

func spelling(r *reporter, n Name, what string, crossing bool) bool {
	switch {
	case !spelled(n.Text):
		misspelt(r, n.Extent(), n.Text)
	case builtin(n.Text):
		r.errorf(codeBuiltin, n.Extent(), "%s needs a name of its own, %q is built in", what, n.Text)
	case crossing && goTaken(n.Text):
		r.errorf(codeGoName, n.Extent(), "%s becomes a name in Go, and %q is taken there", what, n.Text)
	default:
		return true
	}
	return false
}

func misspelt(r *reporter, s Span, text string) {
	r.errorf(codeSpelling, s, "a name is a letter and at most %d letters, digits and underscores, %s is not", maxName-1, clip(text))
}

// declare adds a symbol of the body. Knobs, inputs, masks, parameters, states
// and outputs become Go names, so two that differ in case only collide.
func (c *normCheck) declare(b *Binding, s *Symbol) {
	c.spelling(b.Name, s.Kind.article(), true)
	if old := c.globals[s.Name]; old != nil {
		c.twice(b.Name, old.Pos)
		return
	}
	if ax, ok := c.axes[s.Name]; ok {
		c.errorf(codeTwice, b.Name.Extent(), "a name is declared once, %q is an axis already", s.Name).
			note(Name{s.Name, ax.pos}.Extent(), "first declared here")
	}
	c.caseClash(b.Name)
	c.globals[s.Name] = s
	c.symbols[b] = s
}

func (c *normCheck) twice(n Name, first Pos) {
	c.errorf(codeTwice, n.Extent(), "a name is declared once, %q is declared twice", n.Text).
		note(Name{n.Text, first}.Extent(), "first declared here")
}

// caseClash reports a name that differs from another only in the case of its
// first letter: both would be the same exported Go name.
func (c *normCheck) caseClash(n Name) {
	if n.Text == "" {
		return
	}
	first := n.Text[:1]
	other := strings.ToUpper(first)
	if other == first {
		other = strings.ToLower(first)
	}
	if old := c.globals[other+n.Text[1:]]; old != nil {
		c.errorf(codeGoName, n.Extent(), "names differ in more than the case of the first letter, %q and %q do not", old.Name, n.Text).
			note(Name{old.Name, old.Pos}.Extent(), "declared here")
	}
}

// knobs declares the knobs of the norm.
func (c *normCheck) knobs() {
	for _, b := range c.norm.Knobs {
		s := &Symbol{Kind: KnobSymbol, Name: b.Name.Text, Pos: b.Name.Pos}
		if x, ok := literal(b.Init); ok {
			s.Init = &Num{Node{b.Init.Extent(), 0}, x}
		} else {
			c.errorf(codeKnobDefault, b.Init.Extent(), "the default of a knob is a number, that of %q is not", s.Name)
			s.Init = &Num{Node{b.Init.Extent(), 0}, 1}
		}
		c.declare(b, s)
		c.core.Knobs = append(c.core.Knobs, s)
	}
}

// literal evaluates a number with an optional sign.
func literal(t Term) (float64, bool) {
	switch t := t.(type) {
	case *NumberTerm:
		x, err := strconv.ParseFloat(t.Text, 64)
		return x, err == nil
	case *PrefixTerm:
		x, ok := literal(t.X)
		return -x, ok && t.Op == Neg
	case *GroupTerm:
		return literal(t.X)
	}
	return 0, false
}

// declarations declares axes, inputs, masks, parameters and states, in source
// order: an axis must be known before a parameter varies over it.
func (c *normCheck) declarations() {
	for _, it := range c.items {
		switch it := it.(type) {
		case *AxisItem:
			for _, d := range it.Defs {
				c.axisDef(d)
			}
		case *Declare:
			for _, b := range it.Bindings {
				c.declaration(it.Kind, b)
			}
		}
	}
	if len(c.core.Inputs) == 0 {
		c.errorf(codeNoInput, c.norm.Name.Extent(), "a norm has an input, %q has none", c.norm.Name.Text).
			help(`write for example "in x[R..., C]"`)
	}
}

func (c *normCheck) declaration(kind SymbolKind, b *Binding) {
	s := &Symbol{Kind: kind, Name: b.Name.Text, Pos: b.Name.Pos, Bool: kind == MaskSymbol}
	s.Axes = c.declaredAxes(kind, b)
	s.Set = setOf(s.Axes)
	if b.Init != nil {
		s.Init = c.initial(b.Init, kind)
	}
	c.declare(b, s)
	if b.Where != nil {
		s.Where = c.invariant(b, s)
	}
	switch kind {
	case InputSymbol:
		c.core.Inputs = append(c.core.Inputs, s)
	case MaskSymbol:
		c.core.Masks = append(c.core.Masks, s)
	case ParamSymbol:
		c.core.Params = append(c.core.Params, s)
	case StateSymbol:
		c.core.States = append(c.core.States, s)
	}
}

// initial checks the first value of a parameter or state: it must be known
// before any data, so it is made of numbers, knobs and sizes.
func (c *normCheck) initial(t Term, kind SymbolKind) Expr {
	s := c.constants("the first value of " + kind.article())
	v := s.number(t)
	if v.Expr != nil && !v.uniform {
		c.errorf(codeInit, t.Extent(), "%s is made of numbers, knobs and sizes", s.only)
	}
	return v.Expr
}

// constants is the scope of what is known before any data: numbers, knobs and
// sizes. Only says what they are for.
func (c *normCheck) constants(only string) *scope {
	s := &scope{normCheck: c, names: map[string]*Symbol{}, facts: map[*Symbol]*fact{}, only: only}
	for _, b := range c.norm.Knobs {
		if k := c.symbols[b]; k != nil {
			s.add(k, b, &fact{uniform: true})
		}
	}
	return s
}

// invariant checks where psi2 >= 0.
func (c *normCheck) invariant(b *Binding, s *Symbol) Expr {
	t, ok := b.Where.(*InfixTerm)
	if ok && t.Op.compares() {
		name, isName := t.X.(*NameTerm)
		if x, isNum := literal(t.Y); isNum && isName && name.Name == s.Name {
			ref := &Ref{Node{name.Span, s.Set}, s}
			return &Binary{Node{t.Span, s.Set}, t.Op, ref, &Num{Node{t.Y.Extent(), 0}, x}}
		}
	}
	c.errorf(codeWhere, b.Where.Extent(), "where compares the state with a number, for %q this does not", s.Name).
		help("write for example \"where %s >= 0\"", s.Name)
	return nil
}
