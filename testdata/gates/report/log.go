package main

import (
	"bufio"
	"io"
	"regexp"
	"slices"
	"strconv"
)

var (
	started  = regexp.MustCompile(`^=== RUN   (TestGate(\d+)\w*)$`)
	measured = regexp.MustCompile(`GATE (\d+) \| (\w+) \| (.*) \| (.*) \| (pass|fail)$`)
)

// readLog returns the rows of the tests that ran. One that was stopped from outside,
// as by a panic or a limit on time, reports nothing, and has failed.
func readLog(r io.Reader, commit string) (table, error) {
	var t, begun table
	s := bufio.NewScanner(r)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		if m := started.FindStringSubmatch(s.Text()); m != nil {
			n, err := strconv.Atoi(m[2])
			if err != nil {
				return nil, err
			}
			begun = append(begun, row{n, "-", "broke off", "fail", commit, m[1]})
		}
		if m := measured.FindStringSubmatch(s.Text()); m != nil {
			n, err := strconv.Atoi(m[1])
			if err != nil {
				return nil, err
			}
			t = append(t, row{n, gap.ReplaceAllString(m[3], " "), gap.ReplaceAllString(m[4], " "), m[5], commit, m[2]})
		}
	}
	for _, b := range begun {
		if !slices.ContainsFunc(t, func(r row) bool { return r.test == b.test }) {
			t = append(t, b)
		}
	}
	return t, s.Err()
}
