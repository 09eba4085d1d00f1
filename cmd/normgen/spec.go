package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSpec is the largest spec, in bytes. The language needs a few hundred for
// a layer; a larger file is a mistake or an attack.
const maxSpec = 1 << 20

// stdin is what messages call standard input.
const stdin = "<stdin>"

// A source is the text of a spec.
type source struct {
	path string // as given, for messages
	text []byte
}

// stem is the base name without its suffix.
func (s source) stem() string {
	return strings.TrimSuffix(filepath.Base(s.path), filepath.Ext(s.path))
}

// readSource reads a spec; the path - means standard input.
func (t *tool) readSource(path string) (source, error) {
	if path == "-" {
		text, err := readCapped(t.stdin, stdin)
		return source{stdin, text}, err
	}
	if !plainName(filepath.Base(path)) {
		return source{}, fmt.Errorf("spec %q: the name starts with a dot or does not print", path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return source{}, missingSpec(path, err)
	}
	if !info.Mode().IsRegular() {
		return source{}, fmt.Errorf("spec %s is %s, not a file", path, describe(info.Mode()))
	}
	f, err := os.Open(path)
	if err != nil {
		return source{}, fmt.Errorf("spec: %w", err)
	}
	defer f.Close()
	text, err := readCapped(f, path)
	return source{path, text}, err
}

// plainName reports whether a name can stand in a comment and, without its
// suffix, name a directory.
func plainName(name string) bool {
	return name[0] != '.' && utf8.ValidString(name) &&
		!strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

func missingSpec(path string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("spec %s does not exist", path)
	}
	return fmt.Errorf("spec: %w", err)
}

// readCapped stops right after the cap: it never reads a huge file whole.
func readCapped(r io.Reader, name string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxSpec+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(text) > maxSpec {
		return nil, fmt.Errorf("%s is larger than 1 MiB", name)
	}
	return text, nil
}
