package dsl

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// files makes a source of files.
func files(pairs ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return m
}

const rooted = `// Rooted is for tests.
norm Rooted(G = 2, eps = 1e-6) {
  axis   C = G*D  // groups
  in     x[R..., C]
  reduce D
  scale  sqrt(ms + eps)
}
`

// TestLink requires that a used norm is as if it stood in the spec, under the
// name and with the knobs of its user.
func TestLink(t *testing.T) {
	from := Sources{
		Library: files("roots.dsl", rooted+"gen Rooted { shape C = 64 }\n"),
		Beside: files("sub/mine.dsl", `use Rooted(eps = 1) as Mine from "other.dsl"`,
			"sub/other.dsl", `use Rooted from "roots"`),
	}
	pasted := func(name, knobs string) string {
		_, norm, _ := strings.Cut(rooted, "\n")
		return strings.Replace(norm, "Rooted(G = 2, eps = 1e-6)", name+"("+knobs+")", 1)
	}
	for _, test := range []struct{ use, same string }{
		{`use Rooted from "roots"`, pasted("Rooted", "G = 2, eps = 1e-6")},
		{`use Rooted as Root from "roots"`, pasted("Root", "G = 2, eps = 1e-6")},
		{`use Rooted(eps = 2, G = 3) from "roots"`, pasted("Rooted", "G = 3, eps = 2")},
		{`use Rooted as A, Rooted(G = 4) as B from "roots"`, pasted("A", "G = 2, eps = 1e-6") + pasted("B", "G = 4, eps = 1e-6")},
		{`use Mine(G = 8) as M from "sub/mine.dsl"`, pasted("M", "G = 8, eps = 1")},
		{`use Rooted from "roots" gen Rooted as Other {}`, pasted("Rooted", "G = 2, eps = 1e-6") + "gen Rooted as Other {}"},
	} {
		used, errs := compile("spec.dsl", []byte(test.use), from)
		same, more := compile("spec.dsl", []byte(test.same), Sources{})
		if len(errs)+len(more) > 0 {
			t.Errorf("%s: %v %v", test.use, errs, more)
			continue
		}
		if got, want := described(used), described(same); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.use, got, want)
		}
	}
}

// described is what later stages see of a program, without positions.
func described(p *Program) string {
	var b strings.Builder
	for _, n := range p.Norms {
		b.WriteString(n.Source)
		b.Write(FormatCore(n))
	}
	for _, g := range p.Gens {
		b.WriteString(g.Norm.Name + " as " + g.Name + "\n")
	}
	return b.String()
}

// TestLinkNamesFiles requires that the program belongs to the spec, and each
// norm to the file that declares it.
func TestLinkNamesFiles(t *testing.T) {
	src := `use Rooted from "roots" use Rooted as Mine from "sub/mine.dsl" norm Own { in x[R..., C] out y = x }`
	from := Sources{Library: files("roots.dsl", rooted), Beside: files("sub/mine.dsl", rooted)}
	p, errs := compile("dir/spec.dsl", []byte(src), from)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	got := p.File
	for _, n := range p.Norms {
		got += " " + n.File + ":" + n.Inputs[0].Pos.String() + "=" + n.Inputs[0].Pos.File()
	}
	want := "spec.dsl roots.dsl:4:10=<library>/roots.dsl mine.dsl:4:10=dir/sub/mine.dsl spec.dsl:1:78=dir/spec.dsl"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestLinkLeavesTheFile requires that the formatter still sees the use items.
func TestLinkLeavesTheFile(t *testing.T) {
	src := "use Rooted(eps = 1) as R1 from \"roots\"\n"
	f, _ := Parse("spec.dsl", []byte(src))
	if _, errs := Link(f, Sources{Library: files("roots.dsl", rooted)}); len(errs) > 0 {
		t.Fatal(errs)
	}
	if got := string(Format(f)); got != src {
		t.Errorf("got %q, want %q", got, src)
	}
	if p, errs := Check(f); p != nil || errs[0].Code != codeUseSource {
		t.Errorf("a file that is not linked: %v", errs)
	}
}

// A strict source fails the test if it is asked for a name that leads elsewhere.
type strict struct {
	t    *testing.T
	seen int
}

func (s *strict) Open(name string) (fs.File, error) {
	if s.seen++; name == "." {
		return nil, fs.ErrNotExist // the list of libraries, for a message
	}
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\:\x00\n\"") || strings.Contains(name, "/.") || name[0] == '.' {
		s.t.Errorf("asked for %q", name)
	}
	return nil, fs.ErrNotExist
}

// TestLinkAsksForPlainNames requires that a source never sees a name that leads
// up, to the root, to a device, a stream or a hidden file.
func TestLinkAsksForPlainNames(t *testing.T) {
	parts := []string{"", ".", "..", "a", ".a", "a.", "/", "//", "\\", ":", "C:", "~", " ", "\t", "\x00", "NUL", "%2e%2e", "é", "*", "?", "$HOME", "\u202e"}
	s := &strict{t: t}
	for _, a := range parts {
		for _, b := range parts {
			for _, c := range []string{"", "/", ".dsl", "/x.dsl"} {
				compile("spec.dsl", []byte(`use A from "`+a+b+c+`"`), Sources{Library: s, Beside: s})
			}
		}
	}
	if s.seen == 0 {
		t.Error("no name was looked up")
	}
}

// FuzzLink: no pair of files makes the linker panic.
func FuzzLink(f *testing.F) {
	f.Add([]byte(`use Rooted(eps = 2) as A from "roots" use B from "b.dsl"`), []byte(`use A as B from "b.dsl"`))
	f.Add([]byte(`use B as A, C from "b.dsl"`), []byte(`use Rooted as B from "roots" norm C { in x[N] out y = z }`))
	f.Fuzz(func(t *testing.T, src, used []byte) {
		from := Sources{Library: files("roots.dsl", rooted), Beside: files("b.dsl", string(used))}
		p, errs := compile("fuzz.dsl", src, from)
		if (p == nil) != errs.HasErrors() {
			t.Fatalf("program %v with %v", p, errs)
		}
	})
}
