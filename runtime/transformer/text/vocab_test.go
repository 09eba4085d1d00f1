package text

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestVocabOrder(t *testing.T) {
	v := newVocab([]string{"<pad>", "b"}, map[string]int{"a": 1, "b": 9, "c": 2, "d": 1})
	if got, want := v.words, []string{"<pad>", "b", "c", "a", "d"}; !slices.Equal(got, want) {
		t.Errorf("the words are %q, want %q", got, want)
	}
	for i, w := range v.words {
		if id, ok := v.ID(w); !ok || id != int32(i) || v.Word(id) != w {
			t.Errorf("%q is token %d", w, id)
		}
	}
}

// TestVocabFile: words of every kind come back from a file.
func TestVocabFile(t *testing.T) {
	v := newVocab([]string{"a", "\n", "\r", "\\", "\\n", " ", "\t", "\u2028", "é", "x\ny\r", "\\\n"}, nil)
	var out bytes.Buffer
	n, err := v.WriteTo(&out)
	if err != nil || n != int64(out.Len()) {
		t.Fatalf("wrote %d of %d bytes: %v", n, out.Len(), err)
	}
	got, err := ReadVocab(files("vocab", out.String()), "vocab")
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(v) {
		t.Errorf("%q became %q", v.words, got.words)
	}
}

func TestVocabRefused(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "vocab: the file has no lines"},
		{"a\n\nb\n", "vocab:2: token 1 has no word"},
		{"a\nb\na\n", `vocab:3: "a" is also token 0`},
	} {
		if _, err := ReadVocab(files("vocab", c.text), "vocab"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func FuzzVocab(f *testing.F) {
	f.Add("a\n\\n\n\\\\\n")
	f.Add("\\\\n\n\\r\\")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ReadVocab(files("vocab", text), "vocab")
		if err != nil {
			return
		}
		var out bytes.Buffer
		if _, err := v.WriteTo(&out); err != nil {
			t.Fatal(err)
		}
		again, err := ReadVocab(files("vocab", out.String()), "vocab")
		if err != nil || !v.Equal(again) {
			t.Errorf("%q is read again as %v: %v", v.words, again, err)
		}
	})
}
