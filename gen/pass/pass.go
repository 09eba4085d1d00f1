// Package pass rewrites functions to equal ones that cost less. The list of
// passes is one value, [Default]; each is checked by [ir.Verify] and, in the
// tests, by evaluating the function before and after.
package pass

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
)

// A Pass is one rewrite of a whole function.
type Pass struct {
	Name string
	Run  func(*ir.Func) *ir.Func
}

// Default is what every forward and backward goes through.
var Default = []Pass{
	{"fold", Fold},
	{"dce", DCE},
	{"sums", Sums},
	{"center", Center},
	{"fold", Fold},
	{"cse", CSE},
	{"dce", DCE},
}

// Light keeps the order of evaluation that the spec wrote: for updates.
var Light = []Pass{
	{"fold", Fold},
	{"cse", CSE},
	{"dce", DCE},
}

// Run applies ps to f in order and verifies each result. f itself is replaced.
func Run(f *ir.Func, ps []Pass) error {
	for _, p := range ps {
		g := p.Run(f)
		if err := ir.Verify(g); err != nil {
			return fmt.Errorf("pass %s: %s: %w", p.Name, f.Name, err)
		}
		*f = *g
	}
	return nil
}

// rewrite rebuilds f value by value: fn returns the replacement of v, whose
// operands it finds with at, appending to g; nil copies v.
func rewrite(f *ir.Func, fn func(g *ir.Func, v *ir.Value, args []*ir.Value) *ir.Value) *ir.Func {
	g := &ir.Func{Name: f.Name}
	m := make(map[*ir.Value]*ir.Value, len(f.Values))
	for _, v := range f.Values {
		args := make([]*ir.Value, len(v.Args))
		for i, a := range v.Args {
			args[i] = m[a]
		}
		start := len(g.Values)
		w := fn(g, v, args)
		if w == nil {
			c := *v
			c.Args = args
			w = g.New(c)
		}
		inherit(g.Values[start:], w, v)
		m[v] = w
	}
	for _, o := range f.Outs {
		o.Value = m[o.Value]
		g.Outs = append(g.Outs, o)
	}
	return g
}

// inherit gives the values made for v its line, and the last its name.
func inherit(made []*ir.Value, w, v *ir.Value) {
	for _, n := range made {
		if n.Line == 0 {
			n.Line = v.Line
		}
	}
	if w.Name == "" && w.Op != ir.Const {
		w.Name = v.Name
	}
}
