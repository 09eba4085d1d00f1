package text

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// subword is the archive of what subword-nmt does.
func subword(t testing.TB) fs.FS {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/subword.txtar")
	if err != nil {
		t.Fatal(err)
	}
	fsys, err := txtar.FS(archive)
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}

func lines(t testing.TB, fsys fs.FS, name string) []string {
	t.Helper()
	var out []string
	if err := eachLine(fsys, name, func(_ int, line string) error {
		out = append(out, line)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestBPESubwordNMT compares splits with those of subword-nmt, twice: the second
// time words are remembered.
func TestBPESubwordNMT(t *testing.T) {
	fsys := subword(t)
	bpe, err := ReadBPE(fsys, "codes")
	if err != nil {
		t.Fatal(err)
	}
	want := lines(t, fsys, "split")
	for range 2 {
		for i, line := range lines(t, fsys, "plain") {
			words := slices.Collect(fields(line))
			parts, err := bpe.Split(nil, words...)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(parts, " "); got != want[i] {
				t.Errorf("line %d\n got %s\nwant %s", i+1, got, want[i])
			}
			if got, whole := Join(parts), strings.Join(words, " "); got != whole {
				t.Errorf("line %d joined is %q, not %q", i+1, got, whole)
			}
		}
	}
}

// TestJoinOpen: a model may stop in the middle of a word.
func TestJoinOpen(t *testing.T) {
	for _, c := range []struct{ parts, want string }{
		{"", ""},
		{"a", "a"},
		{"a@@ b", "ab"},
		{"a b@@", "a b"},
		{"a@@ b@@ c d", "abc d"},
		{"@@ a", "a"},
	} {
		if got := Join(strings.Fields(c.parts)); got != c.want {
			t.Errorf("Join(%q) = %q, want %q", c.parts, got, c.want)
		}
	}
}

func TestBPERefused(t *testing.T) {
	const head = bpeVersion + "\n"
	for _, c := range []struct{ name, codes, want string }{
		{"version", "#version: 0.1\ne r\n", `codes:1: the first line is "#version: 0.1": codes of subword-nmt begin with "#version: 0.2"`},
		{"no version", "e r\n", "codes:1: the first line is"},
		{"one symbol", head + "e r\nth\n", `codes:3: "th" is not a merge`},
		{"three symbols", head + "e r s\n", `codes:2: "e r s" is not a merge`},
		{"blank line", head + "e r\n\nt h\n", `codes:3: "" is not a merge`},
		{"no merges", head, "codes: no merge follows"},
		{"empty", "", "codes: the file has no lines"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadBPE(files("codes", c.codes), "codes")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestBPELongWord: the time for a word is bounded.
func TestBPELongWord(t *testing.T) {
	bpe, err := ReadBPE(subword(t), "codes")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bpe.Split(nil, strings.Repeat("a", maxWord)); err != nil {
		t.Error(err)
	}
	if _, err := bpe.Split(nil, strings.Repeat("a", maxWord+1)); err == nil {
		t.Error("a word that is too long is split")
	}
}

func FuzzBPE(f *testing.F) {
	f.Add(bpeVersion+"\nt h\nth e</w>\n", "the other thethe")
	f.Add(bpeVersion+"\na a\naa a\na a</w>\n", "aaaaaaa aa a")
	f.Add(bpeVersion+"\n< /\n</ w></w>\n", "</w> a</w>")
	f.Fuzz(func(t *testing.T, codes, line string) {
		bpe, err := ReadBPE(files("codes", codes), "codes")
		if err != nil {
			return
		}
		for word := range fields(strings.ToValidUTF8(line, "")) {
			parts, err := bpe.Split(nil, word)
			if err != nil {
				continue // the word is too long
			}
			var whole strings.Builder
			for i, p := range parts {
				if i < len(parts)-1 {
					p = strings.TrimSuffix(p, joiner)
				}
				whole.WriteString(p)
			}
			if whole.String() != word {
				t.Errorf("the parts of %q are %q", word, parts)
			}
		}
	})
}
