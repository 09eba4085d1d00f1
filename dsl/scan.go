package dsl

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of a spec. They are far above any real one and keep the work that a
// hostile one can cause small.
const (
	maxFile   = 1 << 20
	maxTokens = 100_000
	maxNorms  = 4096
	maxDepth  = 64
	maxChain  = 512 // operators in a row, such as a + b + c
)

// A scanner turns a source into lexemes and comments. It reports a bad byte,
// skips it and goes on, so that one run shows several.
type scanner struct {
	*reporter
	src      string
	off      int
	line     int
	start    int // offset of the line's first byte
	fresh    bool
	space    bool
	out      []lexeme
	comments []Comment
}

// scan splits the reporter's file. The result always ends with a tokEOF.
func scan(r *reporter) ([]lexeme, []Comment) {
	s := &scanner{reporter: r, line: 1, fresh: true}
	if n := len(r.source.text); n > maxFile {
		r.errorf(codeFileSize, Span{}, "a spec has at most %d bytes, this one has %d", maxFile, n)
	} else {
		s.src = string(r.source.text)
		s.run()
	}
	s.emit(tokEOF, 0)
	return s.out, s.comments
}

func (s *scanner) run() {
	for s.off < len(s.src) && !s.full() {
		if len(s.out) >= maxTokens {
			s.errorf(codeTokens, s.here(1), "a spec has at most %d words and signs", maxTokens)
			return
		}
		s.next()
	}
}

func (s *scanner) pos() Pos { return Pos{s.line, s.off - s.start + 1, s.source} }

// here spans the next n bytes.
func (s *scanner) here(n int) Span {
	p := s.pos()
	return Span{p, p.right(n)}
}

// emit appends the next n bytes as one lexeme.
func (s *scanner) emit(t tok, n int) {
	s.out = append(s.out, lexeme{t, s.src[s.off : s.off+n], s.pos(), s.fresh, s.space})
	s.off += n
	s.fresh, s.space = false, false
}

func (s *scanner) next() {
	switch c := s.src[s.off]; {
	case c == '\n':
		s.off++
		s.line++
		s.start = s.off
		s.fresh, s.space = true, true
	case c == ' ' || c == '\t' || c == '\r':
		s.off++
		s.space = true
	case strings.HasPrefix(s.src[s.off:], "//"):
		s.comment()
	case isLetter(c):
		s.word()
	case isDigit(c):
		s.number()
	case c == '"':
		s.quoted()
	default:
		s.sign()
	}
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// width counts the bytes from the offset on for which ok holds.
func (s *scanner) width(ok func(byte) bool) int {
	n := 0
	for s.off+n < len(s.src) && ok(s.src[s.off+n]) {
		n++
	}
	return n
}

func (s *scanner) word() {
	n := s.width(func(c byte) bool { return isLetter(c) || isDigit(c) })
	if n > maxName {
		misspelt(s.reporter, s.here(n), s.src[s.off:s.off+n])
	}
	t, ok := reservedWords[s.src[s.off:s.off+n]]
	if !ok {
		t = tokName
	}
	s.emit(t, n)
}

var signs = []struct {
	text string
	tok  tok
}{
	{"...", tokDots}, {":=", tokAssign}, {"<=", tokLe}, {">=", tokGe}, {"==", tokEq}, {"!=", tokNe},
	{"{", tokLBrace}, {"}", tokRBrace}, {"[", tokLBrack}, {"]", tokRBrack}, {"(", tokLParen}, {")", tokRParen},
	{",", tokComma}, {";", tokSemi}, {"=", tokDefine}, {"|", tokBar}, {"+", tokPlus}, {"-", tokMinus},
	{"*", tokStar}, {"/", tokSlash}, {"^", tokCaret}, {"<", tokLt}, {">", tokGt},
}

func (s *scanner) sign() {
	for _, g := range signs {
		if strings.HasPrefix(s.src[s.off:], g.text) {
			s.emit(g.tok, len(g.text))
			return
		}
	}
	s.stray()
}

// stray reports a character that starts no token.
func (s *scanner) stray() {
	r, n := utf8.DecodeRuneInString(s.src[s.off:])
	switch {
	case r == utf8.RuneError && n <= 1:
		s.errorf(codeUTF8, s.here(1), "a spec is UTF-8 text, this byte is %#02x", s.src[s.off])
	case hidden(r):
		s.errorf(codeHidden, s.here(n), "a spec may not hold the invisible character %U", r).help("delete it")
	default:
		d := s.errorf(codeChar, s.here(n), "no part of the language starts with %q", r)
		if h := strayHelp[r]; h != "" {
			d.help("%s", h)
		}
	}
	s.off += n
	s.space = true
}

var strayHelp = map[rune]string{
	'!': `write "not c", or "!=" to compare`,
	'&': `write "and"`,
	':': `an update is written "state := value"`,
	'.': `a variadic axis is written "N...", and a number starts with a digit`,
	'#': `a comment starts with "//"`,
	'%': `write "mod(a, b)"`,
	'×': `write "*"`,
	'−': `write "-"`,
	'²': `write "^2"`,
	'≤': `write "<="`,
	'≥': `write ">="`,
}

// number scans digits with an optional fraction and exponent.
func (s *scanner) number() {
	n := numberWidth(s.src[s.off:])
	rest := s.off + n
	for rest < len(s.src) && (isLetter(s.src[rest]) || isDigit(s.src[rest])) {
		rest++
	}
	if text := s.src[s.off:rest]; rest > s.off+n {
		s.errorf(codeNumber, s.here(len(text)), "a number is digits with an optional fraction and exponent, this is %s", clip(text)).
			help(`write for example 12, 0.5 or 1e-5, and "*" between a number and a name`)
	} else if !representable(text) {
		s.errorf(codeNumberRange, s.here(n), "a number must fit a float64, %s does not", clip(text))
	}
	s.emit(tokNumber, rest-s.off)
}

func numberWidth(text string) int {
	digits := func(i int) int {
		for i < len(text) && isDigit(text[i]) {
			i++
		}
		return i
	}
	n := digits(0)
	if m := digits(min(n+1, len(text))); n < len(text) && text[n] == '.' && m > n+1 {
		n = m
	}
	if n < len(text) && text[n]|0x20 == 'e' {
		sign := n + 1
		if sign < len(text) && (text[sign] == '+' || text[sign] == '-') {
			sign++
		}
		if m := digits(sign); m > sign {
			n = m
		}
	}
	return n
}

// representable reports that the literal is finite and does not vanish.
func representable(text string) bool {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) {
		return false
	}
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	return v != 0 || strings.Trim(mantissa, "0.") == ""
}

// clip quotes source text for a message, shortened.
func clip(text string) string {
	if len(text) > 40 {
		text = text[:40] + "..."
	}
	return strconv.Quote(text)
}
