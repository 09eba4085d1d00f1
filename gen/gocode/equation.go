package gocode

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// equation is the comment over a statement: what the spec, or the derivation,
// says that it computes.
func (e *kernelEmitter) equation(v *ir.Value) []jen.Code {
	text := e.unit.Layer.Equation(v)
	if v.Name != "" {
		text = v.Name + " = " + text
	}
	if v.Line > 0 {
		text += fmt.Sprintf("  (line %d)", v.Line)
	}
	return []jen.Code{jen.Comment(comment(text))}
}

func (e *emitter) axisNames(a ir.Axes) string {
	var out []string
	for i, x := range e.unit.Layer.Axes {
		if a.Has(1 << i) {
			out = append(out, x.Name)
		}
	}
	return strings.Join(out, ", ")
}

// when says under which conditions a variant's functions run.
func (e *kernelEmitter) when(v *plan.Variant) string {
	if v == nil {
		return ""
	}
	var parts []string
	if v.Masked {
		parts = append(parts, "with a mask")
	}
	for _, o := range v.When {
		text := e.unit.Layer.Equation(o.Cond)
		if !o.Holds {
			text = "not " + text
		}
		parts = append(parts, "when "+text)
	}
	if len(parts) == 0 {
		return ""
	}
	return " " + strings.Join(parts, " and ")
}

func (e *kernelEmitter) isBackward() bool { return e.k.Name == "backward" }

// cotangentIndex is the position of the output whose cotangent l is.
func (e *kernelEmitter) cotangentIndex(l *ir.Leaf) int {
	i := leafIndex(e.cotangents, l)
	if i < 0 {
		e.fail("no output for cotangent %s", l.Name)
	}
	return i
}
