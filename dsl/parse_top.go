package dsl

// file = { norm | gen | use } .
func (p *parser) file() (items []Item) {
	for !p.is(tokEOF) && !p.full() {
		ok := p.attempt(func() { items = append(items, p.top()) })
		if !ok {
			p.skip(startsTop)
		}
	}
	return items
}

func (p *parser) top() Item {
	if !startsTop(p.peek().tok) {
		p.errorf(codeTop, p.peek().span(), `a spec is a list of "norm", "gen" and "use" items, found %s`, p.peek().found())
		panic(giveUp{})
	}
	switch {
	case p.is(tokUse):
		return p.use()
	case p.is(tokNorm):
		p.count()
		return p.norm()
	}
	p.count()
	return p.gen()
}

// count bounds the norms, gens and used norms. At the bound the parser stops.
func (p *parser) count() {
	if p.norms++; p.norms > maxNorms {
		p.errorf(codeNorms, p.peek().span(), "a spec has at most %d norms, used norms and gens", maxNorms)
		p.at = len(p.toks) - 1
		panic(giveUp{})
	}
}

// norm = "norm" name [ knobs ] block .
func (p *parser) norm() Item {
	first := p.at
	start := p.take().pos
	n := &Norm{}
	p.header(func() {
		n.Name = p.name("a norm")
		n.Knobs = p.knobs("the list of knobs")
	})
	n.Body = p.block("the norm", p.item)
	n.Span, n.words = p.since(start), p.at-first
	return n
}

// header runs f; if it fails, the block behind it can still be read when its
// brace comes before the next item.
func (p *parser) header(f func()) {
	if p.attempt(f) {
		return
	}
	p.skip(func(t tok) bool { return t == tokLBrace || startsBody(t) })
	if !p.is(tokLBrace) {
		panic(giveUp{})
	}
}

// knobs = "(" [ name "=" expr { "," name "=" expr } ] ")" .
func (p *parser) knobs(where string) (list []*Binding) {
	if !p.accept(tokLParen) {
		return nil
	}
	for !p.is(tokRParen) {
		b := &Binding{Name: p.name("a knob")}
		p.want(tokDefine, "the knob "+clip(b.Name.Text))
		b.Init = p.expr(where)
		b.Span = p.since(b.Name.Pos)
		list = append(list, b)
		if !p.accept(tokComma) {
			break
		}
	}
	p.want(tokRParen, where)
	return list
}

// use = "use" used { "," used } "from" string .
func (p *parser) use() Item {
	start := p.take().pos
	if p.is(tokString) {
		p.errorf(codeExpected, p.peek().span(), "a use names the norms it takes, found %s", p.peek().found()).
			help("use Name, Other from %s", clipQuoted(p.peek().text))
		panic(giveUp{})
	}
	it := &UseItem{Norms: []*UsedNorm{p.used()}}
	for p.accept(tokComma) {
		it.Norms = append(it.Norms, p.used())
	}
	if !p.word("from") {
		p.unexpected(`"from"`, "a use")
	}
	from := p.want(tokString, "a use")
	it.From = Name{from.text, from.pos}
	it.Span = p.since(start)
	return it
}

// used = name [ knobs ] [ "as" name ] .
func (p *parser) used() *UsedNorm {
	p.count()
	u := &UsedNorm{Name: p.name("a use")}
	u.Knobs = p.knobs("the list of knobs")
	u.As = p.alias("a used norm")
	u.Span = p.since(u.Name.Pos)
	return u
}
