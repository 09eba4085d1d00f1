package asmgen

import (
	"fmt"
	"strings"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// key writes what a loop computes, with parameters and values by number: loops
// of one key are one function.
func key(l *plan.Loop) string {
	var b strings.Builder
	number := map[*ir.Value]string{}
	fmt.Fprintf(&b, "%d rows %v %v %v", l.Rows, l.Step, l.Past, l.Runs)
	for i, p := range l.Params {
		if read(p) {
			if number[p.Value] == "" {
				number[p.Value] = fmt.Sprintf("p%d", i)
			}
			// The number says which parameters are rows of one tensor.
			fmt.Fprintf(&b, " %s:%d:%d:%v:%v:%v:%d", number[p.Value], p.Kind, p.Row, ir.Ops[p.Value.Op].Cond, p.Matrix, p.Wide, p.Part)
		}
	}
	of := func(v *ir.Value) string {
		v = plan.Strip(v)
		if v.Op == ir.Const {
			return fmt.Sprint(v.F)
		}
		return number[v]
	}
	for i, v := range l.Body {
		if number[v] != "" {
			continue
		}
		number[v] = fmt.Sprintf("v%d", i)
		fmt.Fprintf(&b, " v%d=%s", i, v.Op)
		if l.Left[v] {
			b.WriteString("(left)")
		}
		if l.Step {
			fmt.Fprintf(&b, ":%d", l.Kernel.OpWidth(v))
		}
		for _, a := range v.Args {
			b.WriteString("," + of(a))
		}
	}
	for _, p := range l.Params {
		if !read(p) {
			fmt.Fprintf(&b, " %d:%d:%v=%s", p.Kind, p.Row, p.Wide, of(p.Value))
		}
	}
	return b.String()
}

// read reports whether a parameter is what elements read.
func read(p plan.Param) bool {
	return p.Kind == plan.VectorParam || p.Kind == plan.ScalarParam || p.Kind == plan.RunParam
}

// unsupported returns a value of the loop that has no vector form, or nil.
func unsupported(l *plan.Loop) *ir.Value {
	for _, v := range l.Body {
		if v.Op != ir.Load && operations[v.Op] == nil || l.Step && !stepHas(v.Op) {
			return v
		}
	}
	return nil
}
