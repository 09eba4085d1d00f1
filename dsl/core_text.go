package dsl

import (
	"slices"
	"strconv"
	"strings"
)

// FormatCore writes a checked norm as equations only: clauses expanded, each
// mode's own equations in mode blocks. The text parses and checks to the same
// meaning.
func FormatCore(c *Core) []byte {
	w := &coreWriter{core: c}
	n := &Norm{Name: Name{Text: c.Name}}
	for _, k := range c.Knobs {
		n.Knobs = append(n.Knobs, w.binding(k))
	}
	n.Body.Items = append(w.declarations(), w.modes()...)
	p := &printer{}
	p.block(n)
	return p.bytes()
}

// A coreWriter turns the checked form back into syntax.
type coreWriter struct{ core *Core }

func (w *coreWriter) declarations() (items []Item) {
	if defs := w.axisDefs(); len(defs) > 0 {
		items = append(items, &AxisItem{Defs: defs})
	}
	for _, d := range []struct {
		kind SymbolKind
		list []*Symbol
	}{
		{InputSymbol, w.core.Inputs}, {MaskSymbol, w.core.Masks},
		{ParamSymbol, w.core.Params}, {StateSymbol, w.core.States},
	} {
		it := &Declare{Kind: d.kind}
		for _, s := range d.list {
			it.Bindings = append(it.Bindings, w.binding(s))
		}
		if len(d.list) > 0 {
			items = append(items, it)
		}
	}
	return items
}

// axisDefs lists the axes of a fixed size and the splits in the order in which
// they were declared: that of the last axis each of them brings.
func (w *coreWriter) axisDefs() (defs []*AxisDef) {
	anonymous := w.anonymous()
	for i, a := range w.core.Axes {
		if a.Size > 0 && !anonymous[i] {
			defs = append(defs, &AxisDef{Name: Name{Text: a.Name}, Factors: []Factor{sizeFactor(a.Size)}})
		}
		for _, p := range w.core.Products {
			if len(p.Factors) > 0 && slices.Max(p.Factors) == i {
				defs = append(defs, w.split(p, anonymous))
			}
		}
	}
	return defs
}

// anonymous finds the factors that were written as numbers.
func (w *coreWriter) anonymous() map[int]bool {
	list := map[int]bool{}
	for _, p := range w.core.Products {
		for _, f := range p.Factors {
			a := w.core.Axes[f]
			list[f] = list[f] || a.Size > 0 && a.Name == p.Name+"_"+strconv.Itoa(a.Size)
		}
	}
	return list
}

func (w *coreWriter) split(p Product, anonymous map[int]bool) *AxisDef {
	d := &AxisDef{Name: Name{Text: p.Name}}
	for _, f := range p.Factors {
		factor := Factor{Name: Name{Text: w.core.Axes[f].Name}}
		if anonymous[f] {
			factor = sizeFactor(w.core.Axes[f].Size)
		}
		d.Factors = append(d.Factors, factor)
	}
	return d
}

func sizeFactor(size int) Factor { return Factor{Name{Text: strconv.Itoa(size)}, true} }

// binding declares a symbol.
func (w *coreWriter) binding(s *Symbol) *Binding {
	b := &Binding{Name: Name{Text: s.Name}, Axes: w.bracket(s)}
	if s.Init != nil {
		b.Init = w.term(s.Init)
	}
	if s.Where != nil {
		b.Where = w.term(s.Where)
	}
	return b
}

func (w *coreWriter) bracket(s *Symbol) *Bracket {
	if len(s.Axes) == 0 {
		return nil
	}
	b := &Bracket{}
	for _, name := range w.core.axisNames(s.Axes) {
		i := w.core.atomicNamed(name)
		dots := s.Kind == InputSymbol && i >= 0 && w.core.Axes[i].Variadic
		b.Axes = append(b.Axes, AxisName{Name{Text: name}, dots})
	}
	return b
}

// A coreLine is an equation as syntax, with the key that tells whether both
// modes have it.
type coreLine struct {
	kind    EquationKind
	binding *Binding
	key     string
}

func (w *coreWriter) lines(eqs []*Equation) (list []coreLine) {
	for _, e := range eqs {
		b := &Binding{Name: Name{Text: e.Symbol.Name}, Init: w.term(e.X)}
		if e.Kind == StatEquation {
			b.Axes = w.bracket(e.Symbol)
		}
		list = append(list, coreLine{e.Kind, b, e.Pos.String() + e.Kind.String() + bindingText(b, "=")})
	}
	return list
}

// modes merges the equations of train and eval: those that both have, in the
// same order, stand outside of modes.
func (w *coreWriter) modes() (items []Item) {
	lines := [2][]coreLine{w.lines(w.core.Modes[0].Forward), w.lines(w.core.Modes[1].Forward)}
	at := map[string]int{}
	for j, l := range lines[1] {
		at[l.key] = j
	}
	items = w.requires()
	from := [2]int{}
	flush := func(i, j int) {
		items = append(items, inMode(modeNames[0], lines[0][from[0]:i])...)
		items = append(items, inMode(modeNames[1], lines[1][from[1]:j])...)
	}
	for i, l := range lines[0] {
		if j, both := at[l.key]; both && j >= from[1] {
			flush(i, j)
			items = appendLine(items, l)
			from = [2]int{i + 1, j + 1}
		}
	}
	flush(len(lines[0]), len(lines[1]))
	return append(items, w.backwards()...)
}

// requires writes the conditions of both modes, those that both have outside.
func (w *coreWriter) requires() (items []Item) {
	train, eval := w.core.Modes[0].Requires, w.core.Modes[1].Requires
	common := func(x, y Expr) bool { return x.Position() == y.Position() }
	for _, x := range train {
		if it := w.require(x); slices.ContainsFunc(eval, func(y Expr) bool { return common(x, y) }) {
			items = append(items, it)
		} else {
			items = append(items, itemInMode(modeNames[0], it))
		}
	}
	for _, x := range eval {
		if !slices.ContainsFunc(train, func(y Expr) bool { return common(x, y) }) {
			items = append(items, itemInMode(modeNames[1], w.require(x)))
		}
	}
	return items
}

func (w *coreWriter) require(x Expr) Item { return &RequireItem{Conds: []*Binding{{Init: w.term(x)}}} }

func itemInMode(mode string, it Item) Item {
	m := &ModeItem{Name: Name{Text: mode}}
	m.Body.Items = []Item{it}
	return m
}

func inMode(mode string, lines []coreLine) []Item {
	if len(lines) == 0 {
		return nil
	}
	it := &ModeItem{Name: Name{Text: mode}}
	for _, l := range lines {
		it.Body.Items = appendLine(it.Body.Items, l)
	}
	return []Item{it}
}

func appendLine(items []Item, l coreLine) []Item {
	return append(items, &Equations{Kind: l.kind, Bindings: []*Binding{l.binding}})
}

// backwards puts a declared backward last: it runs after the whole forward.
func (w *coreWriter) backwards() (items []Item) {
	train, eval := w.core.Modes[0].Backward, w.core.Modes[1].Backward
	if train != nil && eval != nil && train.Pos == eval.Pos {
		return []Item{w.backward(train)}
	}
	for i, b := range []*Backward{train, eval} {
		if b != nil {
			it := &ModeItem{Name: Name{Text: modeNames[i]}}
			it.Body.Items = []Item{w.backward(b)}
			items = append(items, it)
		}
	}
	return items
}

func (w *coreWriter) backward(b *Backward) Item {
	it := &BackwardItem{Approximate: b.Approximate}
	for _, s := range b.Cotangents {
		it.Cotangents = append(it.Cotangents, Name{Text: s.Name})
	}
	for _, l := range w.lines(b.Equations) {
		it.Body.Items = appendLine(it.Body.Items, l)
	}
	return it
}

// axes names a set of axes.
func (w *coreWriter) axes(s AxisSet) (names []Name) {
	for _, text := range w.core.axisNames(w.ordered(s)) {
		names = append(names, Name{Text: text})
	}
	return names
}

// ordered puts the factors of each split axis of s side by side.
func (w *coreWriter) ordered(s AxisSet) (axes []int) {
	for _, p := range w.core.Products {
		if set := setOf(p.Factors); set&^s == 0 {
			axes = append(axes, p.Factors...)
			s &^= set
		}
	}
	return append(axes, w.core.inputOrder(s)...)
}

// num writes a number as short as it reads back: 1e-5, not 1e-05.
func numText(x float64) string {
	text := strconv.FormatFloat(x, 'g', -1, 64)
	mantissa, exp, ok := strings.Cut(text, "e")
	if !ok {
		return text
	}
	sign := strings.TrimLeft(exp[:1], "+")
	return mantissa + "e" + sign + strings.TrimLeft(exp[1:], "0")
}
