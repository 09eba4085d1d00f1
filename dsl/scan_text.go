package dsl

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// comment keeps the text and checks that it shows what it is: a control or
// direction character could make the reader see another spec than the compiler.
func (s *scanner) comment() {
	n := s.width(func(c byte) bool { return c != '\n' })
	text := s.src[s.off : s.off+n]
	s.comments = append(s.comments, Comment{Pos: s.pos(), Text: strings.TrimRight(text, " \t\r")})
	s.visible(n)
	s.off += n
	s.space = true
}

// quoted takes the name of a file, which ends on its line. There are no
// escapes: what the reader sees is the name.
func (s *scanner) quoted() {
	n := 1 + len(s.src[s.off+1:])
	if i := strings.IndexAny(s.src[s.off+1:], "\"\n"); i >= 0 {
		n = 1 + i
	}
	if s.off+n == len(s.src) || s.src[s.off+n] != '"' {
		s.errorf(codeString, s.here(n), "a string ends with a quote on its line, this one does not")
	} else {
		n++
	}
	s.visible(n)
	s.emit(tokString, n)
}

// clipQuoted shortens a string that has its quotes.
func clipQuoted(text string) string {
	if len(text) > 40 {
		return strings.ToValidUTF8(text[:40], "") + `..."`
	}
	return text
}

// visible checks the characters of the next n bytes, and stays where it is.
func (s *scanner) visible(n int) {
	start := s.off
	for s.off < start+n && !s.full() {
		s.off += s.plain(start + n)
	}
	s.off = start
}

// plain checks the next character of a comment or string and returns its width.
func (s *scanner) plain(end int) int {
	r, n := utf8.DecodeRuneInString(s.src[s.off:end])
	switch {
	case r == utf8.RuneError && n == 1:
		s.errorf(codeUTF8, s.here(1), "a spec is UTF-8 text, this byte is %#02x", s.src[s.off])
	case hidden(r):
		s.errorf(codeHidden, s.here(n), "a spec may not hold the invisible character %U", r).
			help("delete it")
	}
	return n
}

// hidden reports characters that change what a reader sees without being seen.
func hidden(r rune) bool {
	return r != '\t' && r != '\r' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029')
}
