package dsl

import (
	"slices"
	"strings"
)

// A memoryOrder is one entry of a layout field.
type memoryOrder struct {
	axes []int  // atomic axes, outermost first
	name string // the names of the axes as written, NSC for [N, S..., C]
}

// layoutField checks orders of the first input's axes in memory.
func (g *genCheck) layoutField(it *LayoutField) {
	for _, b := range it.Brackets {
		o, ok := g.memoryOrder(b)
		switch {
		case !ok:
		case slices.ContainsFunc(g.layouts, func(p memoryOrder) bool { return slices.Equal(o.axes, p.axes) }):
			g.errorf(codeGenList, b.Extent(), "a list has each entry once, this layout is there twice")
		default:
			g.layouts = append(g.layouts, o)
		}
	}
}

func (g *genCheck) memoryOrder(b *Bracket) (o memoryOrder, ok bool) {
	core := g.gen.Norm
	if len(core.Inputs) == 0 {
		return o, false
	}
	for _, a := range b.Axes {
		o.axes = append(o.axes, core.factorsOf(a.Text)...)
		o.name += a.Text
		if i := core.atomicNamed(a.Text); i >= 0 && a.Dots != core.Axes[i].Variadic {
			g.errorf(codeDots, a.Extent(), "a layout writes a variadic axis with dots and no other, %q differs", a.Text)
			return o, false
		}
	}
	in := core.Inputs[0]
	if len(o.axes) != len(in.Axes) || setOf(o.axes) != in.Set {
		g.errorf(codeGenLayout, b.Extent(), "a layout lists the axes of the first input in some order, this one does not list [%s]", strings.Join(core.axisNames(in.Axes), ", ")).
			note(Name{in.Name, in.Pos}.Extent(), "the input")
		return o, false
	}
	return o, true
}

// perLayout makes a layer for each layout. Several are told apart by their axes:
// GroupNorm becomes GroupNormNCS and GroupNormNSC.
func (g *genCheck) perLayout() []*Gen {
	if len(g.layouts) == 0 {
		return []*Gen{g.gen}
	}
	var out []*Gen
	for _, o := range g.layouts {
		one := *g.gen
		one.Layout = o.axes
		if len(g.layouts) > 1 {
			one.Name += o.name
			g.layerName(one.Name)
		}
		out = append(out, &one)
	}
	return out
}

// layerName holds a name that was put together to the rules of written ones.
func (g *genCheck) layerName(name string) {
	if len(name) > maxName {
		g.errorf(codeSpelling, head(g.item, "gen"), "a layer's name has at most %d characters, with its layout %s has %d", maxName, clip(name), len(name)).
			help("give the layer a shorter name: gen ... as Short { ... }")
	}
}
