package diff

import (
	"fmt"
	"slices"
	"strings"
)

// String is the report for people.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "a = %s\nb = %s\n\n", r.A, r.B)
	r.writePairs(&b)
	b.WriteByte('\n')
	if r.Equal() {
		fmt.Fprintf(&b, "equal in all of %d runs: %s\n", r.ran, strings.Join(r.names(false), ", "))
		r.writeNotes(&b)
		return b.String()
	}
	var follow []string
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case r.follows(f):
			follow = append(follow, f.name)
		case f.Differs():
			r.writeFinding(&b, f)
		}
	}
	if len(follow) > 0 {
		fmt.Fprintf(&b, "only in runs, since states differ: %s\n", strings.Join(follow, ", "))
	}
	if equal := r.names(false); len(equal) > 0 {
		fmt.Fprintf(&b, "equal: %s\n", strings.Join(equal, ", "))
	}
	r.writeNotes(&b)
	return b.String()
}

func (r *Report) writeNotes(b *strings.Builder) {
	notes := slices.Concat(r.Notes, r.Remarks)
	if r.refusal != "" {
		notes = append(notes, r.refusal)
	}
	for _, n := range notes {
		fmt.Fprintf(b, "note: %s\n", n)
	}
}

// names lists the results that differ, or that do not.
func (r *Report) names(differ bool) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Differs() == differ {
			out = append(out, f.name)
		}
	}
	return out
}

// writePairs says what is compared with what.
func (r *Report) writePairs(b *strings.Builder) {
	var axes, pairs, states []string
	for i, block := range r.a.blocks {
		if x, y := r.a.product(block), r.b.product(r.b.blocks[i]); x != y {
			axes = append(axes, x+" ~ "+y)
		}
	}
	for _, p := range slices.Concat(r.inputs, r.masks, r.params, r.outputs) {
		pairs = append(pairs, both("", p))
	}
	for _, s := range r.states {
		text := both("", s.pair)
		switch {
		case s.k == 1:
		case s.exact:
			text += fmt.Sprintf(" with b's = %g times a's", s.k)
		default:
			text += fmt.Sprintf(" with b's taken as %g times a's", s.k)
		}
		states = append(states, text)
	}
	for _, line := range []struct{ what, text string }{
		{"pairs", strings.Join(pairs, ", ")}, {"axes", strings.Join(axes, ", ")}, {"states", strings.Join(states, "; ")},
		{"knobs", r.knobLine()}, {"alone", strings.Join(r.alone, ", ")},
	} {
		if line.text != "" {
			fmt.Fprintf(b, "%-7s %s\n", line.what, line.text)
		}
	}
}

func (s *side) product(axes []int) string {
	var names []string
	for _, a := range axes {
		names = append(names, s.layer.Axes[a].Name)
	}
	if len(names) == 0 {
		return "1"
	}
	return strings.Join(names, "*")
}

func (r *Report) knobLine() string {
	var parts []string
	for _, k := range r.a.layer.Knobs {
		v := r.a.knobs[k.Name]
		switch w, ok := r.b.knobs[k.Name]; {
		case !ok:
			parts = append(parts, fmt.Sprintf("a.%s = %g", k.Name, v))
		case w == v:
			parts = append(parts, fmt.Sprintf("%s = %g", k.Name, v))
		default:
			parts = append(parts, fmt.Sprintf("a.%s = %g and b.%s = %g", k.Name, v, k.Name, w))
		}
	}
	for _, k := range r.b.layer.Knobs {
		if _, ok := r.a.knobs[k.Name]; !ok {
			parts = append(parts, fmt.Sprintf("b.%s = %g", k.Name, r.b.knobs[k.Name]))
		}
	}
	return strings.Join(parts, ", ")
}

func (r *Report) writeFinding(b *strings.Builder, f *Finding) {
	switch {
	case f.like != "":
		fmt.Fprintf(b, "%s differs where %s does\n", f.name, f.like)
		return
	case len(f.late) > 0:
		fmt.Fprintf(b, "%s differs in runs, by up to %s, but not in one step from equal states\n", f.name, percent(f.late.size()))
	default:
		fmt.Fprintf(b, "%s differs by up to %s in one step from equal states\n", f.name, percent(f.free.size()))
	}
	for _, s := range r.situations(f.free) {
		fmt.Fprintf(b, "    %s\n", s)
	}
	r.writeCase(b, f, f.smallest)
	if r.Cond != nil && !sameCells(f.free, f.cond) {
		r.writeUnder(b, r.Cond.String(), f.cond)
		r.writeCase(b, f, f.under)
	}
	if f.quiet != nil {
		r.writeUnder(b, r.quietText(), f.quiet)
	}
}

// writeUnder says what remains under a condition.
func (r *Report) writeUnder(b *strings.Builder, condition string, rest region) {
	fmt.Fprintf(b, "  where %s", condition)
	if len(rest) == 0 {
		fmt.Fprintf(b, ": never\n")
		return
	}
	fmt.Fprintf(b, ", by up to %s\n", percent(rest.size()))
	for _, s := range r.situations(rest) {
		fmt.Fprintf(b, "    %s\n", s)
	}
}

// quietText is the condition on the gradient, after that on the input. What
// remains under it is what the forward does not explain.
func (r *Report) quietText() string {
	text := r.a.layer.Modes[1].Cotangents[index(r.a.layer.Outputs, r.outputs[0].a)].Name + " is such that eval agrees"
	if r.Cond != nil {
		return r.Cond.String() + " and " + text
	}
	return text
}

func percent(x float64) string {
	if x > 0.1 {
		return fmt.Sprintf("%.0f%%", 100*x)
	}
	return fmt.Sprintf("%.2g%%", 100*x)
}
