package main

import (
	"fmt"
	"os"
	"path/filepath"
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
			b.WriteString(ran(n, fmt.Sprintf("what %d", n), "0 of 10 differ", r))
		}
	}
	return b.String()
}

// ran is what go test -v prints of a gate.
func ran(gate int, what, figure, result string) string {
	return fmt.Sprintf("=== RUN   TestGate%02dIt\n=== RUN   TestGate%02dIt/part\n    some_test.go:7: GATE %d | TestGate%02dIt | %s | %s | %s\n",
		gate, gate, gate, gate, what, figure, result)
}

func TestReport(t *testing.T) {
	for _, c := range []struct {
		result, row string
		passed      bool
	}{
		{"pass", "18    what 18  0 of 10 differ  pass    1a2b    TestGate18It\n", true},
		{"fail", "18    what 18  0 of 10 differ  fail    1a2b    TestGate18It\n", false},
		{"", "18    -        -               not run  -       -\n", false},
	} {
		var b strings.Builder
		passed, err := run(strings.NewReader(lines(18, c.result)), &b, "1a2b", "")
		if err != nil || passed != c.passed || !strings.Contains(b.String(), c.row) {
			t.Errorf("%q: passed %v, error %v, without %q:\n%s", c.result, passed, err, c.row, b.String())
		}
		if rows := strings.Count(b.String(), "\n"); rows != 1+len(gates.Numbered) {
			t.Errorf("%q: %d lines", c.result, rows)
		}
		if !strings.HasPrefix(b.String(), "gate  what     figure          result") || !strings.Contains(b.String(), "\n1     what 1 ") {
			t.Errorf("%q: not in order:\n%s", c.result, b.String())
		}
	}
}

// A test that started and reports nothing has failed.
func TestReportBrokenOff(t *testing.T) {
	log := lines(0, "") + "=== RUN   TestGate22Kill\npanic: test timed out after 6h0m0s\n"
	var b strings.Builder
	passed, err := run(strings.NewReader(log), &b, "1a2b", "")
	if err != nil || passed || !strings.Contains(b.String(), "22    -        broke off       fail    1a2b    TestGate22Kill\n") {
		t.Errorf("passed %v, error %v:\n%s", passed, err, b.String())
	}
}

// A part of the gates replaces its own rows: all those that the test had, none of
// another test of the same gate.
func TestReportPart(t *testing.T) {
	const old = `gate  what     figure   result   commit  test
1     hard     8.1 u    fail     0ld0    TestGate01Hard
1     soft     1 u      pass     0ld0    TestGate01Hard
1     other    2 u      pass     0ld0    TestGate01Other
2     -        -        not run  -       -
`
	const log = "=== RUN   TestGate01Hard\n    a_test.go:1: GATE 1 | TestGate01Hard | hard | 7.9 u | pass\n"
	path := filepath.Join(t.TempDir(), "gates.txt")
	if err := os.WriteFile(path, []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	passed, err := run(strings.NewReader(log), &b, "1a2b", path)
	const want = `gate  what   figure  result   commit  test
1     other  2 u     pass     0ld0    TestGate01Other
1     hard   7.9 u   pass     1a2b    TestGate01Hard
2     -      -       not run  -       -
`
	if err != nil || !passed || !strings.HasPrefix(b.String(), want) {
		t.Errorf("passed %v, error %v:\n%s", passed, err, b.String())
	}
	if rows := strings.Count(b.String(), "\n"); rows != 2+len(gates.Numbered) {
		t.Errorf("%d lines:\n%s", rows, b.String())
	}
}

func TestReportBadTable(t *testing.T) {
	for _, text := range []string{"", "gate  what\n", strings.Join(columns, "  ") + "\n1  what  figure\n", strings.Join(columns, "  ") + "\none  a  b  c  d  e\n"} {
		if _, err := readTable(text); err == nil {
			t.Errorf("%q is read as a table", text)
		}
	}
}

// What is written is read again, the committed table too.
func TestReportTable(t *testing.T) {
	text, err := os.ReadFile("../../results/gates.txt")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readTable(string(text))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := rows.write(&b); err != nil || b.String() != string(text) {
		t.Errorf("error %v, written as\n%s", err, b.String())
	}
}
