package dsl

import (
	"io/fs"
	"path"
	"strings"
)

// Check resolves a parsed file: it expands clauses, binds names and axes, and
// holds each mode to the rules of the language. The program is nil if the
// list has errors. A file with use items is linked first, see [Link].
func Check(f *File) (*Program, ErrorList) {
	r := newReporter(f.source)
	p := &Program{File: baseName(f.Name)}
	c := &fileCheck{reporter: r, prog: p, norms: map[string]*Core{}, library: f.library}
	for _, it := range f.Items {
		switch it := it.(type) {
		case *Norm:
			if !r.full() {
				c.norm(it)
			}
		case *UseItem:
			r.errorf(codeUseSource, it.From.Extent(), "a use names a library or a file beside its own, there are none")
		}
	}
	c.gens(f.Items)
	if r.failed() {
		return nil, r.sorted()
	}
	return p, r.sorted()
}

// baseName is the name of a file without its directory.
func baseName(name string) string { return path.Base(strings.ReplaceAll(name, `\`, "/")) }

// A fileCheck checks a file norm by norm, then what is to be generated.
type fileCheck struct {
	*reporter
	prog  *Program
	norms map[string]*Core

	library fs.FS // for suggestions
}

func (c *fileCheck) norm(n *Norm) {
	core := checkNorm(c.reporter, n)
	if old := c.norms[n.Name.Text]; old != nil {
		c.errorf(codeTwice, n.Name.Extent(), "a name is declared once, norm %q is declared twice", n.Name.Text).
			note(Name{n.Name.Text, old.Pos}.Extent(), "first declared here")
		return
	}
	c.norms[n.Name.Text] = core
	c.prog.Norms = append(c.prog.Norms, core)
}

// A normCheck holds what the modes of one norm share.
type normCheck struct {
	*reporter
	norm    *Norm
	core    *Core
	items   []Item // the body with its clauses expanded
	axes    map[string]axisRef
	globals map[string]*Symbol   // everything declared in the body
	symbols map[*Binding]*Symbol // the same by declaration
	used    map[*Binding]bool    // reads, for the warnings
	masked  map[*Symbol]bool     // masks that a reduction uses
	inModes map[string][]ownName // names defined by let and stat
	outputs map[string]*Symbol

	noClauses bool // the clauses were reported and define no output
}

// An ownName is a definition inside a mode, or outside of modes.
type ownName struct {
	mode string
	span Span
}

func checkNorm(r *reporter, n *Norm) *Core {
	c := &normCheck{
		reporter: r, norm: n,
		core:    &Core{Name: n.Name.Text, Pos: n.Name.Pos, File: baseName(n.Pos.File()), source: n.Pos.source},
		axes:    map[string]axisRef{},
		globals: map[string]*Symbol{},
		symbols: map[*Binding]*Symbol{},
		used:    map[*Binding]bool{},
		masked:  map[*Symbol]bool{},
		inModes: map[string][]ownName{},
		outputs: map[string]*Symbol{},
	}
	c.spelling(n.Name, "a norm", true)
	before := r.count[SeverityError]
	c.items = expand(r, n)
	c.noClauses = r.count[SeverityError] > before
	c.place(c.items)
	c.knobs()
	c.declarations()
	c.collectOwn()
	c.modes()
	c.warnings()
	c.core.Source = n.Text()
	return c.core
}

var modeNames = []string{"train", "eval"}

func (c *normCheck) modes() {
	var defined [2]map[string]bool
	for i, name := range modeNames {
		m := newModeCheck(c, name)
		m.run()
		defined[i] = m.outs
		c.core.Modes = append(c.core.Modes, m.mode)
	}
	for _, out := range c.core.Outputs {
		for i, name := range modeNames {
			if !defined[i][out.Name] {
				c.errorf(codeOutMissing, Name{out.Name, out.Pos}.Extent(), "an output is defined in every mode, %q is not in mode %s", out.Name, name)
			}
		}
	}
	if len(c.core.Outputs) == 0 && !c.noClauses {
		c.errorf(codeNoOutput, c.norm.Name.Extent(), "a norm defines an output, %q has none", c.norm.Name.Text).
			help(`write "out y = ...", or the clauses reduce, shift, scale and affine`)
	}
}

// collectOwn notes which names are defined in which mode, so that a name that
// one mode lacks, or that is defined further down, can be told from an unknown
// one.
func (c *normCheck) collectOwn() {
	for _, b := range definitions(c.items) {
		c.inModes[b.Name.Text] = append(c.inModes[b.Name.Text], ownName{"", b.Name.Extent()})
	}
	for _, it := range c.items {
		mode, ok := it.(*ModeItem)
		if !ok {
			continue
		}
		for _, b := range definitions(mode.Body.Items) {
			c.inModes[b.Name.Text] = append(c.inModes[b.Name.Text], ownName{mode.Name.Text, b.Name.Extent()})
		}
	}
}

// definitions lists the bindings of let and stat items.
func definitions(items []Item) (list []*Binding) {
	for _, it := range items {
		if e, ok := it.(*Equations); ok && (e.Kind == LetEquation || e.Kind == StatEquation) {
			list = append(list, e.Bindings...)
		}
	}
	return list
}
