package dsl

import "strconv"

// itemAfter reads the item whose word was just taken.
func (p *parser) itemAfter(word tok) Item {
	switch word {
	case tokAxis:
		return p.axis()
	case tokIn:
		return p.declare(InputSymbol)
	case tokMask:
		return p.declare(MaskSymbol)
	case tokParam:
		return p.declare(ParamSymbol)
	case tokState:
		return p.declare(StateSymbol)
	case tokLet:
		return p.equations(LetEquation)
	case tokStat:
		return p.equations(StatEquation)
	case tokOut:
		return p.equations(OutEquation)
	case tokUpdate:
		return p.equations(UpdateEquation)
	case tokGrad:
		return p.equations(GradEquation)
	case tokRequire:
		return p.require()
	case tokMode:
		return p.mode()
	case tokBackward:
		return p.backward()
	case tokReduce:
		return p.reduce()
	case tokShift:
		return p.shift()
	case tokScale:
		return p.scale()
	case tokRunning:
		return p.running()
	}
	return p.affine()
}

// axis = name "=" factor { "*" factor } { "," ... } .
func (p *parser) axis() Item {
	it := &AxisItem{}
	for {
		d := &AxisDef{Name: p.name("an axis")}
		p.want(tokDefine, "an axis item")
		d.Factors = append(d.Factors, p.factor())
		for p.accept(tokStar) {
			d.Factors = append(d.Factors, p.factor())
		}
		d.Span = p.since(d.Name.Pos)
		it.Defs = append(it.Defs, d)
		if !p.accept(tokComma) {
			return it
		}
	}
}

func (p *parser) factor() Factor {
	if l := p.peek(); p.accept(tokNumber) {
		return Factor{Name{l.text, l.pos}, true}
	}
	return Factor{p.name("a factor of an axis"), false}
}

// declare reads bindings of the form name [axes] [= init] [where cond].
func (p *parser) declare(kind SymbolKind) Item {
	it := &Declare{Kind: kind}
	for {
		it.Bindings = append(it.Bindings, p.declared(kind))
		if !p.accept(tokComma) {
			return it
		}
	}
}

func (p *parser) declared(kind SymbolKind) *Binding {
	b := &Binding{Name: p.name(kind.article())}
	if p.is(tokLBrack) {
		b.Axes = p.bracket()
	}
	if kind == StateSymbol || p.is(tokDefine) && kind == ParamSymbol {
		p.want(tokDefine, kind.article())
		b.Init = p.expr(kind.article())
	}
	if kind == StateSymbol && p.accept(tokWhere) {
		b.Where = p.expr("the condition of a state")
	}
	b.Span = p.since(b.Name.Pos)
	return b
}

var kindArticles = [...]string{
	KnobSymbol: "a knob", InputSymbol: "an input", MaskSymbol: "a mask", ParamSymbol: "a parameter",
	StateSymbol: "a state", LetSymbol: "a let", StatSymbol: "a stat", OutputSymbol: "an output",
	CotangentSymbol: "a cotangent",
}

// article names the kind in a message: "a knob", "an input".
func (k SymbolKind) article() string { return kindArticles[k] }

// equations reads bindings of the form name [axes] = expr. Only a stat
// declares its axes; an update uses := because the state keeps its old value.
func (p *parser) equations(kind EquationKind) Item {
	it := &Equations{Kind: kind}
	for {
		it.Bindings = append(it.Bindings, p.equation(kind))
		if !p.accept(tokComma) {
			return it
		}
	}
}

var equationWords = [...]string{
	LetEquation: "let", StatEquation: "stat", OutEquation: "out", UpdateEquation: "update", GradEquation: "grad",
}

func (k EquationKind) String() string { return equationWords[k] }

func (p *parser) equation(kind EquationKind) *Binding {
	where := "the item " + strconv.Quote(kind.String())
	b := &Binding{Name: p.name(where)}
	if kind == StatEquation && p.is(tokLBrack) {
		b.Axes = p.bracket()
	}
	sign := tokDefine
	if kind == UpdateEquation {
		sign = tokAssign
	}
	p.want(sign, where)
	b.Init = p.expr(where)
	b.Span = p.since(b.Name.Pos)
	return b
}

// require = "require" expr { "," expr } .
func (p *parser) require() Item {
	it := &RequireItem{}
	for {
		b := &Binding{Init: p.expr("a requirement")}
		b.Span = b.Init.Extent()
		it.Conds = append(it.Conds, b)
		if !p.accept(tokComma) {
			return it
		}
	}
}

// mode = "mode" name block .
func (p *parser) mode() Item {
	it := &ModeItem{}
	p.header(func() { it.Name = p.name("a mode") })
	it.Body = p.block("the mode", p.item)
	return it
}

// backward = "backward" [ "approximate" ] "(" names ")" block .
func (p *parser) backward() Item {
	it := &BackwardItem{}
	p.header(func() {
		if p.word("approximate") {
			it.Approximate = true
		}
		p.want(tokLParen, "a backward")
		it.Cotangents = p.names("the list of output gradients")
		p.want(tokRParen, "the list of output gradients")
	})
	it.Body = p.block("the backward", p.item)
	return it
}

// word takes a name if it is the given one: words that are reserved in one
// place only.
func (p *parser) word(text string) bool {
	if p.is(tokName) && p.peek().text == text {
		p.take()
		return true
	}
	return false
}

func (p *parser) reduce() Item { return &ReduceClause{Axes: p.names("the clause reduce")} }
func (p *parser) shift() Item  { return &ShiftClause{By: p.name("the clause shift")} }
func (p *parser) scale() Item  { return &ScaleClause{X: p.expr("the clause scale")} }

// running = stat { "," stat } ( "ema" expr | "cumulative" ) .
func (p *parser) running() Item {
	it := &RunningClause{}
	for {
		s := RunningStat{}
		s.Unbiased = p.word("unbiased")
		s.Name = p.name("the clause running")
		it.Stats = append(it.Stats, s)
		if !p.accept(tokComma) {
			break
		}
	}
	switch {
	case p.word("ema"):
		it.Rate = p.expr("the clause running")
	case !p.word("cumulative"):
		p.unexpected(`"ema" with a rate, or "cumulative"`, "the clause running")
	}
	return it
}

// affine = step { "," step } with step = ( "*" | "+" ) bias .
func (p *parser) affine() Item {
	it := &AffineClause{}
	for {
		it.Steps = append(it.Steps, p.affineStep())
		if !p.accept(tokComma) {
			return it
		}
	}
}

func (p *parser) affineStep() *AffineStep {
	s := &AffineStep{Add: p.is(tokPlus)}
	if !p.accept(tokPlus) && !p.accept(tokStar) {
		p.unexpected(`"*" or "+" and a parameter`, "the clause affine")
	}
	if !p.accept(tokLParen) {
		s.Param = p.declared(ParamSymbol)
		return s
	}
	l := p.want(tokNumber, "the clause affine")
	s.Bias = &NumberTerm{l.span(), l.text}
	p.want(tokPlus, "the clause affine")
	s.Param = p.declared(ParamSymbol)
	p.want(tokRParen, "the clause affine")
	return s
}
