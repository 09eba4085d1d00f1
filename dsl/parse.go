package dsl

// Parse reads a spec. The file is complete if the list has no errors;
// otherwise it holds the items that could be read.
//
// Parsing is recursive descent, one method for each rule of grammar.txt. A
// method that meets a wrong token reports it and gives up with a panic, which
// the nearest list of items catches: the parser goes on at the next word that
// starts an item, so one run reports several errors.
func Parse(name string, src []byte) (*File, ErrorList) {
	r := newReporter(&source{name: name, text: src})
	toks, comments := scan(r)
	p := &parser{reporter: r, toks: toks}
	f := &File{Name: name, source: r.source, words: len(toks)}
	if !r.failed() {
		f.Items = p.file()
	}
	if len(f.Items) == 0 && !r.failed() {
		r.errorf(codeEmpty, p.peek().span(), "a spec declares at least one norm, this one is empty").
			help("norm RMSNorm(eps = 1e-6) { in x[R..., C]  reduce C  scale sqrt(ms + eps) }")
	}
	if !r.failed() {
		attach(f, comments)
	}
	return f, r.sorted()
}

// giveUp is panicked after a report and caught by recoverAt.
type giveUp struct{}

type parser struct {
	*reporter
	toks  []lexeme
	at    int
	depth int
	norms int
	open  bool // an open block was reported
}

func (p *parser) peek() lexeme { return p.toks[p.at] }

// after looks n tokens ahead.
func (p *parser) after(n int) lexeme { return p.toks[min(p.at+n, len(p.toks)-1)] }

func (p *parser) is(t tok) bool { return p.peek().tok == t }

func (p *parser) take() lexeme {
	l := p.peek()
	if l.tok != tokEOF {
		p.at++
	}
	return l
}

// accept takes the next token if it is a t.
func (p *parser) accept(t tok) bool {
	if !p.is(t) {
		return false
	}
	p.take()
	return true
}

// want takes a t or gives up; where says what the parser was reading.
func (p *parser) want(t tok, where string) lexeme {
	if !p.is(t) {
		p.unexpected(t.quoted(), where)
	}
	return p.take()
}

// unexpected reports the next token and gives up.
func (p *parser) unexpected(wanted, where string) {
	p.errorf(codeExpected, p.peek().span(), "%s needs %s here, found %s", where, wanted, p.peek().found())
	panic(giveUp{})
}

// end is the position behind the last token taken.
func (p *parser) end() Pos {
	if p.at == 0 {
		return Pos{1, 1, p.source}
	}
	return p.toks[p.at-1].span().End
}

func (p *parser) since(start Pos) Span { return Span{start, p.end()} }

// nest guards every cycle of the parser's call graph.
func (p *parser) nest() {
	if p.depth++; p.depth > maxDepth {
		p.errorf(codeDepth, p.peek().span(), "brackets, blocks and operators nest at most %d deep", maxDepth).
			help("name a part of the expression with let")
		panic(giveUp{})
	}
}

func (p *parser) unnest() { p.depth-- }

// attempt runs f and reports whether it came to its end.
func (p *parser) attempt(f func()) (ok bool) {
	depth := p.depth
	defer func() {
		p.depth = depth
		if r := recover(); r != nil {
			if _, mine := r.(giveUp); !mine {
				panic(r)
			}
			ok = false
		}
	}()
	f()
	return true
}

// skip goes to the next token that stops holds for.
func (p *parser) skip(stops func(tok) bool) {
	for !p.is(tokEOF) && !stops(p.peek().tok) {
		p.take()
	}
}

func startsTop(t tok) bool  { return t == tokNorm || t == tokGen || t == tokUse }
func startsBody(t tok) bool { return t.startsItem() || t == tokRBrace }

// block = "{" { item } "}" .
func (p *parser) block(what string, item func() Item) (b Block) {
	p.nest()
	defer p.unnest()
	open := p.want(tokLBrace, what)
	b.Lbrace = open.pos
	for !p.is(tokRBrace) && !p.full() {
		if p.is(tokEOF) || p.topAhead() {
			p.unclosed(open, what)
		}
		at := p.at
		if !p.attempt(func() { b.Items = append(b.Items, item()) }) {
			if p.at == at {
				p.take() // recovery always moves on
			}
			p.skip(startsBody)
		}
		p.accept(tokSemi)
	}
	b.Rbrace = p.peek().pos
	p.take()
	return b
}

// unclosed reports the innermost open block only and gives up.
func (p *parser) unclosed(open lexeme, what string) {
	if !p.open {
		p.errorf(codeUnclosed, open.span(), "a block ends with \"}\", the block of %s does not", what)
	}
	p.open = true
	panic(giveUp{})
}

// topAhead recognises the next norm or gen inside a block that was left open.
// A use is not one: it stands further up, or is misplaced.
func (p *parser) topAhead() bool {
	next := p.after(1)
	return startsTop(p.peek().tok) && !p.is(tokUse) && p.peek().line && (next.tok == tokName || next.tok.reserved())
}

// name takes an identifier that is not reserved.
func (p *parser) name(what string) Name {
	l := p.peek()
	if p.reservedHere(l) {
		p.errorf(codeReserved, l.span(), "%s needs a name, %q is a word of the language", what, l.text).
			help("choose another name, for example %q", l.text+"1")
		panic(giveUp{})
	}
	if l.tok != tokName {
		p.unexpected("a name", what)
	}
	p.take()
	return Name{l.text, l.pos}
}

// reservedHere takes a reserved word that seems to be meant as a name: one
// that does not start its line. Recovery then does not take it for an item.
func (p *parser) reservedHere(l lexeme) bool {
	if !l.tok.reserved() || l.line {
		return false
	}
	p.take()
	return true
}

// names = name { "," name } .
func (p *parser) names(what string) []Name {
	list := []Name{p.name(what)}
	for p.accept(tokComma) {
		list = append(list, p.name(what))
	}
	return list
}

// bracket = "[" axis { "," axis } "]" with axis = name [ "..." ] .
func (p *parser) bracket() *Bracket {
	start := p.want(tokLBrack, "a list of axes").pos
	b := &Bracket{}
	for {
		a := AxisName{Name: p.name("a list of axes")}
		a.Dots = p.accept(tokDots)
		b.Axes = append(b.Axes, a)
		if !p.accept(tokComma) {
			break
		}
	}
	p.want(tokRBrack, "a list of axes")
	b.Span = p.since(start)
	return b
}

// item is one item of a norm, a mode or a backward. Which items may stand
// where is the checker's business: it can say why.
func (p *parser) item() Item {
	l := p.peek()
	if !l.tok.startsItem() || startsTop(l.tok) {
		p.notAnItem(l)
	}
	p.take()
	it := p.itemAfter(l.tok)
	it.node().Span = p.since(l.pos)
	return it
}

// notAnItem reports a token where an item should start and gives up.
func (p *parser) notAnItem(l lexeme) {
	d := p.errorf(codeItem, l.span(), "an item starts with a reserved word such as let or out, found %s", l.found())
	if near := nearestOf(l.text, itemWords); l.tok == tokName && near != "" {
		d.help("did you mean %q?", near)
	} else if l.tok == tokUse {
		d.help("a use stands outside of norms")
	}
	p.take()
	panic(giveUp{})
}

var itemWords = func() (list []string) {
	for t := tokAxis; t <= tokAffine; t++ {
		list = append(list, t.String())
	}
	return list
}()
