package ir

import (
	"strings"
	"testing"
)

// Every operation has a complete row.
func TestOps(t *testing.T) {
	for op := Const; op < NumOps; op++ {
		row := Ops[op]
		if row.Name == "" || row.axes == nil {
			t.Errorf("op %d: no name or no type rule", op)
		}
		if row.Eval != nil && row.Grad == nil {
			t.Errorf("%s: no gradient row", row.Name)
		}
	}
}

func example() (*Func, *Value, *Value) {
	f := &Func{Name: "f"}
	x := f.Load(&Leaf{Kind: InputLeaf, Name: "x", Dims: []int{0, 1}})
	m := f.Load(&Leaf{Kind: MaskLeaf, Name: "keep", Dims: []int{0}})
	return f, x, m
}

// What the builder makes is well formed, and breaking any rule is found.
func TestVerify(t *testing.T) {
	f, x, m := example()
	y := f.Sub(x, f.Mean(x, 1, m))
	f.Out(TensorOut, "y", y, &Leaf{Name: "y", Dims: []int{1, 0}})
	if err := Verify(f); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want  string
		spoil func(f *Func, x, m *Value)
	}{
		{"operands differ: 11 1", func(f *Func, x, m *Value) { f.New(Value{Op: Add, Args: []*Value{x, m}, Axes: 3}) }},
		{"operands differ", func(f *Func, x, m *Value) { f.New(Value{Op: Select, Args: []*Value{m, x, x}, Axes: 3}) }},
		{"1 operands", func(f *Func, x, m *Value) { f.New(Value{Op: Add, Args: []*Value{x}, Axes: 3}) }},
		{"over 100", func(f *Func, x, m *Value) { f.New(Value{Op: Sum, Args: []*Value{x}, Axes: 3, Over: 4}) }},
		{"mask has", func(f *Func, x, m *Value) { f.New(Value{Op: Sum, Args: []*Value{m, x}, Over: 1}) }},
		{"axes 11, want 10", func(f *Func, x, m *Value) { f.New(Value{Op: Sum, Args: []*Value{x}, Axes: 3, Over: 1}) }},
		{"from 11 to 1", func(f *Func, x, m *Value) { f.New(Value{Op: Widen, Args: []*Value{x}, Axes: 1}) }},
		{"not defined before", func(f *Func, x, m *Value) { f.New(Value{Op: Neg, Args: []*Value{{Axes: 3}}, Axes: 3}) }},
		{"invalid op", func(f *Func, x, m *Value) { f.New(Value{}) }},
		{"at position", func(f *Func, x, m *Value) { f.Neg(x).ID = 9 }},
		{"not a value of", func(f *Func, x, m *Value) { f.Out(TensorOut, "o", &Value{}, nil) }},
		{"leaf has", func(f *Func, x, m *Value) { f.Out(TensorOut, "o", x, &Leaf{}) }},
	} {
		f, x, m := example()
		c.spoil(f, x, m)
		if err := Verify(f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

// Structure counts, not names, order of values, or the order of a commutative
// operation's operands.
func TestMatch(t *testing.T) {
	a, x, m := example()
	s := a.Sum(a.Mul(x, a.Neg(x)), 1, m)
	s.Name = "s"
	a.Sum(x, 1, nil)

	b, y, n := example()
	b.Const(7)
	r := b.Sum(b.Mul(b.Neg(y), y), 1, n)
	o := b.Sum(y, 2, nil)

	got := Match(a, b)
	if got[r] != s || got[y] != x || got[o] != nil {
		t.Errorf("match %v, %v, %v", got[r], got[y], got[o])
	}
	if Key(r) != Key(s) || Key(o) == Key(s) {
		t.Error("keys disagree with the match")
	}
}

// The dump names axes, and a clone dumps the same.
func TestDump(t *testing.T) {
	f, x, m := example()
	s := f.Sum(x, 1, m)
	s.Name = "total"
	f.Out(StatOut, "total", s, nil)
	l := &Layer{Axes: []Axis{{Name: "N"}, {Name: "C"}}}
	const want = "func f\n  v0 [N C] = load x\n  v1 [N] = load keep\n  v2 [C] = sum over [N] v0 v1  // total\n  stat total = v2\n"
	if got := l.Dump(f); got != want {
		t.Errorf("dump\n%s, want\n%s", got, want)
	}
	if f.Clone().String() != f.String() {
		t.Error("a clone differs")
	}
}
