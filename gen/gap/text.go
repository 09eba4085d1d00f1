package gap

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// String is the table for people.
func (r *Report) String() string {
	if len(r.Rows) == 0 {
		return r.Norm + ": every gradient is derived, none is declared otherwise\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: declared gradients against the derived ones, %d steps, seed %d, %s\n", r.Norm, r.Steps, r.Seed, r.sizes())
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  mode\tinputs\tgradient\tstep\tcosine\trelative\tworst element")
	for _, row := range r.Rows {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%d\t%s\t%s\t%s\n", row.Mode, row.Inputs, row.Gradient, row.Step,
			number("%.6f", row.Cosine), number("%.2e", row.Relative), row.element())
	}
	w.Flush()
	return b.String()
}

func (r *Report) sizes() string {
	var parts []string
	for _, s := range r.Sizes {
		parts = append(parts, fmt.Sprintf("%s = %d", s.Axis, s.Size))
	}
	return strings.Join(parts, ", ")
}

func (r Row) element() string {
	if r.Relative != nil && *r.Relative == 0 {
		return "-"
	}
	at := strings.Trim(strings.ReplaceAll(fmt.Sprint(r.At), " ", ", "), "[]")
	return fmt.Sprintf("%s[%s] = %s, derived %s", r.Gradient, at, number("%.4g", r.Declared), number("%.4g", r.Derived))
}

func number(format string, x *float64) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf(format, *x)
}
