package gocode

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// An elementFunc is a call of the function that computes one element.
type elementFunc struct {
	call   func(j jen.Code) *jen.Statement
	roots  []*ir.Value // its results
	params []*ir.Value
}

// element writes the element function of a phase: the equations of the loop for
// one element, small enough to be inlined.
func (s *sweepEmitter) element(ph *plan.Phase, sinks []sink) elementFunc {
	var roots []*ir.Value
	seen := map[*ir.Value]bool{}
	for _, k := range sinks {
		if k.root.Op != ir.Load && s.e.k.Rank(k.root) == plan.Full && k.root.Op != ir.Widen && !seen[k.root] {
			seen[k.root] = true
			roots = append(roots, k.root)
		}
	}
	if len(roots) == 0 {
		return elementFunc{}
	}
	s.loops++
	name := s.name + "At"
	if s.loops > 1 {
		name = fmt.Sprintf("%s%d", name, s.loops)
	}
	f := newElementScope(s.e)
	name = f.write(name, s.elementDoc(name), ph, roots)
	return elementFunc{func(j jen.Code) *jen.Statement {
		var args []jen.Code
		for _, v := range f.order {
			args = append(args, s.argument(v, j))
		}
		return jen.Id(name).Call(args...)
	}, roots, f.order}
}

func (s *sweepEmitter) elementDoc(name string) string {
	return name + " computes one element of a loop of " + s.name + "."
}

// An elementScope is the body of an element function. What the element does not
// compute is a parameter, already in the storage type.
type elementScope struct {
	*expression
	e        *kernelEmitter
	order    []*ir.Value // the parameters
	external map[*ir.Value]bool
	inside   map[*ir.Value]bool // what the element computes
	uses     map[*ir.Value]int
	code     []jen.Code
}

func newElementScope(e *kernelEmitter) *elementScope {
	f := &elementScope{e: e, external: map[*ir.Value]bool{}, inside: map[*ir.Value]bool{}, uses: map[*ir.Value]int{}}
	f.expression = newExpression(e.k, e.fail)
	f.width = f.elementWidth
	return f
}

// elementWidth is the plan's width, but parameters come rounded.
func (f *elementScope) elementWidth(v *ir.Value) plan.Width {
	if w := f.e.k.Width(v); w == plan.Bool || !f.external[v] {
		return w
	}
	return plan.Narrow
}

// write adds the function to the file and returns its name.
func (f *elementScope) write(name, doc string, ph *plan.Phase, roots []*ir.Value) string {
	f.count(ph, roots)
	params := f.parameters()
	for _, v := range ph.Body {
		f.statement(v, roots)
	}
	var results, types []jen.Code
	for _, r := range roots {
		results = append(results, f.value(r))
		types = append(types, jen.Id("T"))
	}
	f.code = append(f.code, jen.Return(results...))
	return f.e.function(doc, name, params, types, f.code)
}

// parameters declares the parameters, those of one type together.
func (f *elementScope) parameters() []jen.Code {
	var out, group []jen.Code
	for i, v := range f.order {
		group = append(group, jen.Id(f.bind(v, f.parameterName(v))))
		isBool := f.e.k.Width(v) == plan.Bool
		if i+1 < len(f.order) && (f.e.k.Width(f.order[i+1]) == plan.Bool) == isBool {
			continue
		}
		typ := jen.Id("T")
		if isBool {
			typ = jen.Bool()
		}
		out, group = append(out, jen.List(group...).Add(typ)), nil
	}
	return out
}

// parameterName is the value's own, or one that tells where it varies.
func (f *elementScope) parameterName(v *ir.Value) string {
	return valueName(v, map[plan.Rank]string{plan.Row: "r", plan.Group: "r", plan.Col: "c", plan.Uniform: "u"}[f.e.k.Rank(v)])
}

// count finds what the element computes, its parameters, and how often each
// value is used.
func (f *elementScope) count(ph *plan.Phase, roots []*ir.Value) {
	for _, r := range roots {
		f.reach(r)
		f.uses[r]++
	}
	for _, v := range ph.Body {
		if !f.inside[v] {
			continue
		}
		for _, a := range v.Args {
			f.use(plan.Strip(a))
		}
	}
}

// reach marks what v needs, up to parameters.
func (f *elementScope) reach(v *ir.Value) {
	if f.inside[v] || v.Op == ir.Load || v.Op == ir.Widen || f.e.k.Rank(v) != plan.Full {
		return
	}
	f.inside[v] = true
	for _, a := range v.Args {
		f.reach(a)
	}
}

func (f *elementScope) use(a *ir.Value) {
	f.uses[a]++
	if !f.inside[a] && a.Op != ir.Const && !f.external[a] {
		f.external[a] = true
		f.order = append(f.order, a)
	}
}

// statement declares a value of the element if it has a name or several uses;
// others are printed where they are used.
func (f *elementScope) statement(v *ir.Value, roots []*ir.Value) {
	if !f.inside[v] || v.Name == "" && f.uses[v] < 2 {
		return
	}
	if f.uses[v] == 1 && len(roots) == 1 && roots[0] == v {
		f.code = append(f.code, f.e.equation(v)...)
		return
	}
	code := f.compute(v)
	f.code = append(f.code, f.e.equation(v)...)
	f.code = append(f.code, jen.Id(f.bind(v, valueName(v, "t"))).Op(":=").Add(code))
}
