package ir

import (
	"fmt"
	"sort"
	"strings"
)

// A Hasher numbers values by structure: two values get one number exactly when
// they apply the same operations to the same leaves, in whatever functions
// they are. Operands of a commutative operation may be swapped; names, lines
// and Atom do not count. Leaves are compared by kind and name.
type Hasher struct {
	keys   map[string]int
	number map[*Value]int
}

// NewHasher returns an empty numbering.
func NewHasher() *Hasher {
	return &Hasher{keys: map[string]int{}, number: map[*Value]int{}}
}

// Number returns v's number, numbering its operands first.
func (h *Hasher) Number(v *Value) int {
	if n, ok := h.number[v]; ok {
		return n
	}
	args := make([]int, len(v.Args))
	for i, a := range v.Args {
		args[i] = h.Number(a)
	}
	if Ops[v.Op].Commutes {
		sort.Ints(args)
	}
	n := h.intern(shape(v) + fmt.Sprint(args))
	h.number[v] = n
	return n
}

func (h *Hasher) intern(key string) int {
	n, ok := h.keys[key]
	if !ok {
		n = len(h.keys)
		h.keys[key] = n
	}
	return n
}

// shape is all of v's structure but its operands.
func shape(v *Value) string {
	s := fmt.Sprintf("%d.%x.%x", v.Op, v.Axes, v.Over)
	switch v.Op {
	case Const:
		s += fmt.Sprintf(".%x", v.F)
	case Load:
		s += fmt.Sprintf(".%d.%s", v.Leaf.Kind, v.Leaf.Name)
	}
	return s
}

// Key writes v's structure: equal keys mean structurally equal values. It is
// as long as the expression is as a tree, so it serves messages and small
// values; use a [Hasher] or [Match] for whole functions.
func Key(v *Value) string {
	args := make([]string, len(v.Args))
	for i, a := range v.Args {
		args[i] = Key(a)
	}
	if Ops[v.Op].Commutes {
		sort.Strings(args)
	}
	return shape(v) + "(" + strings.Join(args, ",") + ")"
}

// Match maps each value of b to the first structurally equal value of a, for
// those that have one: what the backward need not compute again.
func Match(a, b *Func) map[*Value]*Value {
	h := NewHasher()
	first := map[int]*Value{}
	for _, v := range a.Values {
		if n := h.Number(v); first[n] == nil {
			first[n] = v
		}
	}
	m := map[*Value]*Value{}
	for _, v := range b.Values {
		if w := first[h.Number(v)]; w != nil {
			m[v] = w
		}
	}
	return m
}

// Same reports whether two functions compute the same outputs in the same order.
func Same(f, g *Func) bool {
	if len(f.Outs) != len(g.Outs) {
		return false
	}
	h := NewHasher()
	for i, o := range f.Outs {
		if h.Number(o.Value) != h.Number(g.Outs[i].Value) {
			return false
		}
	}
	return true
}
