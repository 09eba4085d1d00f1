package gen

import (
	"fmt"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/grad"
	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A Unit is one thing to generate and the layer it is generated from.
type Unit struct {
	Gen   *dsl.Gen
	Layer *ir.Layer
}

// Lower turns a checked program into layers, one for each of its gen items.
// Every mode has its forward, its backward, declared or derived, and its
// updates; nothing is simplified yet, see [Middle].
func Lower(p *dsl.Program) ([]Unit, error) {
	var units []Unit
	for _, g := range p.Gens {
		l, err := lowerGen(g.Norm.File, g)
		if err != nil {
			return nil, err
		}
		units = append(units, Unit{Gen: g, Layer: l})
	}
	return units, nil
}

// A lowering is the translation of one norm. Leaves are shared by all its functions.
type lowering struct {
	core   *dsl.Core
	layer  *ir.Layer
	fixed  map[string]float64
	layout []int // memory order of the first input's axes, nil as declared
	leaf   map[*dsl.Symbol]*ir.Leaf
}

func lowerGen(file string, g *dsl.Gen) (*ir.Layer, error) {
	c := g.Norm
	l := lowering{core: c, fixed: g.Knobs, layout: g.Layout, leaf: map[*dsl.Symbol]*ir.Leaf{}}
	l.layer = &ir.Layer{Name: g.Name, Source: c.Source, File: file}
	l.axes()
	l.leaves()
	l.unitRow()
	for _, m := range c.Modes {
		mode, err := l.mode(m)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %s: %w", file, g.Name, m.Name, err)
		}
		l.layer.Modes = append(l.layer.Modes, mode)
	}
	return l.layer, nil
}

func (l *lowering) axes() {
	for _, a := range l.core.Axes {
		axis := ir.Axis{Name: a.Name, Variadic: a.Variadic, Size: a.Size}
		if a.Knob != nil {
			axis.Knob = a.Knob.Name
			if k, ok := l.fixed[a.Knob.Name]; ok {
				axis.Size = int(k)
			}
		}
		l.layer.Axes = append(l.layer.Axes, axis)
	}
	for _, p := range l.core.Products {
		l.layer.Products = append(l.layer.Products, ir.Product{Name: p.Name, Factors: p.Factors})
	}
}

func (l *lowering) leaves() {
	for _, s := range l.core.Knobs {
		k := ir.Knob{Name: s.Name, Default: number(s.Init)}
		if v, ok := l.fixed[s.Name]; ok {
			k = ir.Knob{Name: s.Name, Default: v, Fixed: true}
		}
		l.layer.Knobs = append(l.layer.Knobs, k)
		l.leaf[s] = &ir.Leaf{Kind: ir.KnobLeaf, Name: s.Name, Init: k.Default}
	}
	l.layer.Inputs = l.declare(ir.InputLeaf, l.core.Inputs)
	l.layer.Masks = l.declare(ir.MaskLeaf, l.core.Masks)
	l.layer.Params = l.declare(ir.ParamLeaf, l.core.Params)
	l.layer.States = l.declare(ir.StateLeaf, l.core.States)
	l.layer.Outputs = l.declare(ir.OutputLeaf, l.core.Outputs)

}

func (l *lowering) declare(kind ir.LeafKind, symbols []*dsl.Symbol) []*ir.Leaf {
	var out []*ir.Leaf
	for _, s := range symbols {
		leaf := &ir.Leaf{Kind: kind, Name: s.Name, Dims: l.dims(s.Axes), Line: s.Pos.Line, Min: atLeast(s.Where), Open: isAbove(s.Where), Where: invariant(s.Where)}
		leaf.Init, leaf.From = l.initial(s)
		l.leaf[s] = leaf
		out = append(out, leaf)
	}
	return out
}

// unitRow gives a layer whose tensors have no axis outside the columns, such as
// one of weights, a row axis of one element in front: kernels run over rows.
func (l *lowering) unitRow() {
	cols := plan.Columns(l.layer)
	if l.layer.Inputs[0].Axes() != cols {
		return
	}
	unit := len(l.layer.Axes)
	l.layer.Axes = append(l.layer.Axes, ir.UnitRow)
	for _, leaves := range [][]*ir.Leaf{l.layer.Inputs, l.layer.Outputs} {
		for _, x := range leaves {
			x.Dims = append([]int{unit}, x.Dims...)
		}
	}
}

// initial is the first value of a parameter or state: a number, or a function of
// sizes and knobs.
func (l *lowering) initial(s *dsl.Symbol) (float64, *ir.Func) {
	f := &ir.Func{Name: l.layer.Name + ".initial." + s.Name}
	if s.Init != nil {
		b := newBuilder(l, nil, ir.ForwardPhase)
		b.f = f
		f.Out(ir.StatOut, "initial", b.expr(s.Init), nil)
	}
	for _, v := range f.Values {
		if v.Op == ir.Load || v.Op == ir.Size {
			return 0, f
		}
	}
	return value(f), nil
}

// number is the value of a constant expression.
func number(e dsl.Expr) float64 {
	f := &ir.Func{}
	b := builder{f: f}
	f.Out(ir.StatOut, "", b.expr(e), nil)
	return value(f)
}

// value is that of a function of nothing; 0 if it has no result.
func value(f *ir.Func) float64 {
	outs, err := interp.Run(f, interp.Env{})
	if err != nil {
		panic(err)
	}
	if len(outs) == 0 {
		return 0
	}
	return outs[0][0]
}

// atLeast is the bound of an invariant such as psi2 >= 0.
func atLeast(e dsl.Expr) *float64 {
	b, ok := e.(*dsl.Binary)
	if !ok || b.Op != dsl.Ge && b.Op != dsl.Gt {
		return nil
	}
	v := number(b.Y)
	return &v
}

// invariant is what a state's where says; nil if it has none.
func invariant(e dsl.Expr) *ir.Invariant {
	b, ok := e.(*dsl.Binary)
	if !ok {
		return nil
	}
	return &ir.Invariant{Op: b.Op.String(), Than: number(b.Y)}
}

// isAbove reports whether the bound itself is excluded: sigma > 0.
func isAbove(e dsl.Expr) bool {
	b, ok := e.(*dsl.Binary)
	return ok && b.Op == dsl.Gt
}

func (l *lowering) mode(m *dsl.Mode) (*ir.Mode, error) {
	mode := &ir.Mode{Name: m.Name}
	for _, e := range m.Requires {
		l.require(mode, e.Position().Line, func(b *builder) *ir.Value { return b.expr(e) })
	}
	fwd := newBuilder(l, mode, ir.ForwardPhase)
	fwd.f.Name = l.layer.Name + "." + m.Name + ".forward"
	for _, e := range m.Forward {
		fwd.equation(e)
	}
	fwd.finish()
	mode.Forward = fwd.f
	if err := ir.Verify(fwd.f); err != nil {
		return nil, err
	}
	if err := l.backward(mode, m, fwd); err != nil {
		return nil, err
	}
	return mode, ir.Verify(mode.Backward)
}

// backward fills mode.Backward: what m declares, and the derivative of the rest.
func (l *lowering) backward(mode *ir.Mode, m *dsl.Mode, fwd *builder) error {
	cotangents := l.cotangents(m)
	mode.Cotangents = cotangents
	b, seeds, err := grad.Open(fwd.f, cotangents)
	if err != nil {
		return err
	}
	b.Name = l.layer.Name + "." + m.Name + ".backward"
	wrt := append(append([]*ir.Leaf{}, l.layer.Inputs...), l.layer.Params...)
	if m.Backward == nil {
		mode.Backward = b
		return grad.Close(b, seeds, nil, wrt)
	}
	bwd := fwd.reopen(b)
	bwd.seeds = seeds
	for i, s := range m.Backward.Cotangents {
		bwd.sym[s] = seeds[i].Adjoint
	}
	for _, e := range m.Backward.Equations {
		bwd.equation(e)
	}
	mode.Backward, mode.Approximate = b, m.Backward.Approximate
	if err := grad.Close(b, seeds, bwd.declared, wrt); err != nil {
		return err
	}
	bwd.finish()
	if mode.Approximate || len(bwd.declared) == 0 {
		return bwd.err
	}
	return l.checkDeclared(mode, cotangents, wrt)
}

// cotangents makes one leaf for each output, named by the declared backward or
// d and the output's name.
func (l *lowering) cotangents(m *dsl.Mode) []*ir.Leaf {
	var out []*ir.Leaf
	for i, o := range l.layer.Outputs {
		name := "d" + o.Name
		if m.Backward != nil {
			name = m.Backward.Cotangents[i].Name
		}
		out = append(out, &ir.Leaf{Kind: ir.CotangentLeaf, Name: name, Dims: o.Dims})
	}
	return out
}
