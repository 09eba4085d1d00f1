package generated_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCalls holds every call of assembly to a bound, whatever the length of a row: Go
// cannot interrupt it. What the code says is checked, because time tells nothing on a
// busy machine; gate 15 takes the time before a release.
func TestCalls(t *testing.T) {
	var files []string
	for _, dir := range []string{"*", "../runtime/transformer/kernels"} {
		f, err := filepath.Glob(dir + "/*_norm_amd64.go")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f...)
	}
	seen := map[form]int{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range assemblyCalls(f) {
			if err := c.bounded(); err != nil {
				t.Errorf("%s: %s calls %s: %v", name, c.from.Name, types.ExprString(c.call), err)
			}
			seen[c.form]++
		}
	}
	for _, f := range []form{rowLoop, walk, elements} {
		if seen[f] == 0 {
			t.Errorf("no call of %s in %d files", f, len(files))
		}
	}
}

// The bounds must be noticed if they are missing.
func TestCallsTeeth(t *testing.T) {
	for _, c := range []struct {
		body string
		good bool
	}{
		{"if d <= runtime.CallElements { element(d, &x[0]) } else { for j := 0; j < d; j += runtime.CallElements { runtime.Between(j > 0); element(min(d-j, runtime.CallElements), &x[j]) } }", true},
		{"if n >= 16 && n <= runtime.CallElements { for i, rows := 0, 0; i < b.N; i += rows { runtime.Between(true); rows = min(b.CallRows, b.N-i); row(n, rows, &x[0]) } }", true},
		{"r, c := b.Part(); for i := 0; i < b.N; i += r { for j := 0; j < n; j += c { runtime.Between(true); cells(min(r, b.N-i), min(c, n-j), &x[j], b.Near) } }", true},
		{"r := runtime.RunsTogether(d); for first := 0; first < c; first += r { runtime.Between(true); some := min(r, c-first); if d <= runtime.CallElements { group(some, d, &x[0]) } }", true},
		{"r := runtime.RunsTogether(d); for first := 0; first < c; first += r { runtime.Between(true); some := min(c, c-first); if d <= runtime.CallElements { group(some, d, &x[0]) } }", false},
		{"r := runtime.RunsTogether(c); for first := 0; first < c; first += r { runtime.Between(true); some := min(r, c-first); if d <= runtime.CallElements { group(some, d, &x[0]) } }", false},
		{"r := runtime.RunsTogether(d); some := min(r, c-first); group(some, d, &x[0])", false},
		{"element(n, &x[0])", false},
		{"if n <= runtime.CallElements { element(d, &x[0]) }", false},
		{"if n <= runtime.CallElements {} else { element(n, &x[0]) }", false},
		{"if n <= runtime.CallElements || d <= 3 { element(n, &x[0]) }", false},
		{"for i := range b.N { if n <= runtime.CallElements { element(n, &x[0]) } }", false},
		{"for j := 0; j < n; j += runtime.CallElements { runtime.Between(true); element(n-j, &x[j]) }", false},
		{"for j := 0; j < n; j += runtime.CallElements { element(min(n-j, runtime.CallElements), &x[j]) }", false},
		{"for j := 0; j < n; j += runtime.CallColumns { runtime.Between(true); element(min(n-j, runtime.CallElements), &x[j]) }", false},
		{"for i, rows := 0, 0; i < b.N; i += rows { runtime.Between(true); rows = min(b.CallRows, b.N-i); row(n, rows, &x[0]) }", false},
		{"if n <= runtime.CallElements { rows := b.N; row(n, rows, &x[0]) }", false},
		{"for j := 0; j < n; j += c { runtime.Between(true); cells(b.N, min(c, n-j), &x[j], b.Near) }", false},
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "", `package p
func element(n int, x *float32)
func row(n, rows int, x *float32)
func group(runs, n int, x *float32)
func cells(rows, n int, x *float32, near bool)
func f() { `+c.body+" }", parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		bad := 0
		for _, call := range assemblyCalls(f) {
			if call.bounded() != nil {
				bad++
			}
		}
		if (bad == 0) != c.good {
			t.Errorf("%s: %d calls are not bounded", c.body, bad)
		}
	}
}

// An assemblyCall is one of a function without a body.
type assemblyCall struct {
	call   *ast.CallExpr
	form   form
	runs   bool // of some runs, whose number comes first
	from   *ast.FuncDecl
	around []ast.Node // outermost first
}

func assemblyCalls(f *ast.File) []assemblyCall {
	assembly, runs := map[string]form{}, map[string]bool{}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body == nil {
			assembly[fn.Name.Name] = declared(fn)
			runs[fn.Name.Name] = fn.Type.Params.List[0].Names[0].Name == "runs"
		}
	}
	var out []assemblyCall
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		var around []ast.Node
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			if n == nil {
				around = around[:len(around)-1]
				return true
			}
			if call, ok := n.(*ast.CallExpr); ok {
				name := types.ExprString(call.Fun)
				if form, ok := assembly[name]; ok {
					out = append(out, assemblyCall{call, form, runs[name], fn, slices.Clone(around)})
				}
			}
			around = append(around, n)
			return true
		})
	}
	return out
}

// bounded returns an error if nothing around the call says that it ends soon, or if it
// is made again without a place between where Go may interrupt.
func (c assemblyCall) bounded() error {
	if loop := c.loop(); loop != nil && !slices.ContainsFunc(loop.List, isBetween) {
		return fmt.Errorf("its loop has no runtime.Between")
	}
	first, second := types.ExprString(c.call.Args[0]), types.ExprString(c.call.Args[1])
	switch c.form {
	case walk:
		var part []string
		c.assigned("b.Part()", func(names []string) { part = names })
		if len(part) != 2 || first != fmt.Sprintf("min(%s, b.N - i)", part[0]) || second != fmt.Sprintf("min(%s, n - j)", part[1]) {
			return fmt.Errorf("rows and columns are not those of Block.Part")
		}
		return nil
	case rowLoop:
		counted := false
		c.assigned("min(b.CallRows, b.N - i)", func(names []string) { counted = slices.Equal(names, []string{second}) })
		if !counted {
			return fmt.Errorf("rows are not limited by Block.CallRows")
		}
	}
	if c.runs {
		if !c.someRuns(first, second) {
			return fmt.Errorf("runs are not limited by runtime.RunsTogether")
		}
		first = second
	}
	for _, most := range []string{"runtime.CallElements", "runtime.CallColumns"} {
		if c.under(first+" <= "+most) || c.piece(first, most) {
			return nil
		}
	}
	return fmt.Errorf("nothing limits the elements %s", first)
}

// loop is the body of the innermost loop around the call, or nil.
func (c assemblyCall) loop() *ast.BlockStmt {
	for _, n := range slices.Backward(c.around) {
		switch s := n.(type) {
		case *ast.ForStmt:
			return s.Body
		case *ast.RangeStmt:
			return s.Body
		}
	}
	return nil
}

func isBetween(s ast.Stmt) bool {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := e.X.(*ast.CallExpr)
	return ok && types.ExprString(call.Fun) == "runtime.Between"
}

// assigned finds the names that a value is assigned to.
func (c assemblyCall) assigned(value string, found func(names []string)) {
	ast.Inspect(c.from.Body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && types.ExprString(a.Rhs[0]) == value {
			var names []string
			for _, l := range a.Lhs {
				names = append(names, types.ExprString(l))
			}
			found(names)
		}
		return true
	})
}

// someRuns reports whether there are no more runs of n elements, or of a piece of one, than
// runtime.RunsTogether says, which is one where a run is longer than a call.
func (c assemblyCall) someRuns(some, n string) bool {
	if piece, ok := strings.CutPrefix(n, "min("); ok {
		n, _, _ = strings.Cut(piece, " - j")
	}
	limited := false
	c.assigned("runtime.RunsTogether("+n+")", func(most []string) {
		ast.Inspect(c.from.Body, func(n ast.Node) bool {
			a, ok := n.(*ast.AssignStmt)
			limited = limited || ok && types.ExprString(a.Lhs[0]) == some && strings.HasPrefix(types.ExprString(a.Rhs[0]), "min("+most[0]+", ")
			return true
		})
	})
	return limited
}

// under reports whether the call is made only if a condition holds.
func (c assemblyCall) under(condition string) bool {
	for i, n := range c.around[:len(c.around)-1] {
		if s, ok := n.(*ast.IfStmt); ok && c.around[i+1] == s.Body && slices.Contains(strings.Split(types.ExprString(s.Cond), " && "), condition) {
			return true
		}
	}
	return false
}

// piece reports whether a loop cuts its elements into pieces of so many.
func (c assemblyCall) piece(n, most string) bool {
	all, ok := strings.CutPrefix(n, "min(")
	all, ok2 := strings.CutSuffix(all, " - j, "+most+")")
	return ok && ok2 && slices.ContainsFunc(c.around, func(n ast.Node) bool {
		s, ok := n.(*ast.ForStmt)
		if !ok || types.ExprString(s.Cond) != "j < "+all {
			return false
		}
		post, ok := s.Post.(*ast.AssignStmt)
		return ok && post.Tok == token.ADD_ASSIGN && types.ExprString(post.Rhs[0]) == most
	})
}
