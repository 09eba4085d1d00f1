package dsl

import (
	"maps"
	"slices"
)

// A scope resolves expressions: the names that are visible and what is known
// about them.
type scope struct {
	*normCheck
	names    map[string]*Symbol
	facts    map[*Symbol]*fact
	mode     string // name of the mode
	only     string // what is read here may use numbers, knobs and sizes only
	backward bool
}

// A fact is what the checker knows about a symbol beyond its type.
type fact struct {
	binding  *Binding
	backward bool    // defined in a backward
	bad      bool    // its definition was reported; uses stay silent
	uniform  bool    // made of numbers, knobs, step and sizes
	data     *Symbol // element data it reads outside of reductions
	fold     *Reduce // the reduction of a stat
	x        Expr    // the definition
}

// A value is a checked expression with what is known about it. Its Expr is nil
// if something in it was reported.
type value struct {
	Expr
	bool    bool
	uniform bool
	data    *Symbol
}

// add makes a symbol visible.
func (s *scope) add(sym *Symbol, b *Binding, f *fact) {
	f.binding = b
	s.names[sym.Name] = sym
	s.facts[sym] = f
}

// value checks an expression of either type.
func (s *scope) value(t Term) value {
	switch t := t.(type) {
	case *NumberTerm:
		x, _ := literal(t)
		return value{Expr: &Num{Node{t.Span, 0}, x}, uniform: true}
	case *NameTerm:
		return s.read(t)
	case *GroupTerm:
		return s.value(t.X)
	case *PrefixTerm:
		return s.prefix(t)
	case *InfixTerm:
		return s.infix(t)
	case *CallTerm:
		return s.call(t)
	case *FoldTerm:
		return s.fold(t)
	}
	return s.choice(t.(*IfTerm))
}

// number checks an expression that must be a number.
func (s *scope) number(t Term) value { return s.typed(t, false) }

// condition checks an expression that must be a condition.
func (s *scope) condition(t Term) value { return s.typed(t, true) }

func (s *scope) typed(t Term, cond bool) value {
	v := s.value(t)
	if v.Expr == nil || v.bool == cond {
		return v
	}
	if cond {
		s.errorf(codeType, t.Extent(), "a condition is needed here, this is a number").help(`compare it: "... > 0"`)
	} else {
		s.errorf(codeType, t.Extent(), "a number is needed here, this is a condition").help(`choose: "if ... then 1 else 0"`)
	}
	return value{}
}

// read resolves a name.
func (s *scope) read(t *NameTerm) value {
	if t.Name == "step" {
		if s.only != "" {
			s.errorf(codeInit, t.Extent(), "%s is made of numbers, knobs and sizes", s.only)
			return value{}
		}
		return value{Expr: &Step{Node{t.Span, 0}}, uniform: true}
	}
	sym := s.lookup(t)
	if sym == nil {
		return value{}
	}
	f := s.facts[sym]
	s.used[f.binding] = true
	if f.bad || sym.Kind == OutputSymbol {
		if sym.Kind == OutputSymbol {
			s.errorf(codeReadOut, t.Extent(), "an output is written, not read; %q is an output", t.Name).
				help("name the value with let and use it in both places")
		}
		return value{}
	}
	v := value{Expr: &Ref{Node{t.Span, sym.Set}, sym}, bool: sym.Bool, uniform: f.uniform, data: f.data}
	if sym.elementwise() {
		v.data = sym
	}
	return v
}

// elementwise reports symbols that stand for data of the caller.
func (s *Symbol) elementwise() bool {
	switch s.Kind {
	case InputSymbol, MaskSymbol, ParamSymbol, CotangentSymbol:
		return true
	}
	return false
}

// lookup finds a visible symbol or says why there is none.
func (s *scope) lookup(t *NameTerm) *Symbol {
	if sym := s.names[t.Name]; sym != nil {
		return sym
	}
	if !s.full() {
		s.missing(t)
	}
	return nil
}

func (s *scope) missing(t *NameTerm) {
	_, fn := functions[t.Name]
	ax, axis := s.axes[t.Name]
	later := s.globals[t.Name]
	switch {
	case s.only != "" && later != nil:
		s.errorf(codeInit, t.Extent(), "%s is made of numbers, knobs and sizes, %q is %s", s.only, t.Name, later.Kind.article())
	case later != nil:
		s.errorf(codeEarly, t.Extent(), "a name is declared before its use, %q is declared after it", t.Name).
			note(Name{t.Name, later.Pos}.Extent(), "declared here")
	case fn:
		s.errorf(codeNotValue, t.Extent(), "a function is called, %q stands alone", t.Name)
	case axis:
		s.errorf(codeNotValue, t.Extent(), "an axis has no value, %q is an axis", t.Name).
			note(Name{t.Name, ax.pos}.Extent(), "declared here").
			help("write size(%s) or index(%s)", t.Name, t.Name)
	case len(s.inModes[t.Name]) > 0:
		s.otherMode(t)
	default:
		s.unknown(t)
	}
}

// otherMode reports a name that this mode does not define, or not yet.
func (s *scope) otherMode(t *NameTerm) {
	own := s.inModes[t.Name]
	i := slices.IndexFunc(own, func(o ownName) bool { return o.mode == s.mode || o.mode == "" })
	if i >= 0 {
		s.errorf(codeEarly, t.Extent(), "a name is defined before its use, %q is defined after it", t.Name).
			note(own[i].span, "defined here")
		return
	}
	s.errorf(codeLacks, t.Extent(), "each mode is checked alone, and mode %s lacks %q", s.mode, t.Name).
		note(own[0].span, "defined only in mode %s", own[0].mode).
		help("define it in mode %s too: mode %s { let %s = ... }", s.mode, s.mode, t.Name)
}

func (s *scope) unknown(t *NameTerm) {
	d := s.errorf(codeUnknown, t.Extent(), "a name is declared before its use, %q is not declared", t.Name)
	if near := nearest(t.Name, maps.Keys(s.names)); near != "" {
		d.help("did you mean %q?", near)
	}
}

func (s *scope) prefix(t *PrefixTerm) value {
	v := s.typed(t.X, t.Op == Not)
	if v.Expr == nil {
		return v
	}
	r := join(v)
	r.Expr = &Unary{Node{t.Span, v.AxisSet()}, t.Op, v.Expr}
	r.bool = t.Op == Not
	return r
}

// join is what holds for any elementwise combination of values.
func join(vs ...value) (r value) {
	r.uniform = true
	for _, v := range vs {
		r.uniform = r.uniform && v.uniform
		if r.data == nil {
			r.data = v.data
		}
	}
	return r
}

func union(vs ...value) (set AxisSet) {
	for _, v := range vs {
		set |= v.AxisSet()
	}
	return set
}

func (s *scope) infix(t *InfixTerm) value {
	x, y := s.typed(t.X, t.Op.joins()), s.typed(t.Y, t.Op.joins())
	if x.Expr == nil || y.Expr == nil {
		return value{}
	}
	if t.Op == Pow && !y.uniform {
		s.errorf(codeExponent, t.Y.Extent(), "an exponent is made of numbers, knobs, step and sizes, this one is not").
			help("write exp(b*log(a))")
		return value{}
	}
	r := join(x, y)
	r.Expr = &Binary{Node{t.Span, union(x, y)}, t.Op, x.Expr, y.Expr}
	r.bool = t.Op.compares() || t.Op.joins()
	return r
}

func (s *scope) choice(t *IfTerm) value {
	c := s.condition(t.Cond)
	x := s.value(t.Then)
	y := s.typed(t.Else, x.bool)
	if c.Expr == nil || x.Expr == nil || y.Expr == nil {
		return value{}
	}
	r := join(c, x, y)
	r.Expr = &If{Node{t.Span, union(c, x, y)}, c.Expr, x.Expr, y.Expr}
	r.bool = x.bool
	return r
}
