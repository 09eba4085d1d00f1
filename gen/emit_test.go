package gen

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"testing"
	"time"

	"github.com/normgen/normgen/gen/gocode"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/testdata/gates"
)

// A typeChecker checks generated packages against the sources of the runtime.
type typeChecker struct {
	fset *token.FileSet
	imp  types.Importer
}

func newTypeChecker() *typeChecker {
	fset := token.NewFileSet()
	return &typeChecker{fset, importer.ForCompiler(fset, "source", nil)}
}

func (c *typeChecker) check(files []File) error {
	var parsed []*ast.File
	for _, f := range files {
		p, err := parser.ParseFile(c.fset, f.Name, f.Data, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		parsed = append(parsed, p)
	}
	conf := types.Config{Importer: c.imp}
	info := types.Info{Uses: map[*ast.Ident]types.Object{}}
	pkg, err := conf.Check("p", c.fset, parsed, &info)
	if err != nil {
		return err
	}
	return unused(pkg, info.Uses)
}

// unused reports a function or constant of the package that nothing uses and
// nobody else can.
func unused(pkg *types.Package, uses map[*ast.Ident]types.Object) error {
	used := map[types.Object]bool{}
	for _, o := range uses {
		if f, ok := o.(*types.Func); ok {
			o = f.Origin()
		}
		used[o] = true
	}
	for _, name := range pkg.Scope().Names() {
		if o := pkg.Scope().Lookup(name); !o.Exported() && !used[o] {
			return fmt.Errorf("%s is not used", name)
		}
	}
	return nil
}

// What has a plan becomes Go that compiles, all of which is used.
func TestEmitCompiles(t *testing.T) {
	c := newTypeChecker()
	for _, p := range accepted(t) {
		emits(t, c, p.String(), p.unit)
	}
	for _, e := range edges {
		if e.refused == "" {
			for _, u := range edgeUnits(t, e.text) {
				emits(t, c, u.Name, u)
			}
		}
	}
}

func emits(t *testing.T, c *typeChecker, what string, u *plan.Unit) {
	t.Helper()
	u.F32, u.F64 = true, true
	files, err := gocode.Backend{}.Emit("p", "p.dsl", []*plan.Unit{u})
	if err != nil {
		t.Errorf("%s has a plan, but no Go: %v", what, err)
		return
	}
	if err := c.check(files); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// The library compiles in less than a second, to the same bytes each time. (The
// command's tests do that for other directories and numbers of processors.)
func TestCompile(t *testing.T) {
	specs, err := filepath.Glob("../testdata/*.dsl")
	if err != nil || len(specs) == 0 {
		t.Fatalf("no specs: %v", err)
	}
	var first []*Result
	var best time.Duration
	for run := range 3 {
		took := gates.Spent(func() {
			for i, s := range specs {
				r, err := Compile(program(t, s), Options{Package: "p"}, gocode.Backend{})
				if err != nil {
					t.Fatal(err)
				}
				if run == 0 {
					first = append(first, r)
				}
				sameFiles(t, s, first[i].Files, r.Files)
			}
		})
		if run == 0 || took < best {
			best = took
		}
	}
	t.Logf("%d specs compile in %v", len(specs), best)
	if best > time.Second {
		t.Errorf("%d specs take %v, want less than a second", len(specs), best)
	}
}

func sameFiles(t *testing.T, spec string, want, got []File) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d files, then %d", spec, len(want), len(got))
	}
	for i, f := range got {
		if f.Name != want[i].Name || !bytes.Equal(f.Data, want[i].Data) {
			t.Fatalf("%s: %s differs from the first run", spec, f.Name)
		}
	}
}
