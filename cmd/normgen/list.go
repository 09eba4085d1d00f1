package main

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/testdata"
)

// A library is a file of norms that every spec can use.
type library struct {
	name  string
	norms []*dsl.Norm
}

// libraries reads all of them, in order of their names.
func libraries() ([]library, error) {
	files, err := fs.Glob(testdata.Specs, "*.dsl")
	if err != nil {
		return nil, err
	}
	var list []library
	for _, name := range files {
		text, err := fs.ReadFile(testdata.Specs, name)
		if err != nil {
			return nil, err
		}
		f, errs := dsl.Parse(name, text)
		if err := errs.Err(); err != nil {
			return nil, err
		}
		l := library{name: strings.TrimSuffix(name, ".dsl")}
		for _, it := range f.Items {
			if n, ok := it.(*dsl.Norm); ok {
				l.norms = append(l.norms, n)
			}
		}
		list = append(list, l)
	}
	return list, nil
}

// list prints the norms that a spec can use, or one of them in full.
func (t *tool) list(args []string) exit {
	flags := flagSet("list")
	if status, ok := t.parse(flags, args); !ok {
		return status
	}
	libs, err := libraries()
	if err == nil && flags.NArg() > 2 {
		err = fmt.Errorf("usage: %s", synopsis("list"))
	}
	if err == nil && flags.NArg() > 0 {
		libs, err = only(libs, flags.Arg(0))
	}
	if err == nil && flags.NArg() > 1 {
		err = t.printNorm(libs[0], flags.Arg(1))
	} else if err == nil {
		t.printLibraries(libs, flags.NArg() == 1)
	}
	if err != nil {
		return t.fail(err)
	}
	return done
}

// only keeps the library of that name.
func only(libs []library, name string) ([]library, error) {
	var names []string
	for _, l := range libs {
		if l.name == name {
			return []library{l}, nil
		}
		names = append(names, l.name)
	}
	return nil, fmt.Errorf("no library %q: there are %s", name, strings.Join(names, ", "))
}

// printLibraries prints a line for each norm: if wanted its knobs, and what it is.
func (t *tool) printLibraries(libs []library, knobs bool) {
	w := tabwriter.NewWriter(t.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "library\tnorm\twhat it is")
	for _, l := range libs {
		for _, n := range l.norms {
			name := n.Name.Text
			if knobs {
				name = n.Signature()
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", l.name, name, about(n))
		}
	}
	w.Flush()
}

// opening is the first sentence of a comment. The end of a sentence is no
// abbreviation before a number, as in "et al. 2020".
var opening = regexp.MustCompile(`^(.+?)(?:[:;] |\. [^0-9]|\.? ?$)`)

// about returns what the comment above a norm says first, without its name.
func about(n *dsl.Norm) string {
	text := strings.Join(strings.Fields(n.Doc()), " ")
	if m := opening.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	return strings.TrimPrefix(text, n.Name.Text+" ")
}

// printNorm prints one norm with the comment above it.
func (t *tool) printNorm(l library, name string) error {
	i := slices.IndexFunc(l.norms, func(n *dsl.Norm) bool { return n.Name.Text == name })
	if i < 0 {
		return fmt.Errorf("%s has no norm %s", l.name, name)
	}
	for line := range strings.Lines(l.norms[i].Doc()) {
		fmt.Fprintf(t.stdout, "// %s\n", strings.TrimSpace(line))
	}
	fmt.Fprint(t.stdout, l.norms[i].Text())
	return nil
}
