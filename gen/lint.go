package gen

import (
	"slices"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/interval"
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
// source order, each fact once: warnings and, if asked for, notes.
func Lint(p *dsl.Program, notes bool) (dsl.ErrorList, error) {
	units, err := Lower(p)
	if err != nil {
		return nil, err
	}
	l := linter{seen: map[fact]bool{}}
	for _, u := range units {
		for _, f := range interval.Check(u.Layer, storage(u.Gen)) {
			if notes || !f.Note {
				l.add(u.Gen.Norm, f)
			}
		}
	}
	l.list.Sort()
	return l.list, nil
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
	list dsl.ErrorList
	seen map[fact]bool

	warnings, notes int
}

// A fact is what is said once, of however many modes and gen items.
type fact struct {
	code dsl.Code
	span dsl.Span
}

func (l *linter) add(norm *dsl.Core, f interval.Finding) {
	s := dsl.Span{Pos: norm.At(f.Span.Line, f.Span.Col), End: norm.At(f.Span.EndLine, f.Span.EndCol)}
	k := fact{codes[f.Kind], s}
	if l.seen[k] || !l.count(f) {
		return
	}
	l.seen[k] = true
	d := &dsl.Diagnostic{Span: s, File: s.Pos.File(), Code: k.code, Severity: dsl.SeverityWarning, Msg: f.Msg, Help: f.Help}
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
