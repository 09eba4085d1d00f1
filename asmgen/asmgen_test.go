package asmgen

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// Fused products are of files that say so.
func TestLintFast(t *testing.T) {
	const fused = "TEXT ·f(SB), NOSPLIT, $0-8\n\tVFMADD231PS Y0, Y1, Y1\n\tVZEROUPPER\n\tRET\n"
	if errs := Sets[0].Lint([]byte(fused)); len(errs) != 1 {
		t.Errorf("in exact arithmetic: %v", errs)
	}
	if errs := Sets[0].Lint([]byte(fastNote + fused)); len(errs) != 0 {
		t.Errorf("in fast arithmetic: %v", errs)
	}
}

// A product that the plan leaves is fused, into the register that dies if one does.
func TestFused(t *testing.T) {
	for _, s := range Sets {
		l := square(1) // y = x*x + va
		l.Kernel.Fast, l.Left = true, map[*ir.Value]bool{l.Body[0]: true}
		f := s.NewFile("t.dsl")
		if _, err := f.Loop("f", l); err != nil {
			t.Fatal(err)
		}
		out, err := f.Write("t.s")
		if err != nil {
			t.Fatal(err)
		}
		asm := string(out[0].Data)
		if !strings.Contains(asm, fastNote) || !strings.Contains(asm, "VFMADD231PS") || strings.Contains(asm, "VMULPS") || strings.Contains(asm, "VADDPS") {
			t.Errorf("%s: not fused:\n%s", s.Name, asm)
		}
		if copied := regexp.MustCompile(`VMOVUPS +[YZ]\d+, [YZ]\d+\n`).FindString(asm); copied != "" {
			t.Errorf("%s: copies a register that nobody needs: %s", s.Name, copied)
		}
	}
}

// square is the loop y = x*x + c + ... with n constants kept from the start.
func square(n int) *plan.Loop {
	f := &ir.Func{}
	leaf := func(name string) *ir.Value { return f.Load(&ir.Leaf{Kind: ir.InputLeaf, Name: name, Dims: []int{0}}) }
	x := leaf("x")
	l := &plan.Loop{Past: true, Rows: 1, Kernel: &plan.Kernel{}}
	l.Params = []plan.Param{{Kind: plan.VectorParam, Name: "x", Value: x}}
	y := f.Apply(ir.Mul, x, x)
	l.Body = []*ir.Value{y}
	for i := range n {
		v := leaf("v" + string(rune('a'+i)))
		l.Params = append(l.Params, plan.Param{Kind: plan.VectorParam, Name: v.Name, Value: v})
		y = f.Apply(ir.Add, y, v)
		l.Body = append(l.Body, y)
	}
	l.Params = append([]plan.Param{{Kind: plan.StoreParam, Name: "y", Value: y}}, l.Params...)
	return l
}

// A loop that needs more general registers than there are is refused.
func TestTooManyParameters(t *testing.T) {
	for _, s := range Sets {
		f := s.NewFile("t.dsl")
		if err := f.Check(square(3)); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		if err := f.Check(square(14)); err == nil {
			t.Errorf("%s: a loop over sixteen slices has registers", s.Name)
		}
	}
}

// Loops that compute the same are one function, and output is a function of the
// loops alone.
func TestFile(t *testing.T) {
	write := func(s *Set) []byte {
		f := s.NewFile("t.dsl")
		for _, l := range []struct {
			name, want string
			loop       *plan.Loop
		}{{"a", "a", square(2)}, {"b", "a", square(2)}, {"c", "c", square(3)}} {
			if got, err := f.Loop(l.name, l.loop); err != nil || got != l.want+s.Suffix {
				t.Errorf("%s: %s is %s, want %s: %v", s.Name, l.name, got, l.want+s.Suffix, err)
			}
		}
		out, err := f.Write("t.s")
		if err != nil || len(out[0].Decls) < 2 {
			t.Fatal(out[0].Decls, err)
		}
		return out[0].Data
	}
	for _, s := range Sets {
		first := write(s)
		for range 5 {
			if !bytes.Equal(first, write(s)) {
				t.Fatalf("%s: output differs from run to run", s.Name)
			}
		}
		if errs := s.Lint(first); len(errs) > 0 {
			t.Errorf("%s: %v", s.Name, errs)
		}
	}
}

// Every elementwise operation has a vector form, or is known to have none.
func TestOperations(t *testing.T) {
	none := map[ir.Op]bool{ir.Mod: true, ir.Pow: true} // in float64, as the interpreter
	for op := range ir.NumOps {
		if has := operations[op] != nil; ir.Ops[op].Eval != nil && has == none[op] {
			t.Errorf("%s has a vector form: %v", op, has)
		}
	}
}
