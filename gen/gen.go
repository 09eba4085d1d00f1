// Package gen drives the compiler: it lowers a checked spec to layers, derives
// and simplifies, plans, and hands the plans to back ends.
package gen

import (
	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/pass"
	"github.com/normgen/normgen/gen/plan"
)

// Back ends return files; see package plan.
type (
	File = plan.File
	Decl = plan.Decl
)

// A Backend turns plans into files.
type Backend interface {
	Emit(pkg, spec string, units []*plan.Unit) ([]File, error)
}

// Options say how to generate.
type Options struct {
	Package string // name of the generated package
}

// A Result is a compiled spec.
type Result struct {
	Files []File
	Units []*plan.Unit
}

// Compile turns a checked program into files.
func Compile(p *dsl.Program, o Options, backends ...Backend) (*Result, error) {
	units, err := Plan(p)
	if err != nil {
		return nil, err
	}
	r := &Result{Units: units}
	for _, b := range backends {
		files, err := b.Emit(o.Package, p.File, units)
		if err != nil {
			return nil, err
		}
		r.Files = append(r.Files, files...)
	}
	return r, nil
}

// Plan compiles a checked program as far as its plans.
func Plan(p *dsl.Program) ([]*plan.Unit, error) {
	units, err := Lower(p)
	if err != nil {
		return nil, err
	}
	var out []*plan.Unit
	for _, u := range units {
		if err := Middle(u); err != nil {
			return nil, err
		}
		pu, err := PlanUnit(u)
		if err != nil {
			return nil, err
		}
		out = append(out, pu)
	}
	return out, nil
}

// PlanUnit plans one simplified layer as its gen item asks.
func PlanUnit(u Unit) (*plan.Unit, error) {
	train, err := variants(u.Layer, u.Layer.Modes[0])
	if err != nil {
		return nil, err
	}
	eval, err := variants(u.Layer, u.Layer.Modes[1])
	if err != nil {
		return nil, err
	}
	pu, err := plan.Build(u.Layer, train, eval)
	if err != nil {
		return nil, err
	}
	return pu, target(pu, u.Gen)
}

// target takes over shapes and storage types.
func target(pu *plan.Unit, g *dsl.Gen) error {
	pu.Any = len(g.Shapes) == 0
	for _, s := range g.Shapes {
		pu.Shapes, pu.Any = append(pu.Shapes, s.Sizes...), pu.Any || s.Any
	}
	pu.Targets = g.Targets
	if g.Fast {
		pu.SetFast()
	}
	for _, d := range g.Dtypes {
		pu.F32, pu.F64 = pu.F32 || d == "f32", pu.F64 || d == "f64"
	}
	return nil
}

// variants decides the masks and the uniform conditions of a mode's functions.
// A mode that does not look at its masks has no masked variant.
// Forward and backward are decided together, so that what one saves is what the
// other reads.
func variants(l *ir.Layer, m *ir.Mode) ([]plan.Funcs, error) {
	whole := plan.Funcs{Masked: true, Forward: m.Forward, Backward: m.Backward}
	open := []plan.Funcs{{Forward: pass.Unmask(m.Forward), Backward: pass.Unmask(m.Backward)}}
	if len(l.Masks) > 0 && !(ir.Same(whole.Forward, open[0].Forward) && ir.Same(whole.Backward, open[0].Backward)) {
		open = append(open, whole)
	}
	var out []plan.Funcs
	for _, fs := range open {
		split, err := assume(l, fs, maxConditions)
		if err != nil {
			return nil, err
		}
		out = append(out, split...)
	}
	return out, nil
}
