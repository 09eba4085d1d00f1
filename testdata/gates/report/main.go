// Command report reads the output of go test -v and prints the table of the gates
// that ran. Rows of the other gates are kept from an older table, so that a release
// may be tested in parts:
//
//	report -commit 1234abc [-old gates.txt]
//
// Its status is 1 if a gate that ran failed or broke off, and, without an older
// table, if one did not run.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	commit := flag.String("commit", "?", "what the gates ran on")
	old := flag.String("old", "", "keep the rows of gates that did not run from this `table`")
	flag.Parse()
	passed, err := run(os.Stdin, os.Stdout, *commit, *old)
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
	}
	if err != nil || !passed {
		os.Exit(1)
	}
}

func run(log io.Reader, w io.Writer, commit, old string) (passed bool, err error) {
	ran, err := readLog(log, commit)
	if err != nil {
		return false, err
	}
	if old == "" {
		t := merge(nil, ran)
		return t.passed(), t.write(w)
	}
	text, err := os.ReadFile(old)
	if err != nil {
		return false, err
	}
	kept, err := readTable(string(text))
	if err != nil {
		return false, fmt.Errorf("%s: %w", old, err)
	}
	return ran.passed(), merge(kept, ran).write(w)
}
