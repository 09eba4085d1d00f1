package gen

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = ".."
	module = "github.com/normgen/normgen/"
)

// layers says which packages of the module each package may import: the table
// of the design. "*" allows all, "dir/*" the packages of a directory.
var layers = map[string][]string{
	"dsl":                     {},
	"gen/ir":                  {},
	"gen/grad":                {"gen/ir"},
	"gen/pass":                {"gen/ir"},
	"gen/affine":              {"gen/ir", "gen/pass"},
	"gen/interp":              {"gen/ir"},
	"gen/symmetry":            {"gen/ir"},
	"gen/train":               {"gen/ir", "gen/interp"},
	"gen/diff":                {"gen/ir", "gen/interp", "gen/train"},
	"gen/gap":                 {"gen/ir", "gen/grad", "gen/train"},
	"gen/interval":            {"gen/ir"},
	"gen/elementary":          {"gen/ir"},
	"gen/elementary/write":    {"gen/elementary"},
	"gen/plan":                {"gen/ir", "gen/elementary"},
	"gen/gocode":              {"gen/ir", "gen/affine", "gen/plan"},
	"gen/normtest":            {"dsl", "gen", "gen/interp", "gen/ir", "gen/plan", "gen/reference", "gen/symmetry", "gen/train", "runtime", "runtime/guard"},
	"gen":                     {"dsl", "gen/ir", "gen/grad", "gen/pass", "gen/affine", "gen/interp", "gen/interval", "gen/plan"},
	"gen/random":              {"dsl"},
	"gen/reference":           {"gen/elementary", "gen/interp", "gen/ir", "gen/plan"},
	"gen/trial":               {"gen/ir", "gen/plan", "gen/reference"},
	"gen/trial/testdata/run":  {"runtime"},
	"asmgen":                  {"gen/elementary", "gen/ir", "gen/plan"},
	"asmgen/emulate":          {},
	"asmgen/primitives":       {"asmgen", "gen/plan"},
	"generated":               {"generated/*", "runtime"},
	"generated/*":             {"runtime"},
	"runtime":                 {},
	"runtime/transformer":     {"runtime", "runtime/transformer/blas", "runtime/transformer/kernels"},
	"runtime/guard":           {},
	"runtime/lock":            {},
	"cmd/normgen":             {"*"},
	"testdata":                {},
	"testdata/gates":          {},
	"testdata/gates/report":   {"testdata/gates"},
	"testdata/vectors":        {},
	"testdata/vectors/pack":   {"testdata/vectors"},
	"testdata/vectors/replay": {"dsl", "gen", "gen/interp", "gen/ir", "gen/train", "testdata/vectors"},

	"cmd/normlab":               {"cmd/normlab/lab", "generated"},
	"cmd/normlab/lab":           {"*"},
	"cmd/normlab/run":           {"cmd/normlab/choice", "cmd/normlab/figure", "cmd/normlab/probe", "runtime", "runtime/lock", "runtime/transformer*"},
	"cmd/normlab/sweep":         {"cmd/normlab/run"},
	"cmd/normlab/report":        {"cmd/normlab/figure", "cmd/normlab/probe", "cmd/normlab/run", "cmd/normlab/sweep", "runtime/transformer/checkpoint"},
	"cmd/normlab/probe":         {"runtime", "runtime/transformer"},
	"cmd/normlab/choice":        {"runtime", "runtime/transformer"},
	"cmd/normlab/figure":        {},
	"cmd/normbench":             {"*"},
	"cmd/normbench/limit":       {},
	"cmd/normbench/limit/write": {},
	"cmd/normbench/plain":       {},

	"runtime/transformer/blas":       {"runtime"},
	"runtime/transformer/peers":      {"generated/*", "runtime", "runtime/transformer", "runtime/transformer/blas"},
	"runtime/transformer/kernels":    {"runtime"},
	"runtime/transformer/text":       {"runtime/transformer"},
	"runtime/transformer/bleu":       {},
	"runtime/transformer/checkpoint": {"runtime", "runtime/lock", "runtime/transformer"},
}

// generatedMayImport is what generated code uses of the standard library.
var generatedMayImport = []string{"math", "errors", "fmt"}

// A source is a file that is not a test, and the directory of its package.
type source struct {
	path, dir string
	file      *ast.File
	fset      *token.FileSet
}

// sources parses the module's files that are not tests. Directories with a
// module of their own are left out, as is what starts with a dot.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipped(p, d)
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		s := source{path: p, fset: token.NewFileSet()}
		rel, err := filepath.Rel(root, filepath.Dir(p))
		if err != nil {
			return err
		}
		s.dir = filepath.ToSlash(rel)
		s.file, err = parser.ParseFile(s.fset, p, nil, parser.SkipObjectResolution)
		out = append(out, s)
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("%d sources: %v", len(out), err)
	}
	return out
}

func skipped(p string, d fs.DirEntry) error {
	modules, err := filepath.Glob(filepath.Join(p, "go.mod"))
	if err == nil && p != root && (strings.HasPrefix(d.Name(), ".") || len(modules) > 0) {
		return fs.SkipDir
	}
	return err
}

// imports lists what a file imports.
func (s source) imports() []string {
	var out []string
	for _, i := range s.file.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		out = append(out, p)
	}
	return out
}

// row returns the line of the table for a package: generated packages share one.
func row(dir string) ([]string, bool) {
	if strings.HasPrefix(dir, "generated/") {
		dir = "generated/*"
	}
	allowed, ok := layers[dir]
	return allowed, ok
}

// TestLayers holds the packages to the table.
func TestLayers(t *testing.T) {
	for _, s := range sources(t) {
		allowed, ok := row(s.dir)
		if !ok {
			t.Errorf("%s: package %s has no row in the table of layers", s.path, s.dir)
		}
		for _, p := range s.imports() {
			ours, found := strings.CutPrefix(p, module)
			if found && !allows(allowed, ours) {
				t.Errorf("%s: %s may not import %s", s.path, s.dir, ours)
			}
			if !found && strings.HasPrefix(s.dir, "generated/") && !slices.Contains(generatedMayImport, p) {
				t.Errorf("%s: generated code may not import %s", s.path, p)
			}
		}
	}
}

// allows reports whether a row of the table has a package.
func allows(row []string, pkg string) bool {
	return slices.ContainsFunc(row, func(allowed string) bool {
		dir, all := strings.CutSuffix(allowed, "*")
		return pkg == allowed || all && strings.HasPrefix(pkg, dir)
	})
}

// part reports whether dir is one of the directories or below one.
func part(dir string, of ...string) bool {
	return slices.ContainsFunc(of, func(d string) bool { return dir == d || strings.HasPrefix(dir, d+"/") })
}

// TestHabits forbids what makes a compiler hard to read: packages for
// everything, text templates, work that starts by itself.
func TestHabits(t *testing.T) {
	vague := []string{"util", "utils", "common", "helpers", "helper", "types", "base", "misc"}
	for _, s := range sources(t) {
		if slices.Contains(vague, s.file.Name.Name) || slices.Contains(vague, path.Base(s.dir)) {
			t.Errorf("%s: a package called %s says nothing", s.path, s.file.Name.Name)
		}
		if part(s.dir, "gen", "cmd", "asmgen") && slices.Contains(s.imports(), "text/template") {
			t.Errorf("%s: code is built, not filled into templates", s.path)
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: registration is explicit: no init functions", s.fset.Position(f.Pos()))
			}
		}
	}
}

var normNames = regexp.MustCompile(`(?i)layer_?norm|batch_?norm|power_?norm|rms_?norm|group_?norm|instance_?norm|\bpnv`)

// example is a norm of a text that explains the language.
var example = regexp.MustCompile(`\b(norm|gen) \w+\(`)

// TestNoNames forbids names of norms in code: the compiler and the runtime know
// operations. Comments may name them, and so may examples in the language itself.
// cmd/normbench and runtime/transformer/peers measure named layers, and take no part in making them; cmd/normlab
// names some where it helps its user.
func TestNoNames(t *testing.T) {
	for _, s := range sources(t) {
		if !part(s.dir, "dsl", "gen", "runtime", "cmd/normgen", "asmgen") || part(s.dir, "runtime/transformer/peers") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if text := example.ReplaceAllString(written(n), ""); normNames.MatchString(text) {
				t.Errorf("%s: %s knows a norm by name", s.fset.Position(n.Pos()), text)
			}
			return true
		})
	}
}

// written is the text of an identifier or a literal.
func written(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Ident:
		return n.Name
	case *ast.BasicLit:
		return n.Value
	}
	return ""
}

// The name test would find a name.
func TestNoNamesFinds(t *testing.T) {
	for _, name := range []string{"LayerNorm", "isBatchNorm", "powernorm", `"rmsnorm"`, "PNV", "pnvKernel"} {
		if !normNames.MatchString(name) {
			t.Errorf("%s is not found", name)
		}
	}
	for _, name := range []string{"norm", "NormOf", "layer", "LayerOf", "batch"} {
		if normNames.MatchString(name) {
			t.Errorf("%s is no norm", name)
		}
	}
}
