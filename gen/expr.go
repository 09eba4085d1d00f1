package gen

import (
	"fmt"
	"slices"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/grad"
	"github.com/normgen/normgen/gen/ir"
)

// A builder lowers the equations of one pass of a mode, or of one update, into f.
type builder struct {
	*lowering
	f        *ir.Func
	mode     *ir.Mode
	phase    ir.Phase
	sym      map[*dsl.Symbol]*ir.Value
	lets     map[*dsl.Symbol]dsl.Expr // what updates look through
	stats    map[*dsl.Symbol]*ir.Stat
	seeds    []grad.Seed // backward: adjoints of the outputs
	declared []grad.Seed // backward: declared gradients
	outs     []ir.Out    // statistics, added after all other outputs
	update   *ir.Update  // when lowering an update
	parent   *builder    // the pass that an update belongs to
	err      error
}

func newBuilder(l *lowering, mode *ir.Mode, phase ir.Phase) *builder {
	return &builder{lowering: l, f: &ir.Func{}, mode: mode, phase: phase, sym: map[*dsl.Symbol]*ir.Value{},
		lets: map[*dsl.Symbol]dsl.Expr{}, stats: map[*dsl.Symbol]*ir.Stat{}}
}

// reopen continues b's names in f, the start of its backward. The copies have
// the IDs of the values they copy.
func (b *builder) reopen(f *ir.Func) *builder {
	c := newBuilder(b.lowering, b.mode, ir.BackwardPhase)
	c.f = f
	for s, v := range b.sym {
		c.sym[s] = f.Values[v.ID]
	}
	for s, e := range b.lets {
		c.lets[s] = e
	}
	for s, t := range b.stats {
		c.stats[s] = t
	}
	return c
}

// finish puts the outputs in the layer's order, whatever order a mode defines
// them in, and the statistics after them.
func (b *builder) finish() {
	if b.phase == ir.ForwardPhase {
		slices.SortStableFunc(b.f.Outs, func(x, y ir.Out) int {
			return slices.Index(b.layer.Outputs, x.Leaf) - slices.Index(b.layer.Outputs, y.Leaf)
		})
	}
	b.f.Outs = append(b.f.Outs, b.outs...)
}

// equations lowers an equation by its kind.
var equations = [...]func(b *builder, e *dsl.Equation){
	dsl.LetEquation:    (*builder).let,
	dsl.StatEquation:   (*builder).stat,
	dsl.OutEquation:    (*builder).out,
	dsl.UpdateEquation: (*builder).updateOf,
	dsl.GradEquation:   (*builder).gradOf,
}

func (b *builder) equation(e *dsl.Equation) {
	start := len(b.f.Values)
	equations[e.Kind](b, e)
	for _, v := range b.f.Values[start:] {
		if v.Line == 0 {
			v.Line = e.Pos.Line
		}
	}
}

func (b *builder) let(e *dsl.Equation) {
	b.lets[e.Symbol] = e.X
	b.sym[e.Symbol] = b.named(b.expr(e.X), e.Symbol.Name)
}

// named gives v a name, unless it has one: an alias stays the value it names.
func (b *builder) named(v *ir.Value, name string) *ir.Value {
	if v.Name == "" && v.Op != ir.Const {
		v.Name, v.Atom = name, true
	}
	return v
}

func (b *builder) out(e *dsl.Equation) {
	leaf := b.leaf[e.Symbol]
	v := b.f.Widen(b.expr(e.X), leaf.Axes())
	b.sym[e.Symbol] = b.named(v, e.Symbol.Name)
	b.f.Out(ir.TensorOut, e.Symbol.Name, v, leaf)
}

func (b *builder) gradOf(e *dsl.Equation) {
	v := b.ref(e.Symbol)
	g := b.named(b.f.Widen(b.expr(e.X), v.Axes), "d"+e.Symbol.Name)
	b.declared = append(b.declared, grad.Seed{Value: v, Adjoint: g})
}

// ref returns the value of a symbol, loading a leaf at its first use.
func (b *builder) ref(s *dsl.Symbol) *ir.Value {
	if v := b.sym[s]; v != nil {
		return v
	}
	leaf := b.leaf[s]
	if leaf == nil {
		panic(fmt.Sprintf("gen: %s is used before it is defined", s.Name))
	}
	v := b.load(s, leaf)
	b.sym[s] = v
	return v
}

// load reads a leaf; a knob that is fixed is a constant.
func (b *builder) load(s *dsl.Symbol, leaf *ir.Leaf) *ir.Value {
	c, ok := b.fixed[s.Name]
	if !ok || s.Kind != dsl.KnobSymbol {
		return b.f.Load(leaf)
	}
	v := b.f.Const(c)
	v.Name = s.Name
	return v
}

// expr lowers e. Its value has the place of e, unless it has one: a name is the
// value that it names.
func (b *builder) expr(e dsl.Expr) *ir.Value {
	v := b.lower(e)
	if c, ok := e.(*dsl.Call); v.Span == (ir.Span{}) && !(ok && c.Fn == dsl.Derived) {
		s := e.Extent()
		v.Span = ir.Span{Line: s.Pos.Line, Col: s.Pos.Col, EndLine: s.End.Line, EndCol: s.End.Col}
	}
	return v
}

func (b *builder) lower(e dsl.Expr) *ir.Value {
	switch e := e.(type) {
	case *dsl.Num:
		return b.f.Const(e.Value)
	case *dsl.Ref:
		return b.refExpr(e)
	case *dsl.Step:
		return b.f.Step()
	case *dsl.Size:
		return b.f.Size(ir.Axes(e.Of))
	case *dsl.Index:
		return b.index(e)
	case *dsl.Unary:
		return b.f.Apply(unary[e.Op], b.expr(e.X))
	case *dsl.Binary:
		return binary[e.Op](b.f, b.expr(e.X), b.expr(e.Y))
	case *dsl.Call:
		return b.call(e)
	case *dsl.If:
		return b.f.Select(b.expr(e.Cond), b.expr(e.Then), b.expr(e.Else))
	case *dsl.Reduce:
		return b.reduceExpr(e)
	}
	panic(fmt.Sprintf("gen: unknown expression %T", e))
}

func (b *builder) refExpr(e *dsl.Ref) *ir.Value {
	if b.update != nil {
		return b.updateRef(e.Symbol)
	}
	return b.ref(e.Symbol)
}

func (b *builder) reduceExpr(e *dsl.Reduce) *ir.Value {
	if b.update != nil {
		return b.statLeaf(b.parent.anonymous(e, b.update))
	}
	return b.reduce(e)
}

func (b *builder) reduce(e *dsl.Reduce) *ir.Value {
	return b.f.Reduce(reductions[e.Fn], b.expr(e.X), ir.Axes(e.Over), b.mask(e.Mask))
}

func (b *builder) mask(s *dsl.Symbol) *ir.Value {
	if s == nil {
		return nil
	}
	return b.ref(s)
}

// index is the position along several axes, outermost first.
func (b *builder) index(e *dsl.Index) *ir.Value {
	var v *ir.Value
	for _, axis := range e.Of {
		i := b.f.Index(1 << axis)
		if v != nil {
			i = b.f.Add(b.f.Mul(v, b.f.Size(1<<axis)), i)
		}
		v = i
	}
	return v
}

var unary = [...]ir.Op{dsl.Neg: ir.Neg, dsl.Not: ir.Not}

var reductions = [...]ir.Op{dsl.Mean: ir.Mean, dsl.Sum: ir.Sum, dsl.MaxOf: ir.MaxOf}

var binary = [...]func(f *ir.Func, x, y *ir.Value) *ir.Value{
	dsl.Add: func(f *ir.Func, x, y *ir.Value) *ir.Value { return atom(f.Add(x, y)) },
	dsl.Sub: func(f *ir.Func, x, y *ir.Value) *ir.Value { return atom(f.Sub(x, y)) },
	dsl.Mul: (*ir.Func).Mul,
	dsl.Div: (*ir.Func).Div,
	dsl.Pow: (*ir.Func).Pow,
	dsl.Lt:  (*ir.Func).Less,
	dsl.Le:  (*ir.Func).LessEq,
	dsl.Gt:  func(f *ir.Func, x, y *ir.Value) *ir.Value { return f.Less(y, x) },
	dsl.Ge:  func(f *ir.Func, x, y *ir.Value) *ir.Value { return f.LessEq(y, x) },
	dsl.Eq:  (*ir.Func).Equal,
	dsl.Ne:  func(f *ir.Func, x, y *ir.Value) *ir.Value { return f.Not(f.Equal(x, y)) },
	dsl.And: (*ir.Func).And,
	dsl.Or:  (*ir.Func).Or,
}

// atom marks a sum or difference that the spec writes: algebra keeps it whole.
func atom(v *ir.Value) *ir.Value {
	v.Atom = true
	return v
}
