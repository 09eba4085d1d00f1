package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/normgen/normgen/gen/plan"
)

// A summary is one line of the table at the end of a run.
type summary struct {
	Norm          string `json:"norm"`
	Kernels       int    `json:"kernels"`
	Forward       int    `json:"forward"` // tensor passes
	ForwardBound  int    `json:"forwardBound"`
	Backward      int    `json:"backward"`
	BackwardBound int    `json:"backwardBound"`
	State         string `json:"state,omitempty"`
}

func summarize(u *plan.Unit) summary {
	return summary{Norm: u.Name}
}

// printTable prints what was generated and how near it is to the fewest
// possible passes over memory.
func (t *tool) printTable(r *report) {
	w := tabwriter.NewWriter(t.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "norm\tkernels\tforward\tbackward\tstate")
	for _, u := range r.units {
		s := summarize(u)
		fmt.Fprintf(w, "%s\t%d\t%d of %d\t%d of %d\t%s\n", s.Norm, s.Kernels, s.Forward, s.ForwardBound, s.Backward, s.BackwardBound, s.State)
	}
	w.Flush()
	var count [orphaned + 1]int
	for _, c := range r.Files {
		count[c.State]++
	}
	fmt.Fprintf(t.stdout, "%s: wrote %d files, removed %d, kept %d\n", r.dir, count[missing]+count[stale], count[orphaned], count[same])
}
