package dsl

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode"
)

const suffix = ".dsl"

// unit returns the file that a use item names, read and linked; nil if that was
// reported.
func (l *linker) unit(from Name) *unit {
	at, ok := l.locate(from)
	if !ok {
		return nil
	}
	for i, f := range l.stack {
		if f.at == at {
			l.cycle(from, l.stack[i:])
			return nil
		}
	}
	if u, known := l.loaded[at]; known {
		return u
	}
	l.loaded[at] = nil
	if l.tooMany(from) {
		return nil
	}
	text, ok := l.read(from, at)
	if !ok {
		return nil
	}
	l.loaded[at] = l.load(from, at, text)
	return l.loaded[at]
}

// locate resolves the string of a use item: a name with the suffix .dsl is a file
// beside the user, any other one a library.
func (l *linker) locate(from Name) (location, bool) {
	name := unquote(from.Text)
	file := strings.HasSuffix(name, suffix)
	switch {
	case !plainPath(name, file):
		l.badPath(from)
		return location{}, false
	case file:
		return l.beside(name), true
	}
	return location{true, name + suffix}, true
}

// beside is the location of name in the directory of the file that is being read.
func (l *linker) beside(name string) location {
	user := l.stack[len(l.stack)-1].at
	return location{user.library, path.Join(path.Dir(user.path), name)}
}

// files is the source of a location.
func (l *linker) files(at location) fs.FS {
	if at.library {
		return l.from.Library
	}
	return l.from.Beside
}

func unquote(text string) string { return strings.Trim(text, `"`) }

// plainPath holds the names of files to elements of letters, digits, "_", "-"
// and ".", none of which starts with a dot: they never lead upwards, to the
// root, to a device or to a hidden file. The name of a library is one element.
func plainPath(name string, file bool) bool {
	elements := strings.Split(name, "/")
	for _, e := range elements {
		if e == "" || e[0] == '.' || strings.ContainsFunc(e, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.", r)
		}) {
			return false
		}
	}
	return len(name) <= maxPath && (file || len(elements) == 1)
}

const maxPath = 256

// read returns the text of a file within what may still be read.
func (l *linker) read(from Name, at location) ([]byte, bool) {
	text, err := readFile(l.files(at), at.path, l.bytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.missing(from, at)
	case err != nil:
		l.errorf(codeUseSource, from.Extent(), "a use reads a file, %s cannot be read: %v", from.Text, reason(err))
	case len(text) > l.bytes:
		l.errorf(codeFileSize, from.Extent(), "a spec and the files it uses have at most %d bytes, %s goes past that", maxFile, from.Text)
	default:
		l.bytes -= len(text)
		return text, true
	}
	return nil, false
}

// readFile reads up to one byte more than limit of a regular file: opening a
// pipe would wait for its writer.
func readFile(fsys fs.FS, name string, limit int) ([]byte, error) {
	if fsys == nil {
		return nil, fs.ErrNotExist
	}
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, int64(limit)+1))
}

// reason is an error without the operation and path, which the message has.
func reason(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// load parses the text of a file and links what it uses in turn. What is wrong
// with it is reported in the file, with a note at the use that led there.
func (l *linker) load(from Name, at location, text []byte) *unit {
	f, errs := Parse(l.display(at), text)
	f.source.order = len(l.loaded)
	if errs.HasErrors() {
		l.adoptErrors(from, errs)
		return nil
	}
	before := l.count[SeverityError]
	l.stack = append(l.stack, frame{at, from})
	items := l.items(f.Items)
	l.stack = l.stack[:len(l.stack)-1]
	if l.count[SeverityError] > before {
		return nil // norms that are missing in it are no news
	}
	u := &unit{norms: map[string]*Norm{}}
	for _, it := range items {
		if n, ok := it.(*Norm); ok {
			l.export(u, n)
		}
	}
	return u
}

// export makes a norm known to the users of its file.
func (l *linker) export(u *unit, n *Norm) {
	if old := u.norms[n.Name.Text]; old != nil {
		l.errorf(codeTwice, n.Name.Extent(), "a name is declared once, norm %q is declared twice", n.Name.Text).
			note(old.Name.Extent(), "first declared here")
		return
	}
	u.norms[n.Name.Text] = n
	u.names = append(u.names, n.Name.Text)
}

// display is what messages call a file: beside the spec as the spec is called,
// so that an editor finds it.
func (l *linker) display(at location) string {
	if at.library {
		return "<library>/" + at.path
	}
	dir, _ := path.Split(strings.ReplaceAll(l.source.name, `\`, "/"))
	return dir + at.path
}
