package dsl

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Render writes the findings for people:
//
//	powernorm.dsl:7:12: error: a name is declared before its use, "xx" is not declared [N101]
//	   7 |   let xh = xx * rsqrt(psi2 + eps)
//	     |            ^^
//	     help: did you mean "x"?
func (l ErrorList) Render(w io.Writer) error {
	r := &renderer{w: bufio.NewWriter(w), lines: map[*source][]string{}}
	for _, d := range l {
		r.diagnostic(d)
	}
	return r.w.Flush()
}

// A renderer keeps the sources in lines; its writer keeps the first error.
type renderer struct {
	w     *bufio.Writer
	lines map[*source][]string
}

// line returns line n of a source.
func (r *renderer) line(s *source, n int) (string, bool) {
	if s == nil || n < 1 {
		return "", false
	}
	if r.lines[s] == nil {
		r.lines[s] = strings.Split(string(s.text), "\n")
	}
	if n > len(r.lines[s]) {
		return "", false
	}
	return strings.TrimRight(r.lines[s][n-1], "\r"), true
}

func (r *renderer) diagnostic(d *Diagnostic) {
	fmt.Fprintf(r.w, "%s: %s: %s [%s]\n", place(d.File, d.Pos), d.Severity, d.Msg, d.Code)
	r.source(d.Span)
	for _, n := range d.Notes {
		fmt.Fprintf(r.w, "%s: note: %s\n", place(n.Pos.File(), n.Pos), n.Msg)
		r.source(n.Span)
	}
	if d.Help != "" {
		fmt.Fprintf(r.w, "     help: %s\n", d.Help)
	}
}

// place omits the position of a finding about the whole file.
func place(file string, p Pos) string {
	if p.Line == 0 {
		return file
	}
	return file + ":" + p.String()
}

// maxShown bounds the part of a line that is shown; a longer line shows the
// part around the caret.
const maxShown = 120

// source shows a line with the span underlined.
func (r *renderer) source(s Span) {
	text, ok := r.line(s.Pos.source, s.Pos.Line)
	if !ok {
		return
	}
	start := min(s.Pos.Col-1, len(text))
	end := len(text)
	if s.End.Line == s.Pos.Line {
		end = min(s.End.Col-1, end)
	}
	text, start, end = window(text, start, max(start, end))
	fmt.Fprintf(r.w, "%4d | %s\n", s.Pos.Line, visible(text))
	marks := max(1, utf8.RuneCountInString(text[start:end]))
	fmt.Fprintf(r.w, "     | %s%s\n", blanks(text[:start]), strings.Repeat("^", marks))
}

// window cuts a long line down to the surroundings of the span.
func window(text string, start, end int) (string, int, int) {
	from := 0
	if len(text) > maxShown && start > maxShown/2 {
		from = start - maxShown/2
		for from < start && !utf8.RuneStart(text[from]) {
			from++
		}
	}
	to := min(len(text), from+maxShown)
	return text[from:to], start - from, min(end, to) - from
}

// visible replaces what a terminal would interpret.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && hidden(r) {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(text, string(utf8.RuneError)))
}

// blanks is as wide as text, tabs included.
func blanks(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, text)
}
