package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the output of the commands into README.md")

// A block of the README that a command writes:
//
//	<!-- normgen explain testdata/powernorm.dsl -->
//	```
//	...
//	```
var block = regexp.MustCompile("(?s)(<!-- (\\S+) ([^\n]*) -->\n```[a-z]*\n)(.*?)```\n")

// TestReadme requires that the README shows what the commands print today; no
// table and no piece of code in it is written by hand.
func TestReadme(t *testing.T) {
	t.Chdir("../..")
	old, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	text := block.ReplaceAllStringFunc(string(old), func(s string) string {
		m := block.FindStringSubmatch(s)
		blocks++
		return m[1] + blockText(t, m[2], strings.Fields(m[3])) + "```\n"
	})
	if *update {
		if err := os.WriteFile("README.md", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if d := cmp.Diff(string(old), text); d != "" {
		t.Errorf("run go test ./cmd/normgen -run Readme -update (-README +now):\n%s", d)
	}
	if blocks < 4 {
		t.Errorf("only %d blocks: the pattern no longer matches", blocks)
	}
}

// blockText returns the output of normgen, warnings included, a file that a test
// writes, or an excerpt of a file.
func blockText(t *testing.T, command string, args []string) string {
	t.Helper()
	switch command {
	case "normgen":
		status, stdout, stderr := runIn(args...)
		if status == failed {
			t.Fatalf("normgen %v: %s", args, stderr)
		}
		return stdout + stderr
	case "file":
		text, err := os.ReadFile(args[0])
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	case "excerpt":
		text, err := excerpt(args[0], strings.Join(args[1:], " "))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	t.Fatalf("no block command %s", command)
	return ""
}

var nextLabel = regexp.MustCompile(`\n+\w+:`)

// excerpt returns the lines of a file from the first that begins with start: to
// the closing brace at the left margin, or to the next label if it is a label, or
// that line if it is neither.
func excerpt(path, start string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	_, after, ok := strings.Cut("\n"+string(data), "\n"+start)
	if strings.HasSuffix(start, ":") && ok {
		return start + after[:nextLabel.FindStringIndex(after + "\nend:")[0]] + "\n", nil
	}
	if line, _, _ := strings.Cut(after, "\n"); ok && !strings.Contains(line, "{") {
		return start + line + "\n", nil
	}
	body, _, closed := strings.Cut(after, "\n}\n")
	if !ok || !closed {
		return "", fmt.Errorf("%s has no %q", path, start)
	}
	return start + body + "\n}\n", nil
}
