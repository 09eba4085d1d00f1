package generated_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/asmgen"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// A form is how a sweep runs in assembly.
type form string

const (
	portable form = ""
	walk     form = "a walk over rows and columns"
	rowLoop  form = "a loop over rows, their values included"
	elements form = "a loop over elements, called for each row or part of one"
	none     form = "no loop of its own"
)

// due is the form that a sweep should have: rows that have no value of their own are
// walked, others are computed whole. Moments of a tensor's columns are the runtime's.
func due(sw *plan.Sweep) form {
	f := none
	for _, ph := range sw.Phases {
		panel := slices.ContainsFunc(ph.ColMoments, func(m plan.Moments) bool { return m.Of.Op != ir.Load })
		switch {
		case len(ph.Head)+len(ph.Tail)+len(ph.RowSums)+len(ph.RowMoments) > 0:
			return rowLoop
		case len(ph.ColSums)+len(ph.Stores) > 0 || panel:
			f = walk
		}
	}
	return f
}

// fallBacks are the sweeps that have another form than they should, for some set of
// instructions, and why.
var fallBacks = []struct {
	why    string
	sweeps []string
}{
	{"it goes through parts of rows, groups or runs, and both forms take whole rows", []string{
		"batchNormSpatialNCS*", "groupNormNCS*", "groupScaling*", "instanceNormNCS*", "instanceNormRunningNCS*", "mabnncp*",
		"powerNormReleased*Sweep1 *", "powerNormReleasedForwardWhen1Sweep2 *", "qkNorm*", "weightNorm[BFI]*", "weightNormMiddleBackward*",
		"weightNormMiddleForward*", "weightNormMiddleInferSweep2 *"}},
	{"a mask selects rows in it", []string{
		"*atchNormBackwardMaskedSweep2 *", "batchNormClampedBackwardMaskedSweep2 *", "batchNormCumulativeBackwardMaskedSweep2 *",
		"batchNormMeanFillBackwardMasked*", "batchNormUntrackedBackwardMaskedSweep2 *", "batchRenormBackwardMaskedSweep2 *",
		"pnvForwardMaskedSweep1 *", "pnvBackwardMaskedSweep2 *", "*owerNormForwardMaskedSweep1 *", "*owerNormBackwardMaskedSweep1 *",
		"powerNormUnscaledForwardMasked*", "powerNormWarmForwardMasked*Sweep1 *", "powerNormWarmBackwardMasked*"}},
	{"it takes column moments of values that are made of row values", []string{"batchNormMeanFillForwardSweep1 *", "batchNormMeanFillForwardMaskedSweep1 *"}},
	{"its rows have values, which another sweep saved, and it computes none", []string{"batchNormMeanFillForwardSweep2 *", "batchNormMeanFillForwardMaskedSweep2 *"}},
	{"a row value is chosen by a condition", []string{"l2NormBackward*"}},
	{"the layer's one parameter is the operand of a row value", []string{"scaleNorm*", "weightNormWhole*"}},
	{"a condition says which columns a row sum has", []string{"rmsNormPartial*"}},
	{"its rows have more values than there are registers", []string{"adaLNZeroBackwardSweep1 avx2"}},
}

// whyNot is why a sweep falls back for a set, or empty, and notes the row of the table.
func whyNot(t *testing.T, sweep string, used map[string]bool) string {
	t.Helper()
	for _, b := range fallBacks {
		for _, pattern := range b.sweeps {
			if ok, err := path.Match(pattern, sweep); err != nil {
				t.Fatal(err)
			} else if ok {
				used[pattern] = true
				return b.why
			}
		}
	}
	return ""
}

// TestForms holds the sweeps of all layers, for each set of instructions, to the forms
// that their plans ask for. One that falls back to calls for each row computes the
// same, only slower, which no other test sees.
func TestForms(t *testing.T) {
	used := map[string]bool{}
	for _, name := range allNames(t) {
		got := readForms(t, name)
		for sweep, want := range dueForms(t, name) {
			for _, s := range asmgen.Sets {
				which := sweep + " " + s.Name
				why := whyNot(t, which, used)
				switch got := got[sweep+s.Suffix]; {
				case got != want && why == "":
					t.Errorf("%s is %q, and should be %q", which, got, want)
				case got == want && why != "":
					t.Errorf("%s is %q, as it should be, and not held back any more: %s", which, got, why)
				}
			}
		}
	}
	for _, b := range fallBacks {
		for _, pattern := range b.sweeps {
			if !used[pattern] {
				t.Errorf("no sweep is %s", pattern)
			}
		}
	}
}

// dueForms are the forms that a layer's sweeps should have, by their names.
func dueForms(t *testing.T, name string) map[string]form {
	t.Helper()
	u := normOf(t, name).Unit
	listed := newRigOf[float32](t, name, normtest.EvenSizes(u, 64, 64), runtime.Portable).Kernels()
	out := map[string]form{}
	for _, k := range kernelsOf(u) {
		for i, st := range k.Stages {
			if len(st.Sweep.Phases) == 0 {
				continue
			}
			if len(listed) == 0 || listed[0].Stage != i+1 {
				t.Fatalf("%s: the layer lists %v, its plan has a sweep in stage %d of %s", name, listed, i+1, k.Name)
			}
			out[listed[0].Sweep] = due(st.Sweep)
			listed = listed[1:]
		}
	}
	if len(listed) > 0 {
		t.Fatalf("%s: the plan does not have %v", name, listed)
	}
	return out
}

// kernelsOf lists the kernels in the order of [runtime.LayerOf.Kernels].
func kernelsOf(u *plan.Unit) []*plan.Kernel {
	var out []*plan.Kernel
	modes := []*plan.Mode{u.Train}
	if u.Eval != u.Train {
		modes = append(modes, u.Eval)
	}
	for _, m := range modes {
		for _, v := range m.Variants {
			out = append(out, v.Forward, v.Backward)
		}
	}
	for _, v := range u.Infer {
		out = append(out, v.Forward)
	}
	return out
}

// readForms reads the forms of a layer's sweeps from what calls the assembly, by the
// names of the functions.
func readForms(t *testing.T, name string) map[string]form {
	t.Helper()
	files, err := filepath.Glob("*/" + strings.ToLower(name) + "_norm_amd64.go")
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: files %v, %v", name, files, err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), files[0], nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]form{}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body == nil {
			out[fn.Name.Name] = declared(fn)
		}
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			out[fn.Name.Name] = called(fn, out)
		}
	}
	return out
}

// declared is the form of a function of assembly, which its parameters tell.
func declared(fn *ast.FuncDecl) form {
	f := elements
	for _, p := range fn.Type.Params.List {
		for _, n := range p.Names {
			switch {
			case n.Name == "near":
				return walk
			case n.Name == "rows":
				f = rowLoop
			}
		}
	}
	return f
}

// called is the best form among the functions that a sweep calls: a loop over rows
// leaves rows of some lengths to loops over elements.
func called(fn *ast.FuncDecl, forms map[string]form) form {
	calls := map[form]bool{}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			calls[forms[id.Name]] = true
		}
		return true
	})
	for _, f := range []form{rowLoop, walk, elements} {
		if calls[f] {
			return f
		}
	}
	return none
}
