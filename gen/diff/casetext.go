package diff

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
)

// writeCase writes a smallest case of a finding, if there is one.
func (r *Report) writeCase(b *strings.Builder, f *Finding, c *Case) {
	if c == nil {
		return
	}
	q := c.problem
	fmt.Fprintf(b, "  smallest case: %s, step %s", r.a.layer.Modes[q.mode].Name, r.stepName(q.step))
	for i, a := range r.a.layer.Axes {
		if a != ir.UnitRow {
			fmt.Fprintf(b, ", %s = %d", a.Name, q.sizes.a[i])
		}
	}
	b.WriteByte('\n')
	if text := r.startText(q); text != "" {
		fmt.Fprintf(b, "    %s\n", text)
	}
	for n, batch := range q.batches {
		b.WriteString("    ")
		if len(q.batches) > 1 {
			fmt.Fprintf(b, "%d. ", n+1)
		}
		fmt.Fprintln(b, r.batchText(q, batch))
	}
	s, digits := c.seen, 6
	text := func(x []float64) string { return r.a.matrix(f.pair.a, x, q.sizes.a, digits) }
	for digits < 16 && text(s.a) == text(s.b) {
		digits++
	}
	after := ""
	if slices.ContainsFunc(r.states, func(s statePair) bool { return s.pair == f.pair }) {
		after = " after it"
	}
	fmt.Fprintf(b, "    %s%s = %s in a, %s in b", f.name, after, text(s.a), text(s.b))
	if f.k != 1 {
		fmt.Fprintf(b, " (divided by %g)", f.k)
	}
	b.WriteByte('\n')
}

// startText lists the parameters and states that do not start as declared.
func (r *Report) startText(q *problem) string {
	var parts []string
	for _, l := range slices.Concat(r.a.layer.Params, r.a.layer.States) {
		if slices.ContainsFunc(q.values[l], func(v float64) bool { return v != l.Init }) {
			parts = append(parts, l.Name+" = "+r.a.matrix(l, q.values[l], q.sizes.a, 6))
		}
	}
	return strings.Join(parts, ", ")
}

// batchText lists the tensors of a batch; a gradient that is 0 is left out.
func (r *Report) batchText(q *problem, batch train.Batch) string {
	var parts []string
	add := func(leaves []*ir.Leaf, values [][]float64) {
		for i, x := range values {
			if x != nil {
				parts = append(parts, leaves[i].Name+" = "+r.a.matrix(leaves[i], x, q.sizes.a, 6))
			}
		}
	}
	add(r.a.layer.Inputs, batch.Inputs)
	add(r.a.layer.Masks, batch.Masks)
	for i, dy := range batch.Cotangents {
		if dot(dy, dy) > 0 {
			add(r.a.layer.Modes[q.mode].Cotangents[i:i+1], [][]float64{dy})
		}
	}
	return strings.Join(parts, ", ")
}

// matrix writes a tensor as rows along its innermost axis.
func (s *side) matrix(l *ir.Leaf, x []float64, n []int, digits int) string {
	cols := len(x)
	if g := s.groupsOf(l.Dims); len(g) > 0 {
		cols = 1
		for _, axis := range g[len(g)-1].axes {
			cols *= n[axis]
		}
	}
	var b strings.Builder
	b.WriteByte('[')
	for i, v := range x {
		switch {
		case i > 0 && i%cols == 0:
			b.WriteString("; ")
		case i > 0:
			b.WriteByte(' ')
		}
		if v = rounded(v, digits); v == 0 {
			v = math.Abs(v)
		}
		b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
	}
	return b.String() + "]"
}
