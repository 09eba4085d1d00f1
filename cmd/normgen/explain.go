package main

import "github.com/normgen/normgen/gen"

// explain prints what a step of each norm moves, and why no plan moves less.
func (t *tool) explain(args []string) exit {
	fs := flagSet("explain")
	fs.Bool("traffic", true, "passes over memory against the lower bound")
	if status, ok := t.parse(fs, args); !ok {
		return status
	}
	return t.show("explain", fs.Args(), gen.Traffic)
}
