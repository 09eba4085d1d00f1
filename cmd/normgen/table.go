package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/normgen/normgen/gen/plan"
)

// A summary is one line of the table at the end of a run: a training step of
// a norm without masks, under one outcome of the conditions on the step.
type summary struct {
	Norm     string      `json:"norm"`
	When     string      `json:"when,omitempty"`
	Kernels  int         `json:"kernels"` // of the norm, in all modes
	Forward  traffic     `json:"forward"`
	Backward traffic     `json:"backward"`
	Saved    []plan.Kept `json:"saved,omitempty"`
	State    []string    `json:"state,omitempty"`
}

// A traffic is how often a kernel reads or writes a whole tensor, and the
// least that any plan could.
type traffic struct {
	Passes int `json:"passes"`
	Bound  int `json:"bound"`
}

func (t traffic) String() string { return fmt.Sprintf("%d (%d)", t.Passes, t.Bound) }

func summarize(units []*plan.Unit) []summary {
	var list []summary
	for _, u := range units {
		for _, v := range u.Train.Variants {
			if !v.Masked {
				list = append(list, summarizeVariant(u, v))
			}
		}
	}
	return list
}

func summarizeVariant(u *plan.Unit, v *plan.Variant) summary {
	s := summary{
		Norm: u.Name, When: v.Conditions(u.Layer), Kernels: u.Kernels(),
		Forward:  traffic{v.Forward.Passes(), v.Forward.Bound()},
		Backward: traffic{v.Backward.Passes(), v.Backward.Bound()},
		Saved:    v.Saved(),
	}
	for _, l := range u.Layer.States {
		s.State = append(s.State, l.Name)
	}
	return s
}

// printTable prints how near the plans are to the fewest possible passes over
// memory.
func (t *tool) printTable(units []*plan.Unit) {
	w := tabwriter.NewWriter(t.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "norm\twhen\tkernels\tforward (bound)\tbackward (bound)\tbytes saved\tstate")
	for _, s := range summarize(units) {
		fmt.Fprintf(w, "%s\t%s\t%d\t%v\t%v\t%s\t%s\n", s.Norm, orDash(s.When), s.Kernels, s.Forward, s.Backward,
			orDash(plan.Text(s.Saved)), orDash(strings.Join(s.State, " ")))
	}
	w.Flush()
}

// printWritten prints what became of the files.
func (t *tool) printWritten(r *report) {
	var count [orphaned + 1]int
	for _, c := range r.Files {
		count[c.State]++
	}
	fmt.Fprintf(t.stdout, "%s: wrote %d files, removed %d, kept %d\n", r.dir, count[missing]+count[stale], count[orphaned], count[same])
}

// orDash keeps a column visible where it has nothing to say.
func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
