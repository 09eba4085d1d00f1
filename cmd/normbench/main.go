// The command normbench times the layers of package generated.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"

	"golang.org/x/sys/cpu"
)

func main() {
	os.Exit(command(os.Args[1:], os.Stdout, os.Stderr, os.Stderr))
}

// command runs the tool and returns its exit code: 0 done, 1 failed, 2 bad usage.
// The progress bar goes to terminal, if it is one.
func command(args []string, stdout, stderr io.Writer, terminal *os.File) int {
	o, err := parseOptions(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "normbench:", err)
		return 2
	}
	if err := measureAll(o, stdout, stderr, terminal); err != nil {
		fmt.Fprintln(stderr, "normbench:", err)
		return 1
	}
	return 0
}

// measureAll writes what is measured, up to an interrupt.
func measureAll(o options, stdout, stderr io.Writer, terminal *os.File) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt does not wait for the race to end
	var results []result
	r := runner{options: o, log: stderr, shown: show(terminal, o.races())}
	defer r.shown.clear()
	r.emit = func(res result) error {
		results = append(results, res)
		r.shown.clear()
		return o.line(stdout, &res)
	}
	if o.peers {
		p, err := startPeers(o.python, stderr)
		if err != nil {
			fmt.Fprintln(stderr, "normbench: without peers:", err)
		}
		r.rivals = p
		defer p.stop()
	}
	if err := o.head(stdout); err != nil {
		return err
	}
	failed := r.run(ctx)
	r.shown.clear()
	if len(results) == 0 {
		return failed
	}
	return errors.Join(failed, o.table(stdout, results), o.draw(results))
}

// head writes what benchstat wants to know.
func (o options) head(w io.Writer) error {
	if o.json || o.md {
		return nil
	}
	_, err := fmt.Fprintf(w, "goos: %s\ngoarch: %s\npkg: github.com/normgen/normgen/generated\ncpu: %s\n",
		runtime.GOOS, runtime.GOARCH, processor())
	return err
}

// draw draws the chart, if one is asked for.
func (o options) draw(results []result) error {
	if o.chart == "" {
		return nil
	}
	return drawChart(o.chart, results)
}

// line writes what is written as soon as a result is known.
func (o options) line(w io.Writer, r *result) error {
	switch {
	case o.json:
		return r.writeJSON(w)
	case o.md:
		return nil
	}
	return r.writeBench(w)
}

// table writes what is written at the end.
func (o options) table(w io.Writer, results []result) error {
	switch {
	case o.json:
		return nil
	case o.md:
		return writeMarkdown(w, results)
	}
	fmt.Fprintln(w)
	return writeTable(w, results)
}

// processor describes the processor as far as it says.
func processor() string {
	if cpu.X86.HasAVX512F {
		return runtime.GOARCH + " with AVX-512"
	}
	if cpu.X86.HasAVX2 {
		return runtime.GOARCH + " with AVX2"
	}
	return runtime.GOARCH
}
