package dsl

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// diagnose renders all findings about a spec.
func diagnose(name string, src []byte, from Sources) (ErrorList, string) {
	_, errs := compile(name, src, from)
	var b bytes.Buffer
	if err := errs.Render(&b); err != nil {
		panic(err)
	}
	return errs, b.String()
}

// compile runs the stages until one has errors.
func compile(name string, src []byte, from Sources) (*Program, ErrorList) {
	f, errs := Parse(name, src)
	if errs.HasErrors() {
		return nil, errs
	}
	f, more := Link(f, from)
	if errs = append(errs, more...); errs.HasErrors() {
		return nil, errs
	}
	p, more := Check(f)
	return p, append(errs, more...)
}

// sources are the files of an archive in library/ and beside/.
func sources(t *testing.T, file string) Sources {
	t.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all, err := txtar.FS(ar)
	if err != nil {
		t.Fatal(err)
	}
	return Sources{Library: below(t, all, "library"), Beside: below(t, all, "beside")}
}

func below(t *testing.T, fsys fs.FS, dir string) fs.FS {
	t.Helper()
	sub, err := fs.Sub(fsys, dir)
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// TestErrors compares every rendered diagnostic with testdata/errors, and
// asserts that each code is reached there or by a generated hostile spec; those
// about numbers are tested where they are found.
func TestErrors(t *testing.T) {
	reached := map[Code]bool{}
	files, _ := filepath.Glob("testdata/errors/*.txtar")
	for _, file := range files {
		from := sources(t, file)
		eachPair(t, file, ".dsl", ".want", func(name string, src []byte) string {
			errs, got := diagnose(name, src, from)
			for _, d := range errs {
				reached[d.Code] = true
			}
			if len(errs) == 0 {
				t.Errorf("%s: %s has no findings", file, name)
			}
			return got
		})
	}
	for _, h := range hostile() {
		errs, _ := diagnose(h.name, h.src, h.from)
		for _, d := range errs {
			reached[d.Code] = true
		}
	}
	for _, c := range Codes() {
		if !reached[c] && !slices.Contains(NumberCodes(), c) {
			t.Errorf("no spec reaches %s", c)
		}
	}
}

// eachPair runs f on every file of an archive that ends in from and compares
// the result with the one that ends in to. Files in directories are for others.
func eachPair(t *testing.T, file, from, to string, f func(name string, src []byte) string) {
	t.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(ar.Files); i++ {
		name, ok := strings.CutSuffix(ar.Files[i].Name, from)
		if !ok || strings.Contains(name, "/") {
			continue
		}
		got := f(ar.Files[i].Name, ar.Files[i].Data)
		want := &ar.Files[i+1]
		if want.Name != name+to {
			t.Fatalf("%s: %s has no %s", file, name, to)
		}
		if *update {
			want.Data = []byte(got)
		} else if got != string(want.Data) {
			t.Errorf("%s: %s: got\n%s\nwant\n%s", file, name, got, want.Data)
		}
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryCodeIsExplained(t *testing.T) {
	for _, c := range Codes() {
		text, ok := Explain(c)
		if !ok || len(text) < 40 {
			t.Errorf("%s: %q", c, text)
		}
	}
	if _, ok := Explain("N999"); ok {
		t.Error("N999 is explained")
	}
}

func TestJSON(t *testing.T) {
	errs, _ := diagnose("a.dsl", []byte("norm A { in x[N] out y = z }\n"), Sources{})
	got, err := json.Marshal(errs)
	want := `[{"file":"a.dsl","line":1,"col":26,"endLine":1,"endCol":27,"severity":"error","code":"N101",` +
		`"message":"a name is declared before its use, \"z\" is not declared"}]`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}
