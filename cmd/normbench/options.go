package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// options are what the command line asks for.
type options struct {
	norms   []entry
	shapes  []shape
	ops     []op
	isas    []string
	workers []int
	rounds  int
	peers   bool
	python  string
	json    bool
	md      bool
	chart   string
}

const usage = `Usage: normbench [flags]

Normbench times the layers of the library through their public methods, argument
checks included, against the fastest way to move the same bytes, the loop that one
would write by hand and, with -peers, the layers of other libraries. It writes
results in the format of go test -bench, and a table at the end.

`

// defaultNorms are those that the targets are stated for.
const defaultNorms = "LayerNorm,RMSNorm,BatchNorm,PNV,PowerNorm,GroupNormNCS,GroupNormNSC"

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	fs := flag.NewFlagSet("normbench", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprint(stderr, usage)
		fs.PrintDefaults()
	}
	norms := fs.String("norms", defaultNorms, "`names` of norms, or all")
	shapes := fs.String("shapes", "", "`sizes`: rows x columns, or samples x channels x places (default "+defaultShapes+")")
	long := fs.Bool("long", false, "add 16384x1024 to the default shapes")
	passes := fs.String("ops", "forward,backward,infer", "`passes` to time")
	targets := fs.String("isa", strings.Join(isas(), ","), "kernels to time, by instruction `set`")
	workers := fs.String("workers", "1", "`numbers` of workers; Infer of layers that take no work has one only")
	fs.IntVar(&o.rounds, "rounds", 31, "rounds of a measurement; the median counts")
	fs.BoolVar(&o.peers, "peers", false, "time PyTorch and ONNX Runtime too, as far as they are installed")
	fs.StringVar(&o.python, "python", "python3", "the `interpreter` that has the peers")
	fs.BoolVar(&o.json, "json", false, "write a line of JSON for each measurement")
	fs.BoolVar(&o.md, "md", false, "write a table in Markdown")
	fs.StringVar(&o.chart, "chart", "", "also draw times over the limit to a PNG `file`")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if *shapes == "" {
		*shapes = defaultShapes
		if *long {
			*shapes = longShapes
		}
	}
	var errs [5]error
	o.norms, errs[0] = parseNorms(*norms)
	o.shapes, errs[1] = parseShapes(*shapes)
	o.ops, errs[2] = parseOps(*passes)
	o.isas, errs[3] = parseISAs(*targets)
	o.workers, errs[4] = parseWorkers(*workers)
	if err := errors.Join(errs[:]...); err != nil {
		return o, err
	}
	return o, o.check(fs.Args())
}

// check finds what each flag alone does not show.
func (o options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("%q: normbench takes flags only", rest[0])
	case o.rounds < 1:
		return fmt.Errorf("-rounds %d: at least one", o.rounds)
	case o.json && o.md:
		return errors.New("-json and -md: one of them")
	case o.races() == 0:
		return errors.New("none of the norms takes any of the shapes: norms of images take three sizes, the others two")
	}
	return nil
}

func parseNorms(list string) ([]entry, error) {
	if list == "all" {
		return library, nil
	}
	var out []entry
	for _, name := range strings.Split(list, ",") {
		e, ok := lookup(strings.TrimSpace(name))
		if !ok {
			return nil, fmt.Errorf("no norm %q: -norms takes all, or some of %s", name, strings.Join(names(), ", "))
		}
		out = append(out, e)
	}
	return out, nil
}

// names lists the library's norms.
func names() []string {
	var out []string
	for _, e := range library {
		out = append(out, e.name)
	}
	return out
}

func parseOps(list string) ([]op, error) {
	var out []op
	for _, name := range strings.Split(list, ",") {
		o := op(strings.TrimSpace(name))
		if !slices.Contains(ops, o) {
			return nil, fmt.Errorf("no pass %q: -ops takes forward, backward, infer", name)
		}
		out = append(out, o)
	}
	return out, nil
}

func parseISAs(list string) ([]string, error) {
	out := strings.Split(list, ",")
	for _, isa := range out {
		if !slices.Contains(isas(), isa) {
			return nil, fmt.Errorf("no %q kernels on this machine: -isa takes %s", isa, strings.Join(isas(), ", "))
		}
	}
	return out, nil
}

func parseWorkers(list string) ([]int, error) {
	var out []int
	for _, text := range strings.Split(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 || n > runtime.NumCPU() {
			return nil, fmt.Errorf("-workers %q: numbers from 1 to %d, which this machine has", text, runtime.NumCPU())
		}
		out = append(out, n)
	}
	return out, nil
}
