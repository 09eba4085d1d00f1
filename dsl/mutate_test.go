package dsl

import (
	"bytes"
	"os"
	"testing"
)

// TestMutations drops, doubles and swaps every token of the samples in turn:
// nothing panics, and every finding has a place in the file.
func TestMutations(t *testing.T) {
	for _, name := range []string{"testdata/powernorm.dsl", "testdata/standard.dsl"} {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		toks, _ := scan(newReporter(&source{name: name, text: src}))
		texts := make([][]byte, len(toks))
		for i, l := range toks {
			texts[i] = []byte(l.text)
		}
		for i := range len(texts) - 1 {
			drop := append(append([][]byte{}, texts[:i]...), texts[i+1:]...)
			double := append(append([][]byte{}, texts[:i+1]...), texts[i:]...)
			swap := append([][]byte{}, texts...)
			swap[i], swap[i+1] = swap[i+1], swap[i]
			for _, m := range [][][]byte{drop, double, swap} {
				mutated(t, bytes.Join(m, []byte(" ")))
			}
		}
	}
}

func mutated(t *testing.T, src []byte) {
	t.Helper()
	errs, _ := diagnose("m.dsl", src, Sources{})
	for _, d := range errs {
		if d.Pos.Line < 1 || d.Pos.Col < 1 || d.End.Before(d.Pos) {
			t.Fatalf("%v: bad place %v in\n%s", d, d.Span, src)
		}
	}
}
