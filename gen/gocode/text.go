package gocode

import (
	"go/token"
	"strings"
	"unicode"
)

// lines splits text that came from outside into lines that are safe behind
// "//": no control or bidirectional characters, no other line separators.
func lines(s string) []string {
	var out []string
	for _, l := range strings.FieldsFunc(s, func(r rune) bool {
		return r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
	}) {
		out = append(out, clean(l))
	}
	return out
}

// line is text from outside as one line.
func line(s string) string { return strings.Join(lines(s), " ") }

func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return r
		case unicode.IsControl(r), unicode.In(r, unicode.Bidi_Control), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	return strings.TrimRight(s, " \t")
}

// comment renders text as a comment that cannot be a directive: a space always
// follows the slashes.
func comment(text string) string {
	var out []string
	for _, l := range lines(text) {
		out = append(out, "// "+l)
	}
	return strings.Join(out, "\n")
}

func lowerFirst(s string) string {
	r := []rune(s)
	n := 0
	for n < len(r) && unicode.IsUpper(r[n]) {
		n++
	}
	if n > 1 && n < len(r) {
		n-- // PNVFast: pnvFast
	}
	for i := range n {
		r[i] = unicode.ToLower(r[i])
	}
	return string(r)
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// exported turns a spec name such as running_mean into a Go field name.
func exported(s string) string {
	var b strings.Builder
	for _, part := range strings.Split(s, "_") {
		b.WriteString(upperFirst(part))
	}
	return b.String()
}

// identifier keeps the letters and digits of a file's base name.
func identifier(s string) string {
	s = strings.TrimSuffix(s, ".dsl")
	s = strings.Map(func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return -1
	}, s)
	if s == "" || unicode.IsDigit(rune(s[0])) {
		s = "spec" + s
	}
	return s
}

// local turns a spec name into a Go local that shadows nothing the generated
// code uses.
func local(s string) string {
	parts := strings.Split(s, "_")
	for i, p := range parts[1:] {
		parts[i+1] = upperFirst(p)
	}
	s = lowerFirst(strings.Join(parts, ""))
	if s == "" || s == "_" {
		return "v"
	}
	if token.IsKeyword(s) || reserved[s] {
		return s + "Value"
	}
	return s
}

// reserved are the names that generated functions use themselves, and
// predeclared ones.
var reserved = func() map[string]bool {
	m := map[string]bool{}
	for _, s := range strings.Fields(`b f u i j k n d l w o T from to next mode cols knob groups step err runtime math
		any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string
		uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close complex copy delete imag
		len make max min new panic print println real recover init main`) {
		m[s] = true
	}
	return m
}()
