package dsl

import "slices"

// shape checks the sizes of one axis.
func (g *genCheck) shape(it *ShapeField) {
	if !g.shapeAxis(it.Axis) || !g.onceField(it, "shape "+it.Axis.Text) {
		return
	}
	s := Shape{Axis: it.Axis.Text}
	known := map[int]bool{}
	for _, n := range it.Sizes {
		size := 0
		if n.Text != "any" {
			size = readSize(g.reporter, n)
		}
		switch {
		case known[size]:
			g.errorf(codeGenList, n.Extent(), "a list has each entry once, %q is there twice", n.Text)
		case size == 0:
			s.Any = true
		default:
			s.Sizes = append(s.Sizes, size)
			g.shapes = append(g.shapes, shapeAt{g.product(it.Axis.Text), size, n})
		}
		known[size] = true
	}
	slices.Sort(s.Sizes)
	g.gen.Shapes = append(g.gen.Shapes, s)
}

// shapeAxis holds shape to the axes whose size is open.
func (g *genCheck) shapeAxis(n Name) bool {
	if g.product(n.Text) != nil {
		return true
	}
	var open []string
	for _, a := range g.gen.Norm.Axes {
		fixed := a.Variadic || a.Size > 0 || a.Knob != nil
		if a.Name == n.Text && fixed {
			g.errorf(codeGenSized, n.Extent(), "a shape gives the size of an axis, %q is variadic or has a size already", n.Text).
				note(Name{a.Name, a.Pos}.Extent(), "declared here")
			return false
		}
		if a.Name == n.Text {
			return true
		}
		open = append(open, a.Name)
	}
	d := g.errorf(codeGenAxis, n.Extent(), "a shape is of an axis of the norm, %q has no axis %q", g.gen.Norm.Name, n.Text)
	if near := nearestOf(n.Text, open); near != "" {
		d.help("did you mean %q?", near)
	}
	return false
}

func (g *genCheck) product(name string) *Product {
	for i := range g.gen.Norm.Products {
		if p := &g.gen.Norm.Products[i]; p.Name == name {
			return p
		}
	}
	return nil
}

// divides checks the sizes of split axes against the factors that are known.
func (g *genCheck) divides() {
	for _, s := range g.shapes {
		if s.product == nil {
			continue
		}
		known, free := g.factors(s.product)
		if known > 0 && (s.size%known != 0 || !free && s.size != known) {
			g.errorf(codeGenDivide, s.name.Extent(), "the size of a split axis is a multiple of its factors, %d is not one of %d", s.size, known).
				note(Name{s.product.Name, s.product.Pos}.Extent(), "split here")
		}
	}
}

// factors multiplies the known factors, up to the largest size there is.
func (g *genCheck) factors(p *Product) (known int, free bool) {
	known = 1
	for _, i := range p.Factors {
		a := g.gen.Norm.Axes[i]
		size := a.Size
		if a.Knob != nil {
			size = g.knobValue(a.Knob)
		}
		free = free || size == 0
		known = min(known*max(size, 1), maxSize+1)
	}
	return known, free
}

func (g *genCheck) knobValue(k *Symbol) int {
	x, set := g.gen.Knobs[k.Name]
	if !set {
		x = k.Init.(*Num).Value
	}
	if !wholeSize(x) {
		return 1 // reported before
	}
	return int(x)
}
