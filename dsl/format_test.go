package dsl

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The samples are written in canonical layout.
func TestFormatKeepsSamples(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.dsl")
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got := format(t, name, src)
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got != string(src) {
			t.Errorf("%s: formatted to\n%s", name, got)
		}
	}
}

// format parses, formats, and checks that a second round changes nothing and
// that no comment is lost.
func format(t *testing.T, name string, src []byte) string {
	t.Helper()
	f, errs := Parse(name, src)
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	once := Format(f)
	again, errs := Parse(name, once)
	if errs.HasErrors() {
		t.Fatalf("%s: formatted text does not parse: %v\n%s", name, errs, once)
	}
	if twice := Format(again); !bytes.Equal(once, twice) {
		t.Errorf("%s: formatted twice:\n%s\n%s", name, once, twice)
	}
	if n, m := bytes.Count(src, []byte("//")), bytes.Count(once, []byte("//")); n != m {
		t.Errorf("%s: %d comments became %d", name, n, m)
	}
	return string(once)
}

func TestFormat(t *testing.T) {
	for _, file := range []string{"testdata/format/layout.txtar", "testdata/format/use.txtar"} {
		eachPair(t, file, ".dsl", ".want", func(name string, src []byte) string {
			return format(t, name, src)
		})
	}
}

// TestCoreOfSamples reads the equations of every sample back.
func TestCoreOfSamples(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.dsl")
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, p := mustCheck(t, name, src)
		for _, c := range p.Norms {
			coreRoundTrip(t, c)
		}
	}
}

// TestFormatKeepsTokens compares the words and signs before and after.
func TestFormatKeepsTokens(t *testing.T) {
	for _, src := range specs(t) {
		f, errs := Parse("a.dsl", src)
		if errs.HasErrors() {
			continue
		}
		before, after := tokens(src), tokens(Format(f))
		if before != after {
			t.Errorf("format changed\n%s\nto\n%s", before, after)
		}
	}
}

// tokens lists what a source says, without separators of fields.
func tokens(src []byte) string {
	var b bytes.Buffer
	list, _ := scan(newReporter(&source{text: src}))
	for _, l := range list {
		if l.tok != tokSemi {
			b.WriteString(l.text + " ")
		}
	}
	return b.String()
}

func TestFormatCore(t *testing.T) {
	eachPair(t, "testdata/format/core.txtar", ".spec", ".core", func(name string, src []byte) string {
		_, p := mustCheck(t, name, src)
		coreRoundTrip(t, p.Norms[0])
		return string(FormatCore(p.Norms[0]))
	})
}
