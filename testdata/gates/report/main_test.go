package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/normgen/normgen/testdata/gates"
)

// lines are those of all gates, with another result or none for one of them.
func lines(gate int, result string) string {
	var b strings.Builder
	for i := range gates.Numbered {
		n := gates.Numbered[len(gates.Numbered)-1-i]
		r := "pass"
		if n == gate {
			r = result
		}
		if r != "" {
			fmt.Fprintf(&b, "=== RUN TestGate%d\n    some_test.go:7: GATE %d | what %d | 0 of 10 differ | %s\n", n, n, n, r)
		}
	}
	return b.String()
}

func TestReport(t *testing.T) {
	for _, c := range []struct {
		result, row string
		passed      bool
	}{
		{"pass", "18    what 18  0 of 10 differ  pass\n", true},
		{"fail", "18    what 18  0 of 10 differ  fail\n", false},
		{"", "18    -        did not run     fail\n", false},
	} {
		var b strings.Builder
		passed, err := report(strings.NewReader(lines(18, c.result)), &b)
		if err != nil || passed != c.passed || !strings.Contains(b.String(), c.row) {
			t.Errorf("%q: passed %v, error %v, without %q:\n%s", c.result, passed, err, c.row, b.String())
		}
		if rows := strings.Count(b.String(), "\n"); rows != 1+len(gates.Numbered) {
			t.Errorf("%q: %d lines", c.result, rows)
		}
		if !strings.HasPrefix(b.String(), "gate  what     figure          result\n1 ") {
			t.Errorf("%q: not in order:\n%s", c.result, b.String())
		}
	}
}
