package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/pass"
)

// LaTeX writes the norms called name as equations in LaTeX with amsmath: the
// forward and the updates as the spec has them, the backward as it was derived,
// each in an align environment. Modes share what they have in common.
func LaTeX(p *dsl.Program, name string) (string, error) {
	return eachUnit(p, name, func(u Unit) (string, error) {
		var all []section
		for _, m := range u.Layer.Modes {
			sections, err := latexMode(u.Layer, m)
			if err != nil {
				return "", err
			}
			all = append(all, sections...)
		}
		return writeSections(u.Layer, all), nil
	})
}

// A section is a function of a mode.
type section struct {
	title string
	mode  string
	lines []string
}

// latexMode writes the functions of m. What the backward shares with the
// forward has the names of the forward.
func latexMode(l *ir.Layer, m *ir.Mode) ([]section, error) {
	simple := m.Forward.Clone()
	steps := map[*ir.Func][]pass.Pass{m.Forward: pass.Light, simple: pass.Exact, m.Backward: pass.Exact}
	for _, u := range m.Updates {
		steps[u.Func] = pass.Light
	}
	for f, ps := range steps {
		if err := pass.Run(f, ps); err != nil {
			return nil, err
		}
	}
	shareNames(simple, m.Backward)
	d := newDefinitions(l, m)
	forward := section{"forward", m.Name, d.function(m.Forward)}
	backward := section{"backward", m.Name, d.function(m.Backward)}
	if m.Approximate {
		backward.title += ", declared and approximate"
	}
	updates := section{"updates", m.Name, nil}
	for _, u := range m.Updates {
		updates.lines = append(updates.lines, d.function(u.Func)...)
	}
	return []section{forward, backward, updates}, nil
}

// shareNames names the values of g that f has and names.
func shareNames(f, g *ir.Func) {
	for v, w := range ir.Match(f, g) {
		if v.Name == "" && v.Op != ir.Widen && v.Op != ir.Const {
			v.Name = w.Name
		}
	}
}

// writeSections writes equal sections of several modes once.
func writeSections(l *ir.Layer, all []section) string {
	var b strings.Builder
	var done []section
	for _, s := range all {
		same := func(o section) bool { return o.title == s.title && slices.Equal(o.lines, s.lines) }
		if len(s.lines) == 0 || slices.ContainsFunc(done, same) {
			continue
		}
		done = append(done, s)
		title := l.Name + ", " + s.title
		if n := count(all, same); n < len(l.Modes) {
			title += " (" + s.mode + ")"
		}
		fmt.Fprintf(&b, "\\paragraph{%s}\n\\begin{align}\n  %s\n\\end{align}\n",
			strings.ReplaceAll(title, "_", `\_`), strings.Join(s.lines, " \\\\\n  "))
	}
	return b.String()
}

func count(all []section, has func(section) bool) int {
	n := 0
	for _, s := range all {
		if has(s) {
			n++
		}
	}
	return n
}
