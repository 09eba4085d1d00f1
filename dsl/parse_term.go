package dsl

import "slices"

// Binding powers of the operators, weakest first. not binds like the and it
// stands under, unary minus weaker than ^ so that -x^2 is -(x^2).
const (
	powNone = iota
	powOr
	powAnd
	powNot
	powCompare
	powSum
	powProduct
	powMinus
	powPower
)

type operator struct {
	op    BinaryOp
	power int
}

var operators = map[tok]operator{
	tokOr: {Or, powOr}, tokAnd: {And, powAnd},
	tokLt: {Lt, powCompare}, tokLe: {Le, powCompare}, tokGt: {Gt, powCompare},
	tokGe: {Ge, powCompare}, tokEq: {Eq, powCompare}, tokNe: {Ne, powCompare},
	tokPlus: {Add, powSum}, tokMinus: {Sub, powSum},
	tokStar: {Mul, powProduct}, tokSlash: {Div, powProduct},
	tokCaret: {Pow, powPower},
}

// expr reads a whole expression; where says for what, in messages.
func (p *parser) expr(where string) Term { return p.binary(powNone, where) }

// binary is the Pratt loop: it reads operators that bind tighter than power.
func (p *parser) binary(power int, where string) Term {
	p.nest()
	defer p.unnest()
	x := p.prefix(where)
	for chain := 0; ; chain++ {
		l := p.peek()
		o, ok := operators[l.tok]
		if !ok || o.power <= power {
			return x
		}
		if chain == maxChain {
			p.errorf(codeChain, l.span(), "an expression has at most %d operators in a row", maxChain).
				help("name a part of the expression with let")
			panic(giveUp{})
		}
		x = p.infix(x, o, where)
	}
}

// infix reads the operator and its right operand.
func (p *parser) infix(x Term, o operator, where string) Term {
	l := p.take()
	right := o.power
	if o.op == Pow {
		right = powMinus - 1 // right associative, and x^-1 needs no parentheses
	}
	layout := layoutOf(l, p.peek())
	y := p.binary(right, where)
	if next := operators[p.peek().tok]; o.power == powCompare && next.power == powCompare {
		p.errorf(codeCompareChain, p.peek().span(), "comparisons do not chain, this is a second one").
			help(`write "a < b and b < c"`)
		panic(giveUp{})
	}
	return &InfixTerm{Span{x.Extent().Pos, p.end()}, o.op, layout, x, y}
}

func layoutOf(op, next lexeme) Layout {
	switch {
	case op.line || next.line:
		return Broken
	case op.space || next.space:
		return Spaced
	}
	return Tight
}

func (p *parser) prefix(where string) Term {
	l := p.peek()
	switch l.tok {
	case tokMinus:
		p.take()
		x := p.binary(powMinus, where)
		return &PrefixTerm{p.since(l.pos), Neg, x}
	case tokNot:
		p.take()
		x := p.binary(powNot, where)
		return &PrefixTerm{p.since(l.pos), Not, x}
	case tokIf:
		return p.conditional(where)
	}
	return p.primary(where)
}

// conditional = "if" expr "then" expr "else" expr .
func (p *parser) conditional(where string) Term {
	t := &IfTerm{}
	start := p.take().pos
	t.Cond = p.expr(where)
	t.Break[0] = p.peek().line
	p.want(tokThen, "if")
	t.Then = p.expr(where)
	t.Break[1] = p.peek().line
	p.want(tokElse, "if ... then")
	t.Else = p.expr(where)
	t.Span = p.since(start)
	return t
}

var foldWords = []string{Mean: "mean", Sum: "sum", MaxOf: "max"}

func (r Reduction) String() string { return foldWords[r] }

func (p *parser) primary(where string) Term {
	l, next := p.peek(), p.after(1)
	fold := slices.Index(foldWords, l.text)
	switch {
	case l.tok == tokNumber:
		p.take()
		return &NumberTerm{l.span(), l.text}
	case l.tok == tokLParen:
		return p.group(where)
	case l.tok == tokName && fold >= 0 && next.tok == tokLt:
		return p.fold(Reduction(fold))
	case l.tok == tokName && next.tok == tokLParen:
		return p.call()
	case l.tok == tokName, l.tok == tokNorm && next.tok != tokName:
		p.take()
		return &NameTerm{l.span(), l.text}
	case p.reservedHere(l):
		p.errorf(codeReserved, l.span(), "%s needs a value, %q is a word of the language", where, l.text)
		panic(giveUp{})
	}
	p.unexpected("a value", where)
	return nil
}

func (p *parser) group(where string) Term {
	start := p.take().pos
	x := p.expr(where)
	p.want(tokRParen, "a parenthesis")
	return &GroupTerm{p.since(start), x}
}

// call = name "(" [ expr { "," expr } ] ")" .
func (p *parser) call() Term {
	l := p.take()
	t := &CallTerm{Fn: Name{l.text, l.pos}}
	where := "the call of " + clip(l.text)
	p.take()
	for !p.is(tokRParen) {
		t.Args = append(t.Args, p.expr(where))
		if !p.accept(tokComma) {
			break
		}
	}
	p.want(tokRParen, where)
	t.Span = p.since(l.pos)
	return t
}

// fold = ( "mean" | "sum" | "max" ) "<" names [ "|" name ] ">" "(" expr ")" .
func (p *parser) fold(fn Reduction) Term {
	t := &FoldTerm{Fn: fn}
	start := p.take().pos
	p.take()
	t.Over = p.names("a reduction")
	if p.accept(tokBar) {
		mask := p.name("the mask of a reduction")
		t.Mask = &mask
	}
	p.want(tokGt, "a reduction")
	p.want(tokLParen, "a reduction")
	t.X = p.expr("a reduction")
	p.want(tokRParen, "a reduction")
	t.Span = p.since(start)
	return t
}
