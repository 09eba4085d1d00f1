package dsl

import (
	"cmp"
	"fmt"
)

// A Pos is a place in a spec: line and column from 1, the column in bytes.
// The zero Pos stands for the spec as a whole.
type Pos struct {
	Line, Col int
	source    *source // norms that a spec uses come from other files
}

func (p Pos) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Col) }

// File names the file that p is in, as messages do.
func (p Pos) File() string {
	if p.source == nil {
		return ""
	}
	return p.source.name
}

// right is n bytes further on the line.
func (p Pos) right(n int) Pos {
	p.Col += n
	return p
}

// Before reports whether p is before q, both of one file.
func (p Pos) Before(q Pos) bool { return comparePos(p, q) < 0 }

func comparePos(p, q Pos) int {
	return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Col, q.Col))
}

// A source is the text of one file.
type source struct {
	name  string
	text  []byte
	order int // in which the files of a spec were read; the spec itself is 0
}

func (s *source) rank() int {
	if s == nil {
		return 0
	}
	return s.order
}

// A Span is a piece of the source, from Pos up to but not including End.
type Span struct{ Pos, End Pos }

// Extent returns the span itself; syntax nodes inherit it.
func (s Span) Extent() Span { return s }
