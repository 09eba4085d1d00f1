package main

import (
	"fmt"

	"github.com/normgen/normgen/dsl"
)

// help explains normgen, one of its commands, or the code of a diagnostic.
func (t *tool) help(args []string) exit {
	if len(args) == 0 {
		printUsage(t.stdout)
		return done
	}
	if len(args) > 1 {
		return t.fail(fmt.Errorf("usage: %s", synopsis("help")))
	}
	if text, ok := dsl.Explain(dsl.Code(args[0])); ok {
		fmt.Fprintln(t.stdout, text)
		return done
	}
	for _, c := range commands() {
		if c.name == args[0] {
			fmt.Fprintf(t.stdout, "usage: %s\n\n%s\n", synopsis(c.name), c.about)
			return done
		}
	}
	return t.fail(fmt.Errorf("no command and no code %q", args[0]))
}
