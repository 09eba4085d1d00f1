package main

import (
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
)

// A command is a first word of the command line.
type command struct {
	name, args, about string
	run               func(*tool, []string) exit
}

// commands returns the table of commands, in the order help shows them.
func commands() []command {
	return []command{
		{"new", "[name]", "write a starter spec to name.dsl, or print it", (*tool).newSpec},
		{"list", "[library [norm]]", `list the norms that a spec gets by: use Norm from "library"`, (*tool).list},
		{"fmt", "[-l] [-d] [-w] file...", "format specs (- is standard input)", (*tool).format},
		{"vet", "[-json] [-numeric] file...", "report errors and warnings", (*tool).vet},
		{"dump", "-ir core|grad|sums|plan file [norm]", "print a stage of the compiler", (*tool).dump},
		{"grad", "[-gap] [-latex] file [norm]", "print the backward that is derived, or measure how far a declared one is from it", (*tool).grad},
		{"fold", "file [norm]", "print the scale and shift that a norm is in evaluation", (*tool).fold},
		{"explain", "[-traffic | -schedule] file [norm] | file.s:line", "count passes over memory, say why each exists or how its assembly runs; or say what a line of assembly computes", (*tool).explain},
		{"diff", "[-set knob=value] a.dsl[:Norm] b.dsl[:Norm]", "compare what two norms compute", (*tool).difference},
		{"selftest", "[-mutate] [file...]", "compile norms on this machine and hold their results to the plan, bit for bit", (*tool).selftest},
		{"help", "[command | code]", "explain a command or a diagnostic", (*tool).help},
		{"version", "", "print the version", (*tool).version},
	}
}

// usage is the main form.
const usage = "normgen -spec file [-o dir] [-pkg name] [-fuzz] [-check | -diff | -n] [-json]"

func printUsage(w io.Writer) {
	fmt.Fprintf(w, "normgen compiles normalization layers to Go and assembly.\n\n\t%s\n\nOther commands:\n\n", usage)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range commands() {
		fmt.Fprintf(tw, "\tnormgen %s %s\t%s\n", c.name, c.args, c.about)
	}
	tw.Flush()
	fmt.Fprintf(w, "\nnormgen -h lists the flags. Status: 0 done, 1 out of date or different, 2 bad spec or usage.\n")
}

// flagSet returns an empty set of flags for the command of that name.
func flagSet(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.Usage = func() {
		fmt.Fprintf(fs.Output(), "usage: %s\n", synopsis(name))
		fs.PrintDefaults()
	}
	return fs
}

// synopsis returns the form of a command.
func synopsis(name string) string {
	for _, c := range commands() {
		if c.name == name {
			return "normgen " + name + " " + c.args
		}
	}
	return usage
}
