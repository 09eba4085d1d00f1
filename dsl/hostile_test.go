package dsl

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

type hostileSpec struct {
	name string
	src  []byte
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
		list = append(list, hostileSpec{name, []byte(src)})
	}
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
		start := time.Now()
		_, text := diagnose(h.name, h.src)
		spent := time.Since(start)
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
