package ir

// Equation writes v as the equation that computes it, over the names of what it
// reads: for comments and explanations, not for parsing. The parts of a centred
// mean are written hi(...) and lo(...).
func (l *Layer) Equation(v *Value) string {
	e := &equation{l, text{}, longest}
	return e.expression(strip(v))
}

// longest bounds the operations of an equation: written as a tree, what a
// function shares would grow without end.
const longest = 64

// An equation is being written: the walk over the values, whatever the notation.
type equation struct {
	*Layer
	notation
	left int
}

// A notation writes one operation at a time.
type notation interface {
	// name writes a value by its name; "" if it has none.
	name(l *Layer, v *Value) string

	// operation writes v over its operands.
	operation(e *equation, v *Value) string

	// binding is how tightly v holds its operands together; 0 if nothing beside
	// it can pull them apart.
	binding(v *Value) int

	// group puts parentheses around what would fall apart.
	group(s string) string
}

// strip skips repetitions, which an equation leaves to the axes.
func strip(v *Value) *Value {
	for v.Op == Widen {
		v = v.Args[0]
	}
	return v
}

// write writes v by its name, if it has one.
func (e *equation) write(v *Value) string {
	v = strip(v)
	if s := e.name(e.Layer, v); s != "" {
		return s
	}
	return e.expression(v)
}

// expression looks behind v's own name.
func (e *equation) expression(v *Value) string {
	if e.left--; e.left < 0 {
		return "..."
	}
	return e.operation(e, v)
}

// operand writes operand i of v, in parentheses where it binds less tightly.
func (e *equation) operand(v *Value, i int) string {
	a := strip(v.Args[i])
	s := e.write(a)
	o, n := e.binding(v), e.binding(a)
	tight := n > o || n == o && v.Op != Pow && (i == 0 || v.Op == Add || v.Op == Mul)
	if e.name(e.Layer, a) == "" && o > 0 && n > 0 && !tight {
		return e.group(s)
	}
	return s
}

// operands writes all operands of v.
func (e *equation) operands(v *Value) []string {
	out := make([]string, len(v.Args))
	for i := range v.Args {
		out[i] = e.operand(v, i)
	}
	return out
}

// isReciprocal reports whether v is 1/x; multiplying by it reads as dividing.
func isReciprocal(v *Value) bool { return v.Op == Div && isOne(strip(v.Args[0])) }

func isOne(v *Value) bool { return v.Op == Const && v.F == 1 }
