package dsl

import (
	"maps"
	"slices"
	"strings"
)

// gens checks what is to be generated. A norm that no gen mentions gets the
// default one.
func (c *fileCheck) gens(items []Item) {
	mentioned := map[string]bool{}
	taken := map[string]layerName{}
	for _, it := range items {
		if g, ok := it.(*GenItem); ok && !c.full() {
			mentioned[g.Norm.Text] = true
			c.gen(g, taken)
		}
	}
	for _, n := range c.prog.Norms {
		if !mentioned[n.Name] {
			c.generated(taken, layerName{n.Name, Name{n.Name, n.Pos}.Extent()})
			c.prog.Gens = append(c.prog.Gens, defaultGen(n))
		}
	}
}

func defaultGen(n *Core) *Gen {
	return &Gen{Norm: n, Name: n.Name, Pos: n.Pos, Dtypes: []string{"f32"}, Targets: []string{"go"}}
}

// A layerName is the name of a generated layer and where it comes from.
type layerName struct {
	text string
	at   Span
}

// generated reports a second layer of the same name. The case is ignored,
// because names of files may not keep it.
func (c *fileCheck) generated(taken map[string]layerName, n layerName) {
	key := strings.ToLower(n.text)
	if old, ok := taken[key]; ok {
		c.errorf(codeGenTwice, n.at, "a layer is generated once, %q is generated twice", n.text).
			note(old.at, "first as %q here", old.text).
			help("rename one: gen ... as %s2 { ... }", n.text)
		return
	}
	taken[key] = n
}

func (c *fileCheck) gen(it *GenItem, taken map[string]layerName) {
	n := it.Norm
	if it.As != nil {
		n = *it.As
		spelling(c.reporter, n, "a generated layer", true)
	}
	core := c.norms[it.Norm.Text]
	if core == nil {
		c.generated(taken, layerName{n.Text, n.Extent()})
		d := c.errorf(codeGenNorm, it.Norm.Extent(), "a gen is of a norm of this file, %q is not one", it.Norm.Text)
		if near := nearest(it.Norm.Text, maps.Keys(c.norms)); near != "" {
			d.help("did you mean %q?", near)
		} else if library := offering(c.library, it.Norm.Text); library != "" && !c.full() {
			d.help("use %s from %q", it.Norm.Text, library)
		}
		return
	}
	g := &genCheck{fileCheck: c, item: it, gen: defaultGen(core), seen: map[string]Span{}}
	g.gen.Name, g.gen.Pos = n.Text, n.Pos
	g.knobs()
	for _, f := range it.Body.Items {
		g.field(f)
	}
	g.divides()
	g.fastTarget()
	for _, one := range g.perLayout() {
		c.generated(taken, layerName{one.Name, n.Extent()})
		c.prog.Gens = append(c.prog.Gens, one)
	}
}

// A genCheck checks one gen.
type genCheck struct {
	*fileCheck
	item    *GenItem
	gen     *Gen
	seen    map[string]Span // fields that stand once, and shapes by axis
	shapes  []shapeAt
	layouts []memoryOrder
}

// A shapeAt is a size with its place, for the check against factors.
type shapeAt struct {
	product *Product
	size    int
	name    Name
}

func (g *genCheck) knobs() {
	g.gen.Knobs = map[string]float64{}
	for _, b := range g.item.Knobs {
		k := g.knob(b.Name)
		x, ok := literal(b.Init)
		switch _, twice := g.gen.Knobs[b.Name.Text]; {
		case k == nil:
		case !ok:
			g.errorf(codeKnobDefault, b.Init.Extent(), "the value of a knob is a number, that of %q is not", b.Name.Text)
		case twice:
			g.errorf(codeGenList, b.Name.Extent(), "a list has each entry once, %q is there twice", b.Name.Text)
		default:
			g.gen.Knobs[k.Name] = x
			g.knobSize(k, b, x)
		}
	}
}

func (g *genCheck) knob(n Name) *Symbol {
	var names []string
	for _, k := range g.gen.Norm.Knobs {
		if k.Name == n.Text {
			return k
		}
		names = append(names, k.Name)
	}
	d := g.errorf(codeGenKnob, n.Extent(), "a gen sets knobs of its norm, %q has no knob %q", g.gen.Norm.Name, n.Text)
	if near := nearestOf(n.Text, names); near != "" {
		d.help("did you mean %q?", near)
	}
	return nil
}

func (g *genCheck) knobSize(k *Symbol, b *Binding, x float64) {
	for _, a := range g.gen.Norm.Axes {
		if a.Knob == k && !wholeSize(x) {
			g.errorf(codeKnobSize, b.Init.Extent(), "the size of an axis is a whole number from 1 to %d, the knob %q is %v", maxSize, k.Name, x).
				note(Name{a.Name, a.Pos}.Extent(), "the axis")
		}
	}
}

func (g *genCheck) field(it Item) {
	switch it := it.(type) {
	case *ShapeField:
		g.shape(it)
	case *WordsField:
		if g.onceField(it, it.Word.Text) {
			g.words(it)
		}
	case *LayoutField:
		if g.onceField(it, "layout") {
			g.layoutField(it)
		}
	}
}

func (g *genCheck) onceField(it Item, key string) bool {
	if old, ok := g.seen[key]; ok {
		g.errorf(codeGenList, head(it, word(it)), "a gen has each field once, %q is there twice", key).
			note(old, "the first one")
		return false
	}
	g.seen[key] = head(it, word(it))
	return true
}

// Targets are what a gen may ask for: Go, and sets of instructions by the names that back
// ends know them by.
var Targets = []string{"go", "avx2", "avx512"}

var genWords = map[string]struct {
	code  Code
	what  string
	known []string
}{
	"dtype":  {codeGenDtype, "a dtype", []string{"f32", "f64"}},
	"target": {codeGenTarget, "a target", Targets},

	"arithmetic": {codeGenFast, "an arithmetic", []string{"exact", "fast"}},
}

func (g *genCheck) words(it *WordsField) {
	row := genWords[it.Word.Text]
	var list []string
	for _, n := range it.Words {
		switch {
		case !slices.Contains(row.known, n.Text):
			g.errorf(row.code, n.Extent(), "%s is one of %s, %q is not", row.what, strings.Join(row.known, ", "), n.Text)
		case slices.Contains(list, n.Text):
			g.errorf(codeGenList, n.Extent(), "a list has each entry once, %q is there twice", n.Text)
		default:
			list = append(list, n.Text)
		}
	}
	switch it.Word.Text {
	case "dtype":
		g.gen.Dtypes = list
	case "target":
		g.gen.Targets = list
	default:
		g.arithmetic(it, list)
	}
}

func (g *genCheck) arithmetic(it *WordsField, list []string) {
	if len(list) > 1 {
		g.errorf(codeGenFast, it.Words[1].Extent(), "a layer has one arithmetic, this is another").
			note(it.Words[0].Extent(), "the first one").
			help("write one gen for each, for example gen %s as Fast%s { ... }", g.gen.Norm.Name, g.gen.Norm.Name)
	}
	g.gen.Fast = slices.Contains(list, "fast")
}

// fastTarget holds fast arithmetic to what it changes: assembly, which is of float32.
func (g *genCheck) fastTarget() {
	switch {
	case !g.gen.Fast:
	case !slices.Contains(g.gen.Dtypes, "f32"):
		g.errorf(codeGenFast, g.seen["arithmetic"], "fast arithmetic is that of assembly, which is over f32; %q is not", g.gen.Name)
	case !slices.ContainsFunc(g.gen.Targets, func(t string) bool { return t != "go" }):
		g.errorf(codeGenFast, g.seen["arithmetic"], "fast arithmetic is that of assembly, %q has no target but go", g.gen.Name).
			help("add target %s, or leave the arithmetic exact", strings.Join(Targets, ", "))
	}
}

// factorsOf resolves an axis of a checked norm; nil if there is none.
func (core *Core) factorsOf(name string) []int {
	for _, p := range core.Products {
		if p.Name == name {
			return p.Factors
		}
	}
	if i := core.atomicNamed(name); i >= 0 {
		return []int{i}
	}
	return nil
}

func (core *Core) atomicNamed(name string) int {
	return slices.IndexFunc(core.Axes, func(a Axis) bool { return a.Name == name })
}
