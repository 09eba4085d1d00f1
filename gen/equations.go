package gen

import (
	"fmt"
	"strings"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/ir"
)

// Gradient writes forward and backward of the norms called name as equations,
// as they are after simplification: what is declared, and what was derived.
func Gradient(p *dsl.Program, name string) (string, error) {
	return eachUnit(p, name, func(u Unit) (string, error) {
		if err := Middle(u); err != nil {
			return "", err
		}
		var b strings.Builder
		seen := map[string]bool{}
		for _, m := range u.Layer.Modes {
			text := "  forward\n" + writeEquations(u.Layer, m.Forward) + "  backward\n" + writeEquations(u.Layer, m.Backward)
			if !seen[text] {
				fmt.Fprintf(&b, "%s %s%s\n%s", u.Layer.Name, m.Name, approximate(m), text)
			}
			seen[text] = true
		}
		return b.String(), nil
	})
}

func approximate(m *ir.Mode) string {
	if m.Approximate {
		return ", its backward declared and approximate"
	}
	return ""
}

// writeEquations writes the named values of f and its results.
func writeEquations(l *ir.Layer, f *ir.Func) string {
	var b strings.Builder
	outs := map[*ir.Value]string{}
	for _, o := range f.Outs {
		outs[o.Value] = resultName(o)
	}
	for _, v := range f.Values {
		if v.Name != "" && v.Op != ir.Load && outs[v] == "" {
			fmt.Fprintf(&b, "    %s %s = %s\n", v.Name, l.AxesString(v.Axes), l.Equation(v))
		}
	}
	for _, o := range f.Outs {
		fmt.Fprintf(&b, "    %s %s = %s\n", resultName(o), l.AxesString(o.Value.Axes), l.Equation(o.Value))
	}
	return b.String()
}

// resultName is the output's name, d and the name for a gradient.
func resultName(o ir.Out) string {
	if o.Kind == ir.GradOut {
		return "d" + o.Name
	}
	return o.Name
}
