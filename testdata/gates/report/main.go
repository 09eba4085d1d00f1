// Command report reads the output of go test -v and prints the table of the gates
// in it. Its status is 1 if a gate failed, broke off or did not run.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/normgen/normgen/testdata/gates"
)

func main() {
	passed, err := report(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
	}
	if err != nil || !passed {
		os.Exit(1)
	}
}

// A row is what one gate measured.
type row struct {
	gate                 int
	what, figure, result string
}

var line = regexp.MustCompile(`GATE (\d+) \| (.*) \| (.*) \| (pass|fail)$`)

// report prints the table of the lines in r, by gate and in the order they came,
// and reports whether all gates ran and passed.
func report(r io.Reader, w io.Writer) (passed bool, err error) {
	rows, err := read(r)
	if err != nil {
		return false, err
	}
	for _, n := range gates.Numbered {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.gate == n }) {
			rows = append(rows, row{n, "-", "did not run", "fail"})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return a.gate - b.gate })
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "gate\twhat\tfigure\tresult")
	passed = true
	for _, r := range rows {
		fmt.Fprintf(tw, "%d\t%s\t%s\t%s\n", r.gate, r.what, r.figure, r.result)
		passed = passed && r.result == "pass"
	}
	return passed, tw.Flush()
}

func read(r io.Reader) ([]row, error) {
	var rows []row
	s := bufio.NewScanner(r)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		if m := line.FindStringSubmatch(s.Text()); m != nil {
			n, err := strconv.Atoi(m[1])
			if err != nil {
				return nil, err
			}
			rows = append(rows, row{n, m[2], m[3], m[4]})
		}
	}
	return rows, s.Err()
}
