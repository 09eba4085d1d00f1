package main

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/aymanbagabas/go-udiff"
	"github.com/normgen/normgen/dsl"
)

// A formatter holds the flags of fmt. Without any of them the formatted text
// goes to standard output.
type formatter struct{ list, diff, write bool }

// format is the fmt command. With -l or -d it exits with 1 if a file is not
// formatted, so that a build can insist on it.
func (t *tool) format(args []string) exit {
	var f formatter
	fs := flagSet("fmt")
	fs.BoolVar(&f.list, "l", false, "list files that are not formatted")
	fs.BoolVar(&f.diff, "d", false, "print what would change")
	fs.BoolVar(&f.write, "w", false, "write the result to the file")
	if status, ok := t.parse(fs, args); !ok {
		return status
	}
	if fs.NArg() == 0 {
		return t.fail(fmt.Errorf("usage: %s", synopsis("fmt")))
	}
	status := done
	for _, path := range fs.Args() {
		status = max(status, t.formatFile(f, path))
	}
	return status
}

func (t *tool) formatFile(f formatter, path string) exit {
	s, err := t.readSource(path)
	if err != nil {
		return t.fail(err)
	}
	file, list := dsl.Parse(s.path, s.text)
	if list.HasErrors() {
		list.Render(t.stderr)
		return failed
	}
	return t.formatted(f, s, dsl.Format(file))
}

// formatted does with the new text of s what the flags say.
func (t *tool) formatted(f formatter, s source, text []byte) exit {
	if f == (formatter{}) || f.write && s.path == stdin {
		t.stdout.Write(text)
		return done
	}
	if bytes.Equal(s.text, text) {
		return done
	}
	if f.list {
		fmt.Fprintln(t.stdout, s.path)
	}
	if f.diff {
		fmt.Fprint(t.stdout, udiff.Unified(s.path+".orig", s.path, string(s.text), string(text)))
	}
	if f.write {
		if err := replace(s.path, text); err != nil {
			return t.fail(err)
		}
		return done
	}
	return differs
}

// replace writes a spec whole or not at all. A link stays a link: what it
// points to is replaced.
func replace(path string, text []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	d, err := openDirectory(filepath.Dir(path), true)
	if err != nil {
		return err
	}
	defer d.close()
	return d.replace(filepath.Base(path), text)
}

// replace swaps the text of an existing file and keeps its permissions.
func (d *directory) replace(name string, text []byte) error {
	if err := removeTemps(d); err != nil {
		return err
	}
	info, err := d.stat(name)
	if err != nil {
		return err
	}
	if err := d.create(tempName(name), text, info.Mode().Perm()); err != nil {
		removeTemps(d)
		return err
	}
	if err := d.rename(tempName(name), name); err != nil {
		return err
	}
	return d.sync()
}
