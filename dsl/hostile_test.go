package dsl

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/normgen/normgen/testdata/gates"
)

type hostileSpec struct {
	name string
	src  []byte
	from Sources
}

// hostile returns specs whose size or bytes are the attack.
func hostile() []hostileSpec {
	body := func(s string) string { return "norm A {\n  in x[N, C]\n  out y = " + s + "\n}\n" }
	var lets, grads strings.Builder
	for i := range 9000 {
		fmt.Fprintf(&lets, "let a%d = x\n", i)
		fmt.Fprintf(&grads, "grad a%d = a\n", i)
	}
	specs := map[string]string{
		"large":        strings.Repeat("// a comment\n", 1<<17),
		"parens":       body(strings.Repeat("(", 1_000_000)),
		"nested":       body(strings.Repeat("(", 400) + "x" + strings.Repeat(")", 400)),
		"minus":        body(strings.Repeat("-", 90_000) + "x"),
		"ifs":          body(strings.Repeat("if ", 50_000)),
		"powers":       body("x" + strings.Repeat("^x", 40_000)),
		"chain":        body("x" + strings.Repeat("+x", 40_000)),
		"longline":     "//" + strings.Repeat("a", 1<<20-10),
		"longname":     body(strings.Repeat("a", 1<<20-100)),
		"norms":        strings.Repeat("norm A{}\n", 100_000),
		"fewnorms":     strings.Repeat("norm A{}\n", 5_000),
		"blocks":       strings.Repeat("norm A{mode train{", 20_000),
		"braces":       "norm A " + strings.Repeat("{", 90_000),
		"invalid":      "norm A { in x\xff[N] // \xfe\xfd\n}",
		"nul":          "norm A { in x\x00[N] }",
		"stray":        strings.Repeat("$", 1<<19),
		"knobs":        "norm A(" + strings.Repeat("a = b, ", 20_000) + "a = 1) { }",
		"unknowns":     "norm A { in x[N]\n" + lets.String() + "out y = zz" + strings.Repeat(" let c = zz", 9000) + "}",
		"grads":        "norm A { in x[N]\n" + lets.String() + "backward (a) {" + grads.String() + "} out y = x }",
		"axes":         "norm A { in x[N]\naxis " + strings.Repeat("P = N, ", 20_000) + "Q = 4 }",
		"products":     "norm A { axis S = 4, " + products(15_000) + " in x[N] out y = x }",
		"masks":        "norm A { in x[N] mask " + names("m", 9000) + " " + strings.Repeat("let q = mean<N>(x) ", 4000) + "}",
		"deepfirst":    body(deepFirst(40, 500)),
		"gens":         "norm A { in x[N, C] out y = x }" + strings.Repeat("gen A { shape C = 1, 2, 3 }", 4000),
		"fieldgarbage": "norm A { in x[N, C] out y = x } gen A {" + strings.Repeat("( ) ", 20_000) + "}",
	}
	var list []hostileSpec
	for name, src := range specs {
		list = append(list, hostileSpec{name, []byte(src), Sources{}})
	}
	return append(list, hostileUses()...)
}

// hostileUses returns specs whose files are the attack.
func hostileUses() (list []hostileSpec) {
	add := func(name, src string, beside fstest.MapFS) {
		list = append(list, hostileSpec{name, []byte(src), Sources{Beside: beside}})
	}
	repeat := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	tiny := "norm A { in x[N] out y = x }"
	many, chain, tree, wide := fstest.MapFS{}, fstest.MapFS{}, fstest.MapFS{}, fstest.MapFS{}
	for i := range 10_000 {
		many[fmt.Sprintf("f%d.dsl", i)] = &fstest.MapFile{Data: []byte(tiny)}
		chain[fmt.Sprintf("f%d.dsl", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "use A from \"f%d.dsl\"", i+1)}
		if i < 10 {
			tree[fmt.Sprintf("f%d.dsl", i)] = &fstest.MapFile{Data: []byte(repeat(4000, fmt.Sprintf("use A as A%%d from \"f%d.dsl\"\n", i+1)))}
			wide[fmt.Sprintf("f%d.dsl", i)] = &fstest.MapFile{Data: []byte(tiny + strings.Repeat("//\n", 100_000))}
		}
	}
	large := files("f.dsl", "norm A { in x[N] out y = x "+repeat(9000, "let a%d = x\n")+"}", "g.dsl",
		"norm A("+repeat(8000, "k%d = 1, ")+"z = 1) { in x[N] out y = x }")
	add("use many files", repeat(4000, "use A as A%d from \"f%[1]d.dsl\"\n"), many)
	add("use 10^4 files", repeat(10_000, "use A as A%d from \"f%[1]d.dsl\"\n"), many)
	add("use a million", strings.Repeat("use A from \"f.dsl\"\n", 50_000), many)
	add("use a million names", "use "+strings.Repeat("A,", 500_000)+"A from \"f1.dsl\"", many)
	add("use a chain", `use A from "f0.dsl"`, chain)
	add("use a tree", `use A from "f0.dsl"`, tree)
	add("use much text", repeat(10, "use A as A%d from \"f%[1]d.dsl\"\n"), wide)
	add("use a large norm", "use "+repeat(4000, "A as A%d, ")+"A from \"f.dsl\"", large)
	add("use many knobs", "use "+repeat(4000, "A(z = %[1]d) as A%[1]d, ")+"A from \"g.dsl\"", large)
	add("use no knobs", "use A("+repeat(8000, "q%d = 1, ")+"z = 1) from \"g.dsl\"", large)
	add("use missing files", repeat(4000, "use A from \"m%d.dsl\"\n"), many)
	add("use an endless name", `use A from "`+strings.Repeat("a/", 100_000)+`a.dsl"`, many)
	add("a long string", `norm "`+strings.Repeat("é", 400_000)+`"`, many)
	add("use an open string", `use A from "`+strings.Repeat("a", 1_000_000), many)
	return list
}

func products(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "P%d = S, ", i)
	}
	return b.String() + "Z = 4"
}

func names(prefix string, n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("%s%d[N]", prefix, i))
	}
	return strings.Join(list, ", ")
}

// deepFirst nests groups whose first operand is itself a long chain.
func deepFirst(depth, chain int) string {
	s := "x"
	for range depth {
		s = "(" + s + strings.Repeat("+x", chain) + ")"
	}
	return s
}

// TestHostile holds parser and checker to a second and 256 MiB, whatever the
// bytes, and to a clear error.
func TestHostile(t *testing.T) {
	for _, h := range hostile() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var text string
		spent := gates.Spent(func() { _, text = diagnose(h.name, h.src, h.from) })
		runtime.ReadMemStats(&after)
		if spent > time.Second {
			t.Errorf("%s: took %v", h.name, spent)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 256<<20 {
			t.Errorf("%s: allocated %d MiB", h.name, used>>20)
		}
		if len(text) > 1<<16 {
			t.Errorf("%s: %d bytes of diagnostics", h.name, len(text))
		}
		if text == "" && h.name != "deepfirst" {
			t.Errorf("%s: no findings", h.name)
		}
	}
}
