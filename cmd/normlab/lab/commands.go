package lab

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
		{"train", "[flags]", "train a model, and write its losses and a plot", (*tool).train},
		{"probe", "[flags]", "train, and measure at every step how far the statistics of batches are from running ones", (*tool).probe},
		{"sweep", "[flags] file.json", "train norms times seeds times batch sizes; the same command goes on where it was cut", (*tool).sweep},
		{"report", "[-out dir] dir...", "write a page with tables, intervals and figures about sweeps and runs", (*tool).report},
		{"eval", "-run dir [flags]", "evaluate a run's model: loss, perplexity, and BLEU of translations", (*tool).eval},
		{"translate", "-run dir [flags]", "translate the lines of standard input with a run's model", (*tool).translate},
		{"export", "-run dir -out file [flags]", "write a run's weights for another program, under its names", (*tool).export},
		{"norms", "", "list the norms that -norm takes", (*tool).norms},
		{"help", "[command]", "explain a command", (*tool).help},
	}
}

const introduction = `normlab trains Transformers with norms chosen by name, and watches what the norms do.

`

const caution = `
Norms with statistics over the batch, such as BatchNorm, let every position of a causal
model see the others in training, later ones too: its training loss is then no bound on
what it can predict. Evaluation uses running statistics, and is causal.

Status: 0 done, 1 a run diverged or was stopped, 2 bad usage or input.
`

func (t *tool) printUsage(w io.Writer) {
	fmt.Fprint(w, introduction)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range commands() {
		fmt.Fprintf(tw, "\tnormlab %s %s\t%s\n", c.name, c.args, c.about)
	}
	tw.Flush()
	fmt.Fprint(w, caution)
}

// flagSet returns an empty set of flags for the command of that name.
func flagSet(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.Usage = func() {
		for _, c := range commands() {
			if c.name == name {
				fmt.Fprintf(fs.Output(), "usage: normlab %s %s\n%s\n\n", name, c.args, c.about)
			}
		}
		fs.PrintDefaults()
		fmt.Fprint(fs.Output(), caution)
	}
	return fs
}

// help explains a command, or lists them.
func (t *tool) help(args []string) exit {
	if len(args) == 0 {
		t.printUsage(t.stdout)
		return done
	}
	for _, c := range commands() {
		if c.name == args[0] && c.name != "help" {
			to := *t
			to.stderr = t.stdout
			return c.run(&to, []string{"-h"})
		}
	}
	return t.run(args[:1])
}

// norms lists the catalogue.
func (t *tool) norms(args []string) exit {
	fs := flagSet("norms")
	spec := fs.String("spec", "", "also list the norms of this `file`")
	if status, ok := t.parse(fs, args); !ok {
		return status
	}
	if status, over := t.withSpec(*spec); over {
		return status
	}
	w := tabwriter.NewWriter(t.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "norm with its knobs\trows in training")
	for i := range t.catalogue {
		m := &t.catalogue[i]
		rows := "independent"
		if m.Mixes {
			rows = "see each other"
		}
		fmt.Fprintf(w, "%s\t%s\n", m, rows)
	}
	w.Flush()
	return done
}
