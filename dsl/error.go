package dsl

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity tells an error, which stops the compiler, from a warning, and both
// from a note, which tells of a limit that a good norm may have.
type Severity uint8

const (
	SeverityError Severity = iota
	SeverityWarning
	SeverityNote
)

func (s Severity) String() string { return [...]string{"error", "warning", "note"}[s] }

// A Diagnostic is one finding about a spec. Msg says the rule that is broken,
// then the fact; Help says what to write instead, if that is known.
type Diagnostic struct {
	Span
	File     string
	Code     Code
	Severity Severity
	Msg      string
	Notes    []Note
	Help     string
}

// A Note shows another place that the finding is about.
type Note struct {
	Span
	Msg string
}

func (d *Diagnostic) Error() string {
	return fmt.Sprintf("%s:%s: %s: %s [%s]", d.File, d.Pos, d.Severity, d.Msg, d.Code)
}

func (d *Diagnostic) note(s Span, format string, args ...any) *Diagnostic {
	d.Notes = append(d.Notes, Note{s, fmt.Sprintf(format, args...)})
	return d
}

func (d *Diagnostic) help(format string, args ...any) *Diagnostic {
	d.Help = fmt.Sprintf(format, args...)
	return d
}

// An ErrorList is what Parse and Check found, in source order.
type ErrorList []*Diagnostic

// HasErrors reports whether the list holds an error and not only warnings.
func (l ErrorList) HasErrors() bool {
	return slices.ContainsFunc(l, func(d *Diagnostic) bool { return d.Severity == SeverityError })
}

func (l ErrorList) Error() string {
	switch len(l) {
	case 0:
		return "no errors"
	case 1:
		return l[0].Error()
	}
	return fmt.Sprintf("%s (and %d more)", l[0].Error(), len(l)-1)
}

// Err returns the list as an error, or nil if it holds none.
func (l ErrorList) Err() error {
	if l.HasErrors() {
		return l
	}
	return nil
}

// More findings than these are dropped: the first ones are the useful ones, and
// the bound keeps a hostile spec from costing more than its length.
const (
	maxErrors   = 10
	maxWarnings = 20
)

// A reporter collects diagnostics. The common items of a norm are checked once
// for each mode, so a finding that was made before is dropped.
type reporter struct {
	source *source // where findings about a whole file are
	list   ErrorList
	count  [3]int
	seen   map[findingKey]bool
}

type findingKey struct {
	pos  Pos
	code Code
}

func newReporter(file *source) *reporter {
	return &reporter{source: file, seen: map[findingKey]bool{}}
}

// failed reports that there was an error.
func (r *reporter) failed() bool { return r.count[SeverityError] > 0 }

// full reports that further errors would be dropped.
func (r *reporter) full() bool { return r.count[SeverityError] >= maxErrors }

func (r *reporter) errorf(c Code, s Span, format string, args ...any) *Diagnostic {
	return r.add(SeverityError, maxErrors, c, s, fmt.Sprintf(format, args...))
}

func (r *reporter) warnf(c Code, s Span, format string, args ...any) *Diagnostic {
	return r.add(SeverityWarning, maxWarnings, c, s, fmt.Sprintf(format, args...))
}

// add returns a diagnostic to hang notes on; a dropped one is returned too.
func (r *reporter) add(sev Severity, limit int, c Code, s Span, msg string) *Diagnostic {
	d := &Diagnostic{Span: s, File: cmp.Or(s.Pos.File(), r.source.name), Code: c, Severity: sev, Msg: msg}
	r.take(d, limit)
	return d
}

// take adds a diagnostic unless it is there or the limit of its severity is
// reached.
func (r *reporter) take(d *Diagnostic, limit int) {
	key := findingKey{d.Pos, d.Code}
	if r.seen[key] || r.count[d.Severity] >= limit {
		return
	}
	r.seen[key] = true
	r.count[d.Severity]++
	r.list = append(r.list, d)
}

// sorted returns the findings in source order, file by file.
func (r *reporter) sorted() ErrorList {
	r.list.Sort()
	return r.list
}

// Sort puts findings in source order, file by file.
func (l ErrorList) Sort() {
	slices.SortStableFunc(l, func(a, b *Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Pos.source.rank(), b.Pos.source.rank()), comparePos(a.Pos, b.Pos))
	})
}
