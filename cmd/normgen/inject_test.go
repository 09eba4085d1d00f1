package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/testdata/gates"
)

// An injected is the spec of testdata/inject in a directory of its own, to be
// changed and compiled.
type injected struct {
	t       *testing.T
	files   map[string]string
	clean   *report
	written map[string]bool // sets of files that were written before
}

func newInjected(t *testing.T) *injected {
	t.Helper()
	in := &injected{t: t, files: map[string]string{}, written: map[string]bool{}}
	for _, name := range []string{"spec.dsl", "sub/mine.dsl"} {
		text, err := os.ReadFile(filepath.Join("testdata", "inject", name))
		if err != nil {
			t.Fatal(err)
		}
		in.files[name] = string(text)
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir("sub", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range in.files {
		if err := put(text)(name); err != nil {
			t.Fatal(err)
		}
	}
	if in.clean = in.compile("spec.dsl", "p"); in.clean == nil || len(in.clean.diagnostics) > 0 {
		t.Fatal("the spec itself has findings")
	}
	return in
}

// with compiles the spec with another text of one file.
func (in *injected) with(name, text string) *report {
	in.t.Helper()
	if _, errs := dsl.Parse(name, []byte(text)); errs.HasErrors() {
		in.message(errs, errSpec)
		return nil
	}
	if err := put(text)(name); err != nil {
		in.t.Fatal(err)
	}
	defer put(in.files[name])(name)
	return in.compile("spec.dsl", "p")
}

// compile returns nil if the spec is refused.
func (in *injected) compile(spec, pkg string) *report {
	in.t.Helper()
	r, tool := &report{}, &tool{getenv: func(string) string { return "" }}
	err := tool.compile(r, &order{spec: spec, out: "out", pkg: pkg})
	if err != nil {
		in.message(r.diagnostics, err)
		return nil
	}
	in.write(r)
	return r
}

// message requires that a refusal comes before the parse-back, and that no
// terminal obeys it.
func (in *injected) message(list dsl.ErrorList, err error) {
	in.t.Helper()
	var b bytes.Buffer
	list.Render(&b)
	fmt.Fprint(&b, err)
	if strings.Contains(b.String(), "internal error") {
		in.t.Errorf("only the parse-back stopped it: %s", b.String())
	}
	if strings.ContainsAny(b.String(), "\x00\x1b\u202e\u2066\u2028\u200d") {
		in.t.Errorf("a terminal may obey the message %q", b.String())
	}
}

// write writes each set of files once, and requires that nothing but the output
// directory is new.
func (in *injected) write(r *report) {
	in.t.Helper()
	var set []string
	for _, f := range r.output {
		set = append(set, f.Name)
	}
	if key := strings.Join(set, "/"); in.written[key] {
		return
	} else {
		in.written[key] = true
	}
	before := entries(in.t, ".")
	if err := r.place(true); err != nil {
		in.t.Errorf("writing %v: %v", set, err)
	}
	slices.Sort(set)
	if got := entries(in.t, "out"); !slices.Equal(got, set) {
		in.t.Errorf("wrote %v, planned %v", got, set)
	}
	os.RemoveAll("out")
	if got := entries(in.t, "."); !slices.Equal(got, before) {
		in.t.Errorf("beside the output there are %v, before %v", got, before)
	}
}

// entries lists a directory and what is in its directory sub.
func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	for _, pattern := range []string{"*", "sub/*"} {
		found, err := fs.Glob(os.DirFS(dir), pattern)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	return names
}

// harmless requires that the output of a changed spec declares as many things
// of each kind as the clean one, and that no injected text became code.
func (in *injected) harmless(what string, r *report) {
	in.t.Helper()
	if d := cmp.Diff(kinds(in.clean), kinds(r)); d != "" {
		in.t.Errorf("%s: declares something else (-clean +injected):\n%s", what, d)
	}
	for _, f := range r.output {
		file, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Data, parser.SkipObjectResolution)
		if err != nil {
			in.t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && fmt.Sprint(call.Fun) == "PWNED" {
				in.t.Errorf("%s: %s calls PWNED", what, f.Name)
			}
			return true
		})
	}
}

// kinds counts the files and the declarations of each kind. What is planned is
// what is there: the tool has compared them.
func kinds(r *report) map[string]int {
	count := map[string]int{"file": len(r.output)}
	for _, f := range r.output {
		for _, d := range f.Decls {
			count[d.Kind]++
		}
	}
	return count
}

// TestGate20InjectedText puts every injection in the place of every word and string,
// wherever it stands, and of every number.
func TestGate20InjectedText(t *testing.T) {
	g := gates.Open(t, 20, "injections for every word, number and string")
	in := newInjected(t)
	tried, compiled := 0, 0
	for name, text := range in.files {
		for what, version := range versions(text) {
			tried++
			if r := in.with(name, version); r != nil {
				in.harmless(what, r)
				compiled++
			}
		}
	}
	if compiled < 50 {
		t.Errorf("only %d versions compiled: little was tested", compiled)
	}
	g.Figure("%d injections, %d specs; %d compiled, harmless", len(injections), tried, compiled)
}

// TestGate20InjectedComments puts comments with all injections that may stand in one
// behind every word and sign of the spec. The code is the same as without.
func TestGate20InjectedComments(t *testing.T) {
	g := gates.Open(t, 20, "injections in comments between all words")
	in := newInjected(t)
	comments := " "
	for _, inj := range injections {
		for _, c := range []string{"//" + inj + "\n", "// " + inj + "\n"} {
			_, errs := dsl.Parse("comment.dsl", []byte("norm A {}\n"+c))
			if len(errs) == 0 && strings.Count(c, "\n") == 1 {
				comments += c
			}
		}
	}
	if n := strings.Count(comments, "\n"); n < len(injections) {
		t.Errorf("only %d comments are allowed", n)
	}
	g.Figure("%d comments, the code is the same", strings.Count(comments, "\n"))
	clean := code(t, in.clean)
	for name, text := range in.files {
		for part := range 8 {
			r := in.with(name, commented(text, comments, part, 8))
			if r == nil {
				t.Errorf("%s: comments make the spec bad", name)
			} else if d := cmp.Diff(clean, code(t, r)); d != "" {
				t.Errorf("%s: comments change the code (-clean +commented):\n%s", name, d)
			}
		}
	}
}

// TestGate20InjectedNames gives the package, the spec and a used file hostile names.
func TestGate20InjectedNames(t *testing.T) {
	g := gates.Open(t, 20, "injections as names of packages and files")
	g.Figure("%d injections", len(injections))
	in := newInjected(t)
	for _, inj := range injections {
		if in.compile("spec.dsl", inj) != nil && !token.IsIdentifier(inj) {
			t.Errorf("-pkg %q is taken", inj)
		}
		in.named(inj+".dsl", in.files["spec.dsl"], func() *report { return in.compile(inj+".dsl", "p") })
		in.named(inj+".dsl", in.files["sub/mine.dsl"], func() *report {
			return in.with("spec.dsl", strings.Replace(in.files["spec.dsl"], "sub/mine.dsl", inj+".dsl", 1))
		})
	}
}

// named runs compile while there is a file of that name, if that can be.
func (in *injected) named(name, text string, compile func() *report) {
	in.t.Helper()
	if strings.ContainsRune(name, '/') || put(text)(name) != nil {
		return
	}
	defer os.Remove(name)
	if r := compile(); r != nil {
		in.harmless(name, r)
	}
}

// code returns the words and signs of the output, without comments and hashes.
func code(t *testing.T, r *report) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, f := range r.output {
		fset := token.NewFileSet()
		var s scanner.Scanner
		s.Init(fset.AddFile(f.Name, -1, len(f.Data)), f.Data, nil, 0)
		var b strings.Builder
		for _, tok, lit := s.Scan(); tok != token.EOF; _, tok, lit = s.Scan() {
			b.WriteString(tok.String() + " " + lit + "\n")
		}
		files[f.Name] = setHash.ReplaceAllString(b.String(), "Generation")
	}
	return files
}

// setHash is in the constant that ties a set of files together; it depends on
// their comments too.
var setHash = regexp.MustCompile(`Generation[0-9a-f]{12}`)
