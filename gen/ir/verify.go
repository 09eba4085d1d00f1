package ir

import "fmt"

// Verify reports the first value that breaks the rules of the representation:
// operands come before their users and belong to f; there are as many as the
// op table says; elementwise operands, a Select's condition included, vary
// over equal axes; a reduction drops exactly the axes Over, which its operand
// has; its mask varies over no axis that the operand lacks; Widen only adds.
func Verify(f *Func) error {
	seen := make(map[*Value]bool, len(f.Values))
	for i, v := range f.Values {
		if v.ID != i {
			return fmt.Errorf("v%d: at position %d", v.ID, i)
		}
		if err := verify(v, seen); err != nil {
			return fmt.Errorf("v%d: %w", v.ID, err)
		}
		seen[v] = true
	}
	for _, o := range f.Outs {
		if !seen[o.Value] {
			return fmt.Errorf("output %s: not a value of the function", o.Name)
		}
		if o.Leaf != nil && o.Leaf.Axes() != o.Value.Axes {
			return fmt.Errorf("output %s: axes %b, leaf has %b", o.Name, o.Value.Axes, o.Leaf.Axes())
		}
	}
	return nil
}

func verify(v *Value, seen map[*Value]bool) error {
	if v.Op == Invalid || v.Op >= NumOps {
		return fmt.Errorf("invalid op %d", v.Op)
	}
	op := Ops[v.Op]
	if n := len(v.Args); n < op.Min || n > op.Max {
		return fmt.Errorf("%s: %d operands", op.Name, n)
	}
	for _, a := range v.Args {
		if !seen[a] {
			return fmt.Errorf("%s: operand v%d is not defined before it", op.Name, a.ID)
		}
	}
	want, msg := op.axes(v)
	if msg == "" && want != v.Axes {
		msg = fmt.Sprintf("axes %b, want %b", v.Axes, want)
	}
	if msg != "" {
		return fmt.Errorf("%s: %s", op.Name, msg)
	}
	return nil
}

// The type rules: the axes v must have, or why its operands do not fit.

func scalar(v *Value) (Axes, string) { return 0, "" }

func leafAxes(v *Value) (Axes, string) {
	if v.Leaf == nil {
		return 0, "no leaf"
	}
	return v.Leaf.Axes(), ""
}

func countAxes(v *Value) (Axes, string) {
	if len(v.Args) == 0 {
		return 0, ""
	}
	return v.Args[0].Axes &^ v.Over, ""
}

func indexAxes(v *Value) (Axes, string) { return v.Over, "" }

func elementwise(v *Value) (Axes, string) {
	a := v.Args[0].Axes
	for _, b := range v.Args[1:] {
		if b.Axes != a {
			return 0, fmt.Sprintf("operands differ: %b %b", a, b.Axes)
		}
	}
	return a, ""
}

func reduceAxes(v *Value) (Axes, string) {
	a := v.Args[0].Axes
	if !a.Has(v.Over) {
		return 0, fmt.Sprintf("over %b of an operand with %b", v.Over, a)
	}
	if len(v.Args) == 2 && !a.Has(v.Args[1].Axes) {
		return 0, fmt.Sprintf("mask has %b, operand %b", v.Args[1].Axes, a)
	}
	return a &^ v.Over, ""
}

func widenAxes(v *Value) (Axes, string) {
	a := v.Args[0].Axes
	if !v.Axes.Has(a) || v.Axes == a {
		return 0, fmt.Sprintf("from %b to %b", a, v.Axes)
	}
	return v.Axes, ""
}
