package dsl

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const language = "LANGUAGE.md"

// A fence is a block of the reference: its kind, a file name if it has one, and
// its text.
type fence struct{ kind, file, text string }

var fences = regexp.MustCompile("(?ms)^```(\\S+)(?: (\\S+))?\n(.*?)^```\n")

// TestLanguage runs every example of the reference:
//
//	dsl        has no findings, and is formatted as the formatter does it;
//	dsl FILE   is such a spec too, and a file that the others may use;
//	core       is what the spec above it expands to;
//	dsl-error  has findings: exactly what the output below it says.
//
// The library is the real one.
func TestLanguage(t *testing.T) {
	old, err := os.ReadFile(language)
	if err != nil {
		t.Fatal(err)
	}
	from := Sources{Library: os.DirFS("../testdata"), Beside: named(string(old))}
	count := map[string]int{}
	var before fence
	text := fences.ReplaceAllStringFunc(string(old), func(s string) string {
		m := fences.FindStringSubmatch(s)
		f := fence{m[1], m[2], m[3]}
		count[f.kind]++
		f.text = run(t, before, f, from)
		before = f
		return "```" + strings.TrimSpace(f.kind+" "+f.file) + "\n" + f.text + "```\n"
	})
	text = section(t, text, "words", words())
	text = section(t, text, "codes", codes())
	if *update {
		if err := os.WriteFile(language, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if text != string(old) {
		t.Errorf("%s is out of date: run the test with -update and look at the difference", language)
	}
	if count["dsl"] < 15 || count["core"] < 4 || count["dsl-error"] < 10 {
		t.Errorf("only %v: the pattern no longer matches", count)
	}
}

// named returns the files among the examples.
func named(text string) fstest.MapFS {
	var pairs []string
	for _, m := range fences.FindAllStringSubmatch(text, -1) {
		if m[2] != "" {
			pairs = append(pairs, m[2], m[3])
		}
	}
	return files(pairs...)
}

// run checks one block and returns the text that it should have.
func run(t *testing.T, before, f fence, from Sources) string {
	t.Helper()
	const name = "spec.dsl"
	switch f.kind {
	case "dsl":
		p, errs := compile(name, []byte(f.text), from)
		if p == nil || len(errs) > 0 {
			t.Errorf("%v in\n%s", errs, f.text)
			return f.text
		}
		return format(t, name, []byte(f.text))
	case "core":
		p, _ := compile(name, []byte(before.text), from)
		var b bytes.Buffer
		for _, n := range p.Norms {
			b.Write(FormatCore(n))
		}
		return b.String()
	case "dsl-error":
		if errs, _ := diagnose(name, []byte(f.text), from); len(errs) == 0 {
			t.Errorf("no findings in\n%s", f.text)
		}
		return f.text
	case "output":
		_, text := diagnose(name, []byte(before.text), from)
		return text
	}
	t.Errorf("no block %q", f.kind)
	return f.text
}

// section replaces what stands between two marks.
func section(t *testing.T, text, mark, body string) string {
	t.Helper()
	head, rest, ok := strings.Cut(text, "<!-- "+mark+" -->\n")
	_, tail, closed := strings.Cut(rest, "<!-- end -->\n")
	if !ok || !closed {
		t.Fatalf("no section %q", mark)
	}
	return head + "<!-- " + mark + " -->\n" + body + "<!-- end -->\n" + tail
}

// words lists what cannot be a name.
func words() string {
	list := slices.Sorted(maps.Keys(reservedWords))
	return "`" + strings.Join(list, "` `") + "`\n"
}

// codes lists every diagnostic with its title.
func codes() string {
	var b strings.Builder
	b.WriteString("| code | finding |\n|---|---|\n")
	for _, c := range Codes() {
		fmt.Fprintf(&b, "| %s | %s |\n", c, codeTexts[c].title)
	}
	return b.String()
}

var functionRow = regexp.MustCompile("(?m)^\\| `(\\w+)\\(([^)]*)\\)` \\| .+ \\|$")

// TestLanguageFunctions requires a row for each function, with its arguments,
// and no other.
func TestLanguageFunctions(t *testing.T) {
	text, err := os.ReadFile(language)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for _, m := range functionRow.FindAllStringSubmatch(string(text), -1) {
		rows[m[1]] = strings.Count(m[2], ",") + 1
	}
	want := map[string]int{}
	for name, f := range functions {
		want[name] = f.args
	}
	if !maps.Equal(rows, want) {
		t.Errorf("the reference has %v, the language %v", rows, want)
	}
}
