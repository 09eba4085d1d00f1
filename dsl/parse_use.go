package dsl

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
