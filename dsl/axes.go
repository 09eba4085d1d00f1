package dsl

import (
	"maps"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

const (
	maxAxes = 32        // bits of an AxisSet; split axes too, to bound the work
	maxSize = 1<<31 - 1 // of an axis
)

// An axisRef is what the name of an axis stands for: one atomic axis, or the
// factors of a split one.
type axisRef struct {
	factors []int
	product bool
	pos     Pos
}

func setOf(axes []int) (s AxisSet) {
	for _, a := range axes {
		s |= 1 << a
	}
	return s
}

// list returns the axes of a set in order of first mention.
func (s AxisSet) list() (axes []int) {
	for ; s != 0; s &= s - 1 {
		axes = append(axes, bits.TrailingZeros32(uint32(s)))
	}
	return axes
}

// atomic adds an atomic axis and returns its index, or -1 if there are too many.
func (c *normCheck) atomic(a Axis, s Span) int {
	if len(c.core.Axes) == maxAxes {
		c.errorf(codeAxisCount, s, "a norm has at most %d axes", maxAxes)
		return -1
	}
	c.core.Axes = append(c.core.Axes, a)
	i := len(c.core.Axes) - 1
	c.axes[a.Name] = axisRef{factors: []int{i}, pos: a.Pos}
	return i
}

// newAxis adds an axis by name, unless the name is taken.
func (c *normCheck) newAxis(n Name, a Axis) int {
	c.spelling(n, "an axis", true)
	if old := c.globals[n.Text]; old != nil {
		c.errorf(codeTwice, n.Extent(), "a name is declared once, %q is %s already", n.Text, old.Kind.article()).
			note(Name{n.Text, old.Pos}.Extent(), "first declared here").
			help("to give an axis the size of a knob, split it: axis C = %s*D", n.Text)
	}
	a.Name, a.Pos = n.Text, n.Pos
	return c.atomic(a, n.Extent())
}

// axisDef checks axis S = 4 and axis C = K*D.
func (c *normCheck) axisDef(d *AxisDef) {
	if old, ok := c.axes[d.Name.Text]; ok {
		c.twice(d.Name, old.pos)
		return
	}
	if len(d.Factors) == 1 && d.Factors[0].Number {
		c.newAxis(d.Name, Axis{Size: c.size(d.Factors[0].Name)})
		return
	}
	c.product(d)
}

// product checks a split axis. All factors but one have a known size, so the
// size of the whole gives the last one.
func (c *normCheck) product(d *AxisDef) {
	c.spelling(d.Name, "an axis", true)
	if old := c.globals[d.Name.Text]; old != nil {
		c.twice(d.Name, old.Pos)
	}
	p := Product{Name: d.Name.Text, Pos: d.Name.Pos}
	free := 0
	for _, f := range d.Factors {
		i, ok := c.factor(d, f)
		if !ok {
			continue
		}
		if setOf(p.Factors)&(1<<i) != 0 {
			c.errorf(codeAxisTwice, f.Extent(), "an axis is a factor once, %q is one twice", f.Text)
			continue
		}
		if a := c.core.Axes[i]; a.Size == 0 && a.Knob == nil {
			free++
		}
		p.Factors = append(p.Factors, i)
	}
	if free > 1 {
		c.errorf(codeFree, d.Extent(), "a split axis has at most one factor without a size, %q has %d", p.Name, free).
			help("declare a factor as a knob, such as norm %s(%s = 4)", c.norm.Name.Text, d.Factors[0].Text)
	}
	if len(c.core.Products) == maxAxes {
		c.errorf(codeAxisCount, d.Extent(), "a norm has at most %d split axes", maxAxes)
		return
	}
	c.core.Products = append(c.core.Products, p)
	c.axes[p.Name] = axisRef{p.Factors, true, p.Pos}
}

// factor finds or adds one factor of a split axis.
func (c *normCheck) factor(d *AxisDef, f Factor) (int, bool) {
	if f.Number {
		i := c.atomic(Axis{Name: d.Name.Text + "_" + f.Text, Size: c.size(f.Name), Pos: f.Pos}, f.Extent())
		return i, i >= 0
	}
	if ref, ok := c.axes[f.Text]; ok {
		if ref.product || c.core.Axes[ref.factors[0]].Variadic {
			c.errorf(codeFactor, f.Extent(), "a factor is a simple axis, %q is split or variadic", f.Text).
				note(Name{f.Text, ref.pos}.Extent(), "declared here")
			return 0, false
		}
		return ref.factors[0], true
	}
	if k := c.globals[f.Text]; k != nil && k.Kind == KnobSymbol {
		i := c.knobAxis(f, k)
		return i, i >= 0
	}
	i := c.newAxis(f.Name, Axis{})
	return i, i >= 0
}

// knobAxis is the one axis that shares its name with a knob: its size.
func (c *normCheck) knobAxis(f Factor, k *Symbol) int {
	c.useKnob(k)
	if x := k.Init.(*Num).Value; !wholeSize(x) {
		c.errorf(codeKnobSize, f.Extent(), "the size of an axis is a whole number from 1 to %d, the knob %q is %v", maxSize, k.Name, x).
			note(Name{k.Name, k.Pos}.Extent(), "declared here")
	}
	return c.atomic(Axis{Name: k.Name, Knob: k, Pos: f.Pos}, f.Extent())
}

func (c *normCheck) useKnob(k *Symbol) {
	for _, b := range c.norm.Knobs {
		if b.Name.Pos == k.Pos {
			c.used[b] = true
		}
	}
}

func wholeSize(x float64) bool { return x == math.Trunc(x) && x >= 1 && x <= maxSize }

// size reads the digits of an axis size.
func (c *normCheck) size(n Name) int { return readSize(c.reporter, n) }

func readSize(r *reporter, n Name) int {
	x, err := strconv.Atoi(n.Text)
	if err != nil || x < 1 || x > maxSize {
		r.errorf(codeSize, n.Extent(), "the size of an axis is a whole number from 1 to %d, %s is not", maxSize, clip(n.Text))
		return 1
	}
	return x
}

// axis looks a name up.
func (c *normCheck) axis(n Name) (axisRef, bool) {
	ref, ok := c.axes[n.Text]
	if !ok {
		d := c.errorf(codeAxisUnknown, n.Extent(), "an axis comes from an input or an axis item before its use, %q does not", n.Text)
		if near := nearest(n.Text, maps.Keys(c.axes)); near != "" && !c.full() {
			d.help("did you mean %q?", near)
		}
	}
	return ref, ok
}

// declaredAxes resolves the bracket of a declaration; that of an input brings
// the axes it is the first to mention.
func (c *normCheck) declaredAxes(kind SymbolKind, b *Binding) []int {
	switch {
	case b.left != nil:
		return c.stateAxes(b, c.leftAxes(b.left))
	case b.Axes == nil && kind == MaskSymbol:
		c.errorf(codeMaskAxes, b.Name.Extent(), "a mask varies over axes of an input, %q over none", b.Name.Text)
		return nil
	case b.Axes == nil:
		return nil
	case kind == InputSymbol:
		return c.inputAxes(b.Axes)
	}
	axes := c.bracket(b.Axes)
	switch kind {
	case MaskSymbol:
		c.maskAxes(b, axes)
	case StateSymbol:
		return c.stateAxes(b, axes)
	}
	return axes
}

// stateAxes checks that a state has a size when the layer is made.
func (c *normCheck) stateAxes(b *Binding, axes []int) []int {
	for _, a := range axes {
		if ax := c.core.Axes[a]; ax.Variadic {
			c.errorf(codeStateAxis, b.Name.Extent(), "a state has a fixed size, %q varies over the variadic axis %s", b.Name.Text, ax.Name).
				note(Name{ax.Name, ax.Pos}.Extent(), "declared here")
		}
	}
	return axes
}

func (c *normCheck) maskAxes(b *Binding, axes []int) {
	var inputs AxisSet
	for _, in := range c.core.Inputs {
		inputs |= in.Set
	}
	if extra := setOf(axes) &^ inputs; extra != 0 {
		c.errorf(codeMaskAxes, b.Name.Extent(), "a mask varies over axes of an input, %q also over %s", b.Name.Text, c.axesText(extra))
	}
}

// leftAxes is what a reduce clause leaves of the input.
func (c *normCheck) leftAxes(r *ReduceClause) []int {
	var over AxisSet
	for _, n := range r.Axes {
		over |= setOf(c.axes[n.Text].factors)
	}
	if len(c.core.Inputs) == 0 {
		return nil
	}
	return c.inputOrder(c.core.Inputs[0].Set &^ over)
}

// inputOrder lists a set in the order in which the inputs mention its axes.
func (c *normCheck) inputOrder(set AxisSet) []int { return c.core.inputOrder(set) }

func (core *Core) inputOrder(set AxisSet) (axes []int) {
	for _, in := range core.Inputs {
		for _, a := range in.Axes {
			if set&(1<<a) != 0 {
				axes = append(axes, a)
				set &^= 1 << a
			}
		}
	}
	return append(axes, set.list()...)
}

// bracket resolves axes that are declared already.
func (c *normCheck) bracket(b *Bracket) (axes []int) {
	for _, a := range b.Axes {
		if ref, ok := c.axis(a.Name); ok {
			c.dots(a, ref)
			axes = c.extend(axes, a.Name, ref)
		}
	}
	return axes
}

// extend appends an axis that must not be in the list yet.
func (c *normCheck) extend(axes []int, n Name, ref axisRef) []int {
	if setOf(axes)&setOf(ref.factors) != 0 {
		c.errorf(codeAxisTwice, n.Extent(), "an axis is listed once, %q is listed twice", n.Text)
		return axes
	}
	return append(axes, ref.factors...)
}

// dots checks that only a variadic axis is written with dots.
func (c *normCheck) dots(a AxisName, ref axisRef) {
	if a.Dots && (ref.product || !c.core.Axes[ref.factors[0]].Variadic) {
		c.errorf(codeDots, a.Extent(), "only a variadic axis has dots, %q is not one", a.Text).
			note(Name{a.Text, ref.pos}.Extent(), "declared here")
	}
}

// inputAxes resolves the bracket of an input. One variadic axis at most, and
// at an end: otherwise a shape could be split in several ways.
func (c *normCheck) inputAxes(b *Bracket) (axes []int) {
	variadic := 0
	for i, a := range b.Axes {
		ref, known := c.axes[a.Text]
		if !known {
			at := c.newAxis(a.Name, Axis{Variadic: a.Dots})
			if at < 0 {
				continue
			}
			ref = axisRef{factors: []int{at}, pos: a.Pos}
		}
		c.dots(a, ref)
		axes = c.extend(axes, a.Name, ref)
		if len(ref.factors) == 1 && c.core.Axes[ref.factors[0]].Variadic {
			c.variadicAt(b, i, ref)
			variadic++
		}
	}
	if variadic > 1 {
		c.errorf(codeVariadic, b.Extent(), "an input has at most one variadic axis, this one has %d", variadic)
	}
	return axes
}

func (c *normCheck) variadicAt(b *Bracket, i int, ref axisRef) {
	a := b.Axes[i]
	if !a.Dots {
		c.errorf(codeDots, a.Extent(), "an input writes a variadic axis with dots, %q has none", a.Text).
			note(Name{a.Text, ref.pos}.Extent(), "variadic here").
			help("write %s...", a.Text)
	}
	if i > 0 && i < len(b.Axes)-1 {
		c.errorf(codeVariadic, a.Extent(), "a variadic axis comes first or last, %q is between others", a.Text)
	}
}

// axesText writes a set as [N, C], split axes by their name.
func (c *normCheck) axesText(s AxisSet) string {
	return "[" + strings.Join(c.core.axisNames(s.list()), ", ") + "]"
}

// axisNames names axes in order; neighbours that are all factors of a split
// axis get its name.
func (core *Core) axisNames(axes []int) (names []string) {
	for i := 0; i < len(axes); {
		if p := core.productAt(axes[i:]); p != nil {
			names = append(names, p.Name)
			i += len(p.Factors)
			continue
		}
		names = append(names, core.Axes[axes[i]].Name)
		i++
	}
	return names
}

func (core *Core) productAt(axes []int) *Product {
	for i := range core.Products {
		p := &core.Products[i]
		if n := len(p.Factors); n > 0 && n <= len(axes) && slices.Equal(p.Factors, axes[:n]) {
			return p
		}
	}
	return nil
}
