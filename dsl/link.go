package dsl

import "io/fs"

// Sources are the places that the strings of use items name. A place that is
// nil has no files.
type Sources struct {
	Library fs.FS // "standard" is the file standard.dsl in it
	Beside  fs.FS // "norms/mine.dsl" is that file, in the directory of the spec
}

// Link puts the norms that a parsed file uses in the place of its use items, as
// if they stood there, under the names and with the knobs that it gives them.
// The result has no use items. The file itself stays as it is.
//
// A used file is parsed; its gens are left out, and of its norms only those that
// are used are checked later. Names that lead out of a source are refused before
// the source is asked. The bounds of one spec hold for all its files together.
func Link(f *File, from Sources) (*File, ErrorList) {
	l := &linker{
		reporter: newReporter(f.source),
		from:     from,
		loaded:   map[location]*unit{},
		bytes:    maxFile - len(f.source.text),
		words:    maxTokens - f.words,
	}
	l.stack = []frame{{at: location{path: baseName(f.Name)}}}
	out := *f
	out.Items, out.library = l.items(f.Items), from.Library
	return &out, l.sorted()
}

// More files than these, or files that use files deeper than this, are refused:
// no real spec comes near.
const (
	maxUseFiles = 64
	maxUseDepth = 8
)

// A linker reads the files of one spec, each once.
type linker struct {
	*reporter
	from   Sources
	loaded map[location]*unit // nil: reported as bad
	stack  []frame            // the files that are being read, the spec first
	bytes  int                // that may still be read
	words  int                // that used norms may still have
}

// A location is a file of the library or beside the spec.
type location struct {
	library bool
	path    string
}

// A frame is a file that is being read, and the string that named it.
type frame struct {
	at   location
	from Name
}

// A unit is a used file: the norms that others may use of it.
type unit struct {
	norms map[string]*Norm
	names []string // in source order
}

// items replaces use items by norms.
func (l *linker) items(items []Item) (out []Item) {
	for _, it := range items {
		use, ok := it.(*UseItem)
		if !ok {
			out = append(out, it)
			continue
		}
		if l.full() {
			break
		}
		if u := l.unit(use.From); u != nil {
			out = append(out, l.use(use, u)...)
		}
	}
	return out
}

// use returns the norms of one item.
func (l *linker) use(it *UseItem, u *unit) (norms []Item) {
	for _, used := range it.Norms {
		if l.full() {
			break
		}
		n := u.norms[used.Name.Text]
		if n == nil {
			l.unknown(used, it.From, u)
			continue
		}
		if l.words -= n.words; l.words < 0 {
			l.errorf(codeTokens, used.Extent(), "a spec has at most %d words and signs, those of the norms it uses too", maxTokens)
			break
		}
		norms = append(norms, l.adopt(n, used))
	}
	return norms
}

// adopt copies a norm under the name and with the knobs of its user. Its blank
// lines and comments stay with the original.
func (l *linker) adopt(n *Norm, used *UsedNorm) *Norm {
	local := *n
	local.Name = used.local()
	local.Knobs = l.knobs(n, used)
	return &local
}

// knobs gives the knobs of a norm other defaults.
func (l *linker) knobs(n *Norm, used *UsedNorm) []*Binding {
	if len(used.Knobs) == 0 {
		return n.Knobs
	}
	set := map[string]*Binding{}
	for _, b := range used.Knobs {
		if set[b.Name.Text] != nil {
			l.errorf(codeGenList, b.Name.Extent(), "a list has each entry once, %q is there twice", b.Name.Text)
		}
		set[b.Name.Text] = b
	}
	list := make([]*Binding, len(n.Knobs))
	for i, k := range n.Knobs {
		list[i] = k
		if b := set[k.Name.Text]; b != nil {
			changed := *k
			changed.Name.Pos, changed.Init = b.Name.Pos, b.Init
			list[i] = &changed
			delete(set, k.Name.Text)
		}
	}
	l.unknownKnobs(n, used, set)
	return list
}
