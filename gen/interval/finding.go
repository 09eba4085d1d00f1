package interval

import (
	"fmt"
	"strings"

	"github.com/normgen/normgen/gen/ir"
)

// A Kind is what a finding is about.
type Kind uint8

const (
	RsqrtZero Kind = iota // rsqrt of what may be zero or negative
	DivZero
	LogZero
	Root      // a root of what may be negative
	Constant  // a number that the format does not hold
	Vanish    // a constant that is lost in a sum
	OnePass   // E[x^2] - E[x]^2
	Cancel    // any other difference that loses its digits
	Overflow  // exp overflows, and the result is NaN
	Invariant // an update may break the where of its state
	Square    // a note: a power overflows though its root would not
	Diverge   // a note: a recursion may grow
)

// A Finding is one fact about a spec, with what to write instead.
type Finding struct {
	Kind Kind
	Span ir.Span
	Msg  string // the rule, then the fact
	Help string
	Note bool // a limit that a good norm may have
}

// text writes v in a message; what is long is called it.
func (a *Analysis) text(v *ir.Value) string {
	v = strip(v)
	if v.Name != "" {
		return v.Name
	}
	s := a.layer.Equation(v)
	if len(s) > 60 {
		return "it"
	}
	return s
}

// given lists a few knobs that v depends on other than through a reduction.
func given(v *ir.Value) string {
	var list []string
	seen := map[*ir.Value]bool{}
	var walk func(v *ir.Value)
	walk = func(v *ir.Value) {
		if seen[v] || v.Op.Reduces() || len(list) == 3 || len(seen) == 64 {
			return
		}
		seen[v] = true
		switch {
		case v.Op == ir.Load && v.Leaf.Kind == ir.KnobLeaf:
			list = append(list, fmt.Sprintf("%s = %g", v.Leaf.Name, v.Leaf.Init))
		case v.Op == ir.Const && v.Name != "":
			list = append(list, fmt.Sprintf("%s = %g", v.Name, v.F))
		}
		for _, a := range v.Args {
			walk(a)
		}
	}
	walk(v)
	if list == nil {
		return ""
	}
	return ", with " + strings.Join(list, ", ") + ","
}
