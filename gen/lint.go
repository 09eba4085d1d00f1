package gen

import (
	"slices"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/interval"
	"github.com/normgen/normgen/gen/ir"
)

// codes gives each kind of finding its code.
var codes = map[interval.Kind]dsl.Code{
	interval.RsqrtZero: dsl.CodeRsqrtZero,
	interval.DivZero:   dsl.CodeDivZero,
	interval.LogZero:   dsl.CodeLogZero,
	interval.Root:      dsl.CodeRoot,
	interval.Constant:  dsl.CodeConstant,
	interval.Vanish:    dsl.CodeVanish,
	interval.OnePass:   dsl.CodeOnePass,
	interval.Cancel:    dsl.CodeCancel,
	interval.Overflow:  dsl.CodeOverflow,
	interval.Invariant: dsl.CodeInvariant,
	interval.Square:    dsl.CodeSquare,
	interval.Diverge:   dsl.CodeDiverge,
}

// maxWarnings and maxNotes bound the findings about the numbers of one file:
// the first ones are the useful ones.
const (
	maxWarnings = 20
	maxNotes    = 100
)

// Lint returns what may go wrong in the numbers of a checked program, in
// source order, each fact once: warnings and, if asked for, notes. Messages
// call the file path.
func Lint(p *dsl.Program, path string, notes bool) (dsl.ErrorList, error) {
	units, err := Lower(p)
	if err != nil {
		return nil, err
	}
	var found []interval.Finding
	for _, u := range units {
		found = append(found, interval.Check(u.Layer, storage(u.Gen))...)
	}
	slices.SortStableFunc(found, func(a, b interval.Finding) int { return rank(a) - rank(b) })
	l := linter{path: path, seen: map[fact]bool{}}
	for _, f := range found {
		if notes || !f.Note {
			l.add(f)
		}
	}
	slices.SortStableFunc(l.list, func(a, b *dsl.Diagnostic) int {
		switch {
		case a.Pos.Before(b.Pos):
			return -1
		case b.Pos.Before(a.Pos):
			return 1
		}
		return 0
	})
	return l.list, nil
}

// rank puts warnings before notes.
func rank(f interval.Finding) int {
	if f.Note {
		return 1
	}
	return 0
}

// storage is the narrowest storage type that g asks for.
func storage(g *dsl.Gen) interval.Format {
	if slices.Equal(g.Dtypes, []string{"f64"}) {
		return interval.Float64
	}
	return interval.Float32
}

// A linter lists findings.
type linter struct {
	path string
	list dsl.ErrorList
	seen map[fact]bool

	warnings, notes int
}

// A fact is what is said once, of however many modes and gen items.
type fact struct {
	code dsl.Code
	span ir.Span
}

func (l *linter) add(f interval.Finding) {
	k := fact{codes[f.Kind], f.Span}
	if l.seen[k] || !l.count(f) {
		return
	}
	l.seen[k] = true
	d := &dsl.Diagnostic{File: l.path, Code: k.code, Severity: dsl.SeverityWarning, Msg: f.Msg, Help: f.Help}
	d.Pos, d.End = dsl.Pos{Line: f.Span.Line, Col: f.Span.Col}, dsl.Pos{Line: f.Span.EndLine, Col: f.Span.EndCol}
	if f.Note {
		d.Severity = dsl.SeverityNote
	}
	l.list = append(l.list, d)
}

// count counts f, and reports whether there is room for it.
func (l *linter) count(f interval.Finding) bool {
	if f.Note {
		l.notes++
		return l.notes <= maxNotes
	}
	l.warnings++
	return l.warnings <= maxWarnings
}
