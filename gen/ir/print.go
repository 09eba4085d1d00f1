package ir

import (
	"fmt"
	"strconv"
	"strings"
)

// String is the dump of f, one line a value, with axes as their numbers; see
// [Layer.Dump] for names.
func (f *Func) String() string { return dump(f, nil) }

// Dump is the dump of f, a function of l, with the names of l's axes.
func (l *Layer) Dump(f *Func) string { return dump(f, l) }

func dump(f *Func, l *Layer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "func %s\n", f.Name)
	for _, v := range f.Values {
		fmt.Fprintf(&b, "  v%d %s = %s", v.ID, l.AxesString(v.Axes), expr(v, l))
		if v.Name != "" && v.Op != Load {
			fmt.Fprintf(&b, "  // %s", v.Name)
		}
		b.WriteByte('\n')
	}
	for _, o := range f.Outs {
		fmt.Fprintf(&b, "  %s %s = v%d\n", outKinds[o.Kind], o.Name, o.Value.ID)
	}
	return b.String()
}

var outKinds = [...]string{TensorOut: "out", StatOut: "stat", GradOut: "grad", StateOut: "state"}

func expr(v *Value, l *Layer) string {
	var b strings.Builder
	b.WriteString(v.Op.String())
	switch v.Op {
	case Const:
		b.WriteString(" " + strconv.FormatFloat(v.F, 'g', -1, 64))
	case Load:
		b.WriteString(" " + v.Leaf.Name)
	}
	if v.Over != 0 {
		b.WriteString(" over " + l.AxesString(v.Over))
	}
	for _, a := range v.Args {
		fmt.Fprintf(&b, " v%d", a.ID)
	}
	return b.String()
}

// AxesString writes a set of axes as [N C], or by number for a nil layer.
func (l *Layer) AxesString(a Axes) string {
	var names []string
	for i := 0; a>>i != 0; i++ {
		if a>>i&1 == 0 {
			continue
		}
		if l != nil && i < len(l.Axes) {
			names = append(names, l.Axes[i].Name)
		} else {
			names = append(names, strconv.Itoa(i))
		}
	}
	return "[" + strings.Join(names, " ") + "]"
}

// Line is the dump of one value of a function of l.
func (l *Layer) Line(v *Value) string {
	s := fmt.Sprintf("v%d %s = %s", v.ID, l.AxesString(v.Axes), expr(v, l))
	if v.Name != "" && v.Op != Load {
		s += "  // " + v.Name
	}
	return s
}
