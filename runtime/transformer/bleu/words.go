package bleu

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// A Tokenizer cuts a line into words.
type Tokenizer uint8

const (
	V13a   Tokenizer = iota // as mteval-v13a.pl of WMT does: punctuation stands alone
	Spaces                  // at white space: the line is tokenized already
)

// String returns the name in signatures.
func (t Tokenizer) String() string {
	if t == Spaces {
		return "none"
	}
	return "13a"
}

// words cuts a line.
func (t Tokenizer) words(line string) []string {
	line = strings.TrimRightFunc(line, space)
	if t == V13a {
		line = v13a(line)
	}
	return strings.FieldsFunc(line, space)
}

// entities undoes the escapes, in this order: the second can make one of the others.
var entities = []struct{ from, to string }{
	{"&quot;", `"`}, {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"},
}

// rules put spaces around what is a word of its own, one after the other.
var rules = []struct {
	find *regexp.Regexp
	put  string
}{
	{regexp.MustCompile("([{-~\\[-` -&(-+:-@/])"), " ${1} "}, // ASCII punctuation but ' , - .
	{regexp.MustCompile(`([^0-9])([.,])`), "${1} ${2} "},
	{regexp.MustCompile(`([.,])([^0-9])`), " ${1} ${2}"},
	{regexp.MustCompile(`([0-9])(-)`), "${1} ${2} "},
}

func v13a(line string) string {
	line = strings.ReplaceAll(line, "<skipped>", "")
	line = strings.ReplaceAll(line, "-\n", "")
	line = strings.ReplaceAll(line, "\n", " ")
	for _, e := range entities {
		line = strings.ReplaceAll(line, e.from, e.to)
	}
	line = " " + line + " "
	for _, r := range rules {
		line = r.find.ReplaceAllString(line, r.put)
	}
	return line
}

// space reports what Python's str.split splits at: four control characters more
// than Unicode's white space.
func space(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// lower is full lower-casing, as Python's, which knows a final sigma.
func lower(s string) string { return cases.Lower(language.Und).String(s) }
