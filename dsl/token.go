package dsl

import "strconv"

// tok is the kind of a lexeme.
type tok uint8

const (
	tokEOF tok = iota
	tokName
	tokNumber
	tokString

	tokLBrace
	tokRBrace
	tokLBrack
	tokRBrack
	tokLParen
	tokRParen
	tokComma
	tokSemi
	tokDots   // ...
	tokDefine // =
	tokAssign // :=
	tokBar    // |
	tokPlus
	tokMinus
	tokStar
	tokSlash
	tokCaret
	tokLt
	tokLe
	tokGt
	tokGe
	tokEq
	tokNe

	// Words that start an item. Recovery from a syntax error stops at them.
	tokNorm
	tokGen
	tokUse
	tokAxis
	tokIn
	tokMask
	tokParam
	tokState
	tokLet
	tokStat
	tokOut
	tokUpdate
	tokGrad
	tokRequire
	tokMode
	tokBackward
	tokReduce
	tokShift
	tokScale
	tokRunning
	tokAffine

	// Words of expressions.
	tokIf
	tokThen
	tokElse
	tokAnd
	tokOr
	tokNot
	tokWhere
)

var tokText = [...]string{
	tokEOF: "end of file", tokName: "a name", tokNumber: "a number", tokString: "a string",
	tokLBrace: "{", tokRBrace: "}", tokLBrack: "[", tokRBrack: "]",
	tokLParen: "(", tokRParen: ")", tokComma: ",", tokSemi: ";",
	tokDots: "...", tokDefine: "=", tokAssign: ":=", tokBar: "|",
	tokPlus: "+", tokMinus: "-", tokStar: "*", tokSlash: "/", tokCaret: "^",
	tokLt: "<", tokLe: "<=", tokGt: ">", tokGe: ">=", tokEq: "==", tokNe: "!=",
	tokNorm: "norm", tokGen: "gen", tokUse: "use", tokAxis: "axis", tokIn: "in",
	tokMask: "mask", tokParam: "param", tokState: "state", tokLet: "let",
	tokStat: "stat", tokOut: "out", tokUpdate: "update", tokGrad: "grad", tokRequire: "require",
	tokMode: "mode", tokBackward: "backward", tokReduce: "reduce",
	tokShift: "shift", tokScale: "scale", tokRunning: "running",
	tokAffine: "affine",
	tokIf:     "if", tokThen: "then", tokElse: "else", tokAnd: "and",
	tokOr: "or", tokNot: "not", tokWhere: "where",
}

func (t tok) String() string { return tokText[t] }

// quoted names the kind in a message: `"{"`, but `a name`.
func (t tok) quoted() string {
	if t <= tokString {
		return t.String()
	}
	return strconv.Quote(t.String())
}

// startsItem reports whether t is one of the reserved words of items.
func (t tok) startsItem() bool { return t >= tokNorm && t <= tokAffine }

// reserved reports whether t is a word that cannot be a name.
func (t tok) reserved() bool { return t >= tokNorm }

var reservedWords = func() map[string]tok {
	words := map[string]tok{}
	for t := tokNorm; t <= tokWhere; t++ {
		words[t.String()] = t
	}
	return words
}()

// A lexeme is one token of the source. Line and Space say what stands before
// it: the formatter keeps the writer's choice of spacing inside expressions.
type lexeme struct {
	tok   tok
	text  string
	pos   Pos
	line  bool // first on its line
	space bool // blank or line end before it
}

func (l lexeme) span() Span {
	return Span{l.pos, l.pos.right(len(l.text))}
}

// found describes the lexeme in a message.
func (l lexeme) found() string {
	if l.tok == tokEOF {
		return "the end of the file"
	}
	if l.tok == tokString {
		return "the string " + clipQuoted(l.text)
	}
	return strconv.Quote(l.text)
}

// A Comment is one // comment, with its slashes and without the line end.
type Comment struct {
	Pos   Pos
	Text  string
	Blank bool // a blank line before it
}
