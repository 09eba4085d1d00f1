package runtime

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fewElements are copies whose length the spec or the tree limits, not the data.
var fewElements = []string{
	"rows.go: copy(first[:], x[:p])",                     // at most maxShift
	"run.go: clear(w.mask)",                              // masks of the spec
	"tree.go: copy(dst.n[:len(t.layout.moment)], src.n)", // moments of a stage
}

// TestCopies holds what Go copies and clears to pieces: its assembly, too, cannot be
// interrupted. Time tells nothing on a busy machine, so what the code says is checked.
func TestCopies(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	cut, few := 0, slices.Clone(fewElements)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "call.go" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch fn := types.ExprString(call.Fun); {
			case fn == "copyAll" || fn == "clearAll" || fn == "cloned":
				cut++
			case fn == "copy" || fn == "clear": // not append: passes allocate nothing
				where := name + ": " + types.ExprString(call)
				i := slices.Index(few, where)
				if i < 0 {
					t.Errorf("%s may be long: copyAll, clearAll and cloned can be interrupted", where)
					break
				}
				few = slices.Delete(few, i, i+1)
			}
			return true
		})
	}
	if cut == 0 || len(few) > 0 {
		t.Errorf("%d copies are cut; not found: %q", cut, few)
	}
}

// TestCopied holds copies to those of Go, at lengths around those of the pieces.
func TestCopied(t *testing.T) {
	for _, n := range []int{0, 1, callCopied - 1, callCopied, callCopied + 1, 2*callCopied + 1, 3 * callCopied} {
		x, y := make([]int, n), make([]int, n+1)
		for i := range x {
			x[i] = i + 1
		}
		copyAll(y, x)
		if !slices.Equal(y[:n], x) || y[n] != 0 {
			t.Errorf("%d elements are not copied as they are", n)
		}
		if c := cloned(x); !slices.Equal(c, x) || n > 0 && &c[0] == &x[0] {
			t.Errorf("a clone of %d elements is none", n)
		}
		clearAll(y[:n])
		if slices.ContainsFunc(y, func(v int) bool { return v != 0 }) {
			t.Errorf("%d elements are not cleared", n)
		}
	}
}
