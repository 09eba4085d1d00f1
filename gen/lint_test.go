package gen

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/normgen/normgen/dsl"
	"golang.org/x/tools/txtar"
)

// lintText renders what Lint finds, and the codes.
func lintText(t *testing.T, name string, src []byte, notes bool) (string, []dsl.Code) {
	t.Helper()
	f, list := dsl.Parse(name, src)
	if list.HasErrors() {
		t.Fatal(list)
	}
	p, list := dsl.Check(f)
	if list.HasErrors() {
		t.Fatalf("%s: %v", name, list)
	}
	list, err := Lint(p, notes)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := list.Render(&b); err != nil {
		t.Fatal(err)
	}
	var codes []dsl.Code
	for _, d := range list {
		codes = append(codes, d.Code)
	}
	return b.String(), codes
}

// Each spec of testdata/lint is followed by what vet says of its numbers; a
// name that ends in _notes is read with -numeric. An empty section is a near
// miss: a spec close to a mistake, of which nothing is said.
func TestLint(t *testing.T) {
	files, err := filepath.Glob("testdata/lint/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no specs", err)
	}
	reached := map[dsl.Code]bool{}
	for _, file := range files {
		for _, c := range lintFile(t, file) {
			reached[c] = true
		}
	}
	for _, c := range dsl.NumberCodes() {
		if !reached[c] {
			t.Errorf("no spec reaches %s", c)
		}
	}
}

func lintFile(t *testing.T, file string) []dsl.Code {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []dsl.Code
	for i := 0; i+1 < len(a.Files); i += 2 {
		spec, want := a.Files[i], &a.Files[i+1]
		stem, ok := strings.CutSuffix(spec.Name, ".dsl")
		if !ok || want.Name != stem+".want" {
			t.Fatalf("%s: %s is followed by %s", file, spec.Name, want.Name)
		}
		got, codes := lintText(t, spec.Name, spec.Data, strings.HasSuffix(stem, "_notes"))
		all = append(all, codes...)
		if *update {
			want.Data = []byte(got)
		} else if d := cmp.Diff(string(want.Data), got); d != "" {
			t.Errorf("%s: %s (-want +got); if that is meant, run with -update\n%s", file, spec.Name, d)
		}
	}
	if *update {
		writeGolden(t, file, txtar.Format(a))
	}
	return all
}

// What vet says of the numbers of the specs of this repository: of the layers
// that are generated nothing, and with -numeric their known limits.
func TestLintSpecs(t *testing.T) {
	var b strings.Builder
	for _, pattern := range []string{"../testdata/*.dsl", "../dsl/testdata/*.dsl", "testdata/*.dsl"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatal(pattern, err)
		}
		for _, path := range paths {
			lintLines(t, &b, path)
		}
	}
	const golden = "testdata/lint/specs.txt"
	if *update {
		writeGolden(t, golden, []byte(b.String()))
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("%s (-want +got); if that is meant, run with -update\n%s", golden, d)
	}
}

// lintLines writes every finding about a spec in one line.
func lintLines(t *testing.T, b *strings.Builder, path string) {
	t.Helper()
	list, err := Lint(program(t, path), true)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(b, filepath.ToSlash(path))
	for _, d := range list {
		fmt.Fprintf(b, "\t%s %s %s: %s\n", d.Pos, d.Severity, d.Code, d.Msg)
	}
}

// Looking for findings takes no longer than a spec is long: conditions nest, and
// each has what lies below it bounded anew; values are shared, and as a tree they
// are exponentially large.
func TestLintBounded(t *testing.T) {
	for name, step := range map[string]string{
		"nested": "if a%[1]d > %[1]d then exp(a%[1]d)/z else log(a%[1]d)",
		"shared": "a%[1]d*a%[1]d - mean<N>(a%[1]d)*a%[1]d",
	} {
		var b strings.Builder
		b.WriteString("norm A {\n  in x[N, C], z[N, C]\n  let a0 = x\n")
		for i := range 1000 {
			fmt.Fprintf(&b, "  let a%d = %s\n", i+1, fmt.Sprintf(step, i))
		}
		b.WriteString("  stat s[C] = mean<N>(a1000)\n  out y = s/z\n}\n")
		start := time.Now()
		if _, codes := lintText(t, "a.dsl", []byte(b.String()), true); len(codes) == 0 {
			t.Errorf("%s: no findings", name)
		}
		if d := time.Since(start); d > 30*time.Second { // less than 1 s is usual; without a bound, hours
			t.Errorf("%s: took %v", name, d)
		}
	}
}
