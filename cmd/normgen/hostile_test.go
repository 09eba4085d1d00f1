package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/normgen/normgen/testdata/gates"
)

// runIn runs normgen in the process and returns its status and messages.
func runIn(args ...string) (status exit, stdout, stderr string) {
	var out, err bytes.Buffer
	t := &tool{strings.NewReader(""), &out, &err, func(string) string { return "" }}
	status = t.run(args)
	return status, out.String(), err.String()
}

// rms is a good spec, with places for what tests put into it.
const rms = `norm Rms(eps = 1e-5) {
  in     x[R..., C]
  reduce C
  scale  sqrt(ms + eps)
  affine * gamma[C] = 1
}
gen Rms { shape C = any; dtype f32; target go }
`

// A norm with the expression x.
func normOf(x string) string {
	return "norm A {\n  in x[R..., C]\n  out y = " + x + "\n}\n"
}

func shape(s string) string { return strings.Replace(rms, "shape C = any", "shape C = "+s, 1) }

// manyNorms is as many norms as fit.
func manyNorms(n int, body string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "norm N%d%s\n", i, body)
	}
	return b.String()
}

// manyUses uses norms of as many files.
func manyUses(n, files int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "use A as A%d from \"f%d.dsl\"\n", i, i%files)
	}
	return b.String()
}

func hostile() map[string]string {
	const deep = 1_000_000
	again := strings.Repeat
	return map[string]string{
		"empty":            "",
		"nul":              "\x00",
		"invalid utf-8":    normOf("x\xff\xfe"),
		"utf-16":           "\xff\xfen\x00o\x00r\x00m\x00",
		"lone surrogate":   normOf("x + \xed\xa0\x80"),
		"bidi":             normOf("x \u202e+ 1"),
		"parentheses":      normOf(again("(", deep)),
		"balanced":         normOf(again("(", deep/3) + "x" + again(")", deep/3)),
		"minus":            normOf(again("-", deep) + "x"),
		"not":              normOf("if " + again("not ", deep/5) + "x > 1 then x else x"),
		"powers":           normOf("x" + again("^x", deep/3)),
		"sums":             normOf("x" + again("+x", deep/3)),
		"calls":            normOf(again("abs(", deep/5)),
		"ifs":              normOf(again("if x > 0 then ", deep/20)),
		"elses":            normOf(again("if x > 0 then x else ", deep/30) + "x"),
		"reductions":       normOf(again("mean<C>(", deep/10)),
		"braces":           again("{", deep),
		"modes":            "norm A {\n" + again("mode train {", deep/20),
		"backwards":        "norm A {\n" + again("backward (dy) {", deep/20),
		"long name":        "norm " + again("A", deep) + " {",
		"long number":      normOf(again("9", deep)),
		"long exponent":    normOf("1e" + again("9", deep/2)),
		"too large":        "//" + again(" ", maxSpec),
		"open comment":     "/*" + again("x", deep),
		"lines":            again("\n", deep) + "norm",
		"wrap 2^63":        shape("9223372036854775808"),
		"wrap 2^64":        shape("18446744073709551617"),
		"wrap 2^32":        shape("4294967296"),
		"shape 2^31":       shape("2147483648"),
		"shape 0":          shape("0"),
		"shape -1":         shape("-1"),
		"shape 1e9999":     shape("1e9999"),
		"shape 1.5":        shape("1.5"),
		"many shapes":      shape("1" + again(", 2", deep/4)),
		"wrapping product": "norm A {\n axis C = G*D, G = 4294967296, D = 4294967296\n in x[R..., C]\n out y = x\n}\n",
		"zero axis":        "norm A {\n axis S = 0\n in x[R..., S, C]\n out y = x\n}\n",
		"many norms":       manyNorms(100_000, "{"),
		"same norms":       again("norm A{}", deep/10),
		"good norms":       manyNorms(10_000, " { in x[R..., C] out y = x }"),
		"many gens":        rms + again("gen Rms {}\n", deep/12),
		"many lets":        "norm A {\n in x[R..., C]\n let " + again("a = x, ", deep/8),
		"many params":      "norm A {\n param " + again("a[C] = 1, ", deep/12),
		"many uses":        again("use A from \"standard\"\n", deep/25),
		"a million names":  "use " + again("A, ", deep/4),
		"many files":       manyUses(10_000, 4000),
		"few uses":         manyUses(4000, 4000),
		"long path":        `use A from "` + again("a/", deep/4) + `a.dsl"`,
		"path upwards":     `use A from "` + again("../", deep/8) + `etc/passwd.dsl"`,
		"open string":      `use A from "` + again("a", deep),
		"itself":           `use A from "spec.dsl"`,
		"many axes":        "norm A {\n in x[" + again("A, ", deep/4),
	}
}

var position = regexp.MustCompile(`(?m)^spec\.dsl:\d+:\d+: error: .+ \[[A-Z]+\d+\]$`)

// TestHostile requires a clear error for every spec that is made to hurt:
// status 2, a line and column (unless the file is refused unread), nothing
// written, under a second and 256 MiB.
func TestHostile(t *testing.T) {
	for name, text := range hostile() {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			if err := os.WriteFile("spec.dsl", []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			before := allocated()
			var status exit
			var stdout, stderr string
			if took := gates.Spent(func() { status, stdout, stderr = runIn("-spec", "spec.dsl") }); took > time.Second {
				t.Errorf("took %v", took)
			}
			if got := allocated() - before; got > 256<<20 {
				t.Errorf("allocated %d MiB", got>>20)
			}
			if status != failed || stdout != "" {
				t.Errorf("status %d, output %.100q", status, stdout)
			}
			if !position.MatchString(stderr) && len(text) <= maxSpec {
				t.Errorf("no position in %.300q", stderr)
			}
			if len(stderr) > 64<<10 {
				t.Errorf("%d bytes of messages", len(stderr))
			}
			if entries, _ := os.ReadDir("."); len(entries) != 1 {
				t.Errorf("written: %v", entries)
			}
		})
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// TestSpecNames requires that the name of the spec, which generated headers
// repeat, cannot leave its comment either.
func TestSpecNames(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"a\nb.dsl", "a\rb.dsl", "a\u2028b.dsl", "a\u202eb.dsl", "\xff.dsl", ".dsl", "..dsl"} {
		if err := os.WriteFile(name, []byte(rms), 0o644); err != nil {
			t.Fatal(err)
		}
		if status, _, stderr := runIn("-spec", name, "-o", "out", "-pkg", "p"); status != failed {
			t.Errorf("%q: status %d: %s", name, status, stderr)
		}
	}
	if _, err := os.Stat("out"); err == nil {
		t.Error("something was written")
	}
}
