package random

import (
	"slices"
	"strings"

	"github.com/normgen/normgen/dsl"
)

// Shrink returns the smallest spec that it finds to fail like text does. Failing
// returns the index of the first of some candidates that fails, or -1; candidates
// need not be valid specs.
func Shrink(text string, failing func(candidates []string) int) string {
	for {
		list := smaller(text)
		i := failing(list)
		if i < 0 {
			return text
		}
		text = list[i]
	}
}

// smaller lists specs with one thing less, the largest things first.
func smaller(text string) []string {
	file, errs := dsl.Parse("spec.dsl", []byte(text))
	if errs.HasErrors() {
		return nil
	}
	s := &shrinker{text: text, lines: lineStarts(text)}
	for _, it := range file.Items {
		if n, ok := it.(*dsl.Norm); ok {
			s.items(n.Body.Items)
		}
	}
	slices.SortStableFunc(s.edits, func(a, b edit) int { return (b.to - b.from - len(b.by)) - (a.to - a.from - len(a.by)) })
	var out []string
	for _, e := range s.edits {
		if t := text[:e.from] + e.by + text[e.to:]; len(t) < len(text) && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// An edit replaces a piece of the text.
type edit struct {
	from, to int
	by       string
}

type shrinker struct {
	text  string
	lines []int // where they start
	edits []edit
}

func lineStarts(text string) []int {
	starts := []int{0, 0} // lines count from 1
	for i, c := range text {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func (s *shrinker) at(p dsl.Pos) int { return s.lines[p.Line] + p.Col - 1 }

func (s *shrinker) source(x dsl.Span) string { return s.text[s.at(x.Pos):s.at(x.End)] }

func (s *shrinker) replace(x dsl.Span, by string) {
	s.edits = append(s.edits, edit{s.at(x.Pos), s.at(x.End), by})
}

// items takes away items, blocks around items, bindings, and terms.
func (s *shrinker) items(items []dsl.Item) {
	for _, it := range items {
		s.replace(it.Extent(), "")
		switch it := it.(type) {
		case *dsl.ModeItem:
			s.items(it.Body.Items)
		case *dsl.BackwardItem:
			s.items(it.Body.Items)
		case *dsl.Declare:
			s.bindings(it.Bindings)
		case *dsl.Equations:
			s.bindings(it.Bindings)
		case *dsl.ScaleClause:
			s.term(it.X)
		}
	}
}

// bindings takes one of several away, with a comma, and makes right sides smaller.
func (s *shrinker) bindings(list []*dsl.Binding) {
	for i, b := range list {
		switch {
		case i > 0:
			s.replace(dsl.Span{Pos: list[i-1].End, End: b.End}, "")
		case len(list) > 1:
			s.replace(dsl.Span{Pos: b.Pos, End: list[1].Pos}, "")
		}
		if b.Init != nil {
			s.term(b.Init)
		}
	}
}

// term replaces a term by one of its parts, by x, or by 1.
func (s *shrinker) term(t dsl.Term) {
	for _, by := range []string{"1", "x"} {
		s.replace(t.Extent(), by)
	}
	for _, part := range parts(t) {
		s.replace(t.Extent(), "("+strings.Trim(s.source(part.Extent()), " ")+")")
		s.replace(t.Extent(), s.source(part.Extent()))
		s.term(part)
	}
	if f, ok := t.(*dsl.FoldTerm); ok && f.Mask != nil {
		over := f.Over[len(f.Over)-1].Extent()
		s.replace(dsl.Span{Pos: over.End, End: f.Mask.Extent().End}, "")
	}
}

func parts(t dsl.Term) []dsl.Term {
	switch t := t.(type) {
	case *dsl.GroupTerm:
		return []dsl.Term{t.X}
	case *dsl.PrefixTerm:
		return []dsl.Term{t.X}
	case *dsl.InfixTerm:
		return []dsl.Term{t.X, t.Y}
	case *dsl.CallTerm:
		return t.Args
	case *dsl.FoldTerm:
		return []dsl.Term{t.X}
	case *dsl.IfTerm:
		return []dsl.Term{t.Cond, t.Then, t.Else}
	}
	return nil
}
