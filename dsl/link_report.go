package dsl

import (
	"io/fs"
	"slices"
	"strings"
)

// unknown reports a norm that the used file does not have.
func (l *linker) unknown(used *UsedNorm, from Name, u *unit) {
	d := l.errorf(codeUseNorm, used.Name.Extent(), "a use takes norms of its source, %s has no norm %q", from.Text, used.Name.Text)
	if near := nearestOf(used.Name.Text, u.names); near != "" {
		d.help("did you mean %q?", near)
	} else if len(u.names) > 0 {
		d.help("it has %s", listed(u.names))
	}
}

// unknownKnobs reports what is left of the knobs that a use sets.
func (l *linker) unknownKnobs(n *Norm, used *UsedNorm, left map[string]*Binding) {
	for _, b := range used.Knobs {
		if left[b.Name.Text] != b || l.full() {
			continue
		}
		d := l.errorf(codeGenKnob, b.Name.Extent(), "a use sets knobs of its norm, %q has no knob %q", used.Name.Text, b.Name.Text)
		var names []string
		for _, k := range n.Knobs {
			names = append(names, k.Name.Text)
		}
		if near := nearestOf(b.Name.Text, names); near != "" {
			d.help("did you mean %q?", near)
		} else if len(names) > 0 {
			d.help("it has %s", listed(names))
		}
	}
}

// missing reports a string that names nothing.
func (l *linker) missing(from Name, at location) {
	name := unquote(from.Text)
	if strings.HasSuffix(name, suffix) {
		d := l.errorf(codeUseSource, from.Extent(), "a use names a library or a file beside its own, there is no file %s", from.Text)
		if stem := strings.TrimSuffix(name, suffix); slices.Contains(libraries(l.from.Library), stem) {
			d.help("the library of that name is called %q", stem)
		} else if l.files(at) == nil {
			d.help("a spec without a directory uses libraries only")
		}
		return
	}
	d := l.errorf(codeUseSource, from.Extent(), "a use names a library or a file beside its own, there is no library %s", from.Text)
	known := libraries(l.from.Library)
	switch near := nearestOf(name, known); {
	case l.isFile(l.beside(name + suffix)):
		d.help("a file has its suffix: %q", name+suffix)
	case near != "":
		d.help("did you mean %q?", near)
	case len(known) > 0:
		d.help("the libraries are %s", listed(known))
	}
}

// isFile reports whether there is something to use at a location.
func (l *linker) isFile(at location) bool {
	if l.files(at) == nil {
		return false
	}
	info, err := fs.Stat(l.files(at), at.path)
	return err == nil && info.Mode().IsRegular()
}

// libraries names the libraries of a source.
func libraries(fsys fs.FS) (names []string) {
	if fsys == nil {
		return nil
	}
	files, _ := fs.Glob(fsys, "*"+suffix)
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f, suffix))
	}
	return names
}

// offering names the library that declares a norm, or is "".
func offering(fsys fs.FS, norm string) string {
	for _, name := range libraries(fsys) {
		text, err := readFile(fsys, name+suffix, maxFile)
		if err != nil {
			continue
		}
		f, _ := Parse(name, text)
		for _, it := range f.Items {
			if n, ok := it.(*Norm); ok && n.Name.Text == norm {
				return name
			}
		}
	}
	return ""
}

// listed shows the first of many names.
func listed(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}

func (l *linker) badPath(from Name) {
	l.errorf(codeUsePath, from.Extent(), "a use names a library or a file beside its own, %s is no such name", clipQuoted(from.Text)).
		help(`write for example "standard", "mine.dsl" or "sub/mine.dsl", of letters, digits, "_", "-" and "."`)
}

// cycle reports a file that comes back to itself, and the way it takes.
func (l *linker) cycle(from Name, way []frame) {
	d := l.errorf(codeUseCycle, from.Extent(), "a file does not use itself, %s leads back to it", from.Text)
	for _, f := range way[1:] {
		d.note(f.from.Extent(), "on the way from here")
	}
}

// tooMany reports one file too many, or one too deep.
func (l *linker) tooMany(from Name) bool {
	switch {
	case len(l.stack) > maxUseDepth:
		l.errorf(codeUseDepth, from.Extent(), "files use files at most %d deep", maxUseDepth).
			note(l.stack[1].from.Extent(), "on the way from here")
		return true
	case len(l.loaded) > maxUseFiles:
		l.errorf(codeUseFiles, from.Extent(), "a spec uses at most %d files", maxUseFiles)
		return true
	}
	return false
}

// adoptErrors takes over what the parser found in a used file.
func (l *linker) adoptErrors(from Name, errs ErrorList) {
	for i, d := range errs {
		if i == 0 {
			d.note(from.Extent(), "used here")
		}
		l.take(d, maxErrors)
	}
}
