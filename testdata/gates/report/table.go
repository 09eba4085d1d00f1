package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/normgen/normgen/testdata/gates"
)

// A row is what one gate measured, when it ran last.
type row struct {
	gate                 int
	what, figure, result string
	commit               string // on which it ran
	test                 string
}

// A table has its rows by gate, those of one gate in the order they came.
type table []row

var columns = []string{"gate", "what", "figure", "result", "commit", "test"}

func (r row) cells() []string {
	return []string{strconv.Itoa(r.gate), r.what, r.figure, r.result, r.commit, r.test}
}

// write aligns the columns with at least two spaces, which no cell has in it.
func (t table) write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, strings.Join(columns, "\t"))
	for _, r := range t {
		fmt.Fprintln(tw, strings.Join(r.cells(), "\t"))
	}
	return tw.Flush()
}

var gap = regexp.MustCompile(` {2,}`)

// readTable reads what write wrote.
func readTable(text string) (table, error) {
	var t table
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		c := gap.Split(line, -1)
		if i == 0 && slices.Equal(c, columns) {
			continue
		}
		if i == 0 || len(c) != len(columns) {
			return nil, fmt.Errorf("line %d is none of a table of gates: %q", i+1, line)
		}
		n, err := strconv.Atoi(c[0])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		t = append(t, row{n, c[1], c[2], c[3], c[4], c[5]})
	}
	return t, nil
}

// passed reports whether all rows did.
func (t table) passed() bool {
	return !slices.ContainsFunc(t, func(r row) bool { return r.result != "pass" })
}

// merge has the rows of ran in place of those that old has of the same tests, and
// says which gates have none.
func merge(old, ran table) table {
	var t table
	for _, r := range old {
		again := slices.ContainsFunc(ran, func(n row) bool { return n.test == r.test })
		if !again && r.result != notRun {
			t = append(t, r)
		}
	}
	t = append(t, ran...)
	for _, n := range gates.Numbered {
		if !slices.ContainsFunc(t, func(r row) bool { return r.gate == n }) {
			t = append(t, row{n, "-", "-", notRun, "-", "-"})
		}
	}
	slices.SortStableFunc(t, func(a, b row) int { return a.gate - b.gate })
	return t
}

const notRun = "not run"
