package dsl

// gen = "gen" name [ knobs ] [ "as" name ] block .
func (p *parser) gen() Item {
	start := p.take().pos
	g := &GenItem{}
	p.header(func() {
		g.Norm = p.name("a gen")
		g.Knobs = p.knobs("the list of knobs")
		g.As = p.alias("a generated layer")
	})
	g.Body = p.block("the gen", p.field)
	g.Span = p.since(start)
	return g
}

// alias = [ "as" name ] .
func (p *parser) alias(what string) *Name {
	if !p.word("as") {
		return nil
	}
	as := p.name(what)
	return &as
}

var fieldWords = []string{"shape", "dtype", "target", "arithmetic", "layout"}

// field = shape | dtype | target | arithmetic | layout .
func (p *parser) field() Item {
	l := p.peek()
	var it Item
	switch {
	case p.word("shape"):
		it = p.shape()
	case p.word("dtype"), p.word("target"), p.word("arithmetic"):
		it = &WordsField{Word: Name{l.text, l.pos}, Words: p.names("the field " + l.text)}
	case p.word("layout"):
		it = p.layout()
	default:
		p.notAField(l)
	}
	it.node().Span = p.since(l.pos)
	return it
}

// notAField reports and skips to the next field, because the words of fields
// are not reserved and so not where recovery stops.
func (p *parser) notAField(l lexeme) {
	d := p.errorf(codeField, l.span(), "a gen has the fields shape, dtype, target, arithmetic and layout, found %s", l.found())
	if near := nearestOf(l.text, fieldWords); l.tok == tokName && near != "" {
		d.help("did you mean %q?", near)
	}
	p.skip(func(t tok) bool { return t == tokSemi || startsBody(t) })
	p.accept(tokSemi)
	panic(giveUp{})
}

// shape = name "=" size { "," size } with size = number | "any" .
func (p *parser) shape() Item {
	it := &ShapeField{Axis: p.name("the field shape")}
	p.want(tokDefine, "the field shape")
	for {
		l := p.peek()
		if !p.accept(tokNumber) && !p.word("any") {
			p.unexpected(`a size or "any"`, "the field shape")
		}
		it.Sizes = append(it.Sizes, Name{l.text, l.pos})
		if !p.accept(tokComma) {
			return it
		}
	}
}

func (p *parser) layout() Item {
	it := &LayoutField{Brackets: []*Bracket{p.bracket()}}
	for p.accept(tokComma) {
		it.Brackets = append(it.Brackets, p.bracket())
	}
	return it
}
