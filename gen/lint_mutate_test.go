package gen

import (
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/normgen/normgen/dsl"
)

// Specs with a few words exchanged: what still checks is looked through without
// a panic, and every finding has a place in the file and a remedy.
func TestLintMutations(t *testing.T) {
	specs, words := wordsOf(t, "../testdata/powernorm.dsl", "../testdata/standard.dsl", "../dsl/testdata/zoo.dsl", "testdata/zoo.dsl")
	words = append(words, "exp", "log", "tanh", "sqrt", "rsqrt", "0", "1e-50", "1e40", "/", "-", "^")
	r := rand.New(rand.NewPCG(1, 2))
	looked, found := 0, 0
	for range 40000 {
		spec := append([]string{}, specs[r.IntN(len(specs))]...)
		for range 1 + r.IntN(2) {
			spec[r.IntN(len(spec))] = words[r.IntN(len(words))]
		}
		src := strings.Join(spec, "")
		f, list := dsl.Parse("m.dsl", []byte(src))
		if list.HasErrors() {
			continue
		}
		p, list := dsl.Check(f)
		if list.HasErrors() {
			continue
		}
		list, err := Lint(p, true)
		if err != nil {
			continue // refused, with a reason
		}
		looked++
		found += len(list)
		for _, d := range list {
			if d.Pos.Line < 1 || d.Pos.Col < 1 || d.End.Before(d.Pos) || d.Help == "" {
				t.Fatalf("%v at %v, help %q, in\n%s", d, d.Span, d.Help, src)
			}
		}
	}
	if looked < 1500 || found < looked { // 2944 and 3658 when written
		t.Errorf("%d specs with %d findings: the mutations no longer reach the analysis", looked, found)
	}
	t.Logf("%d specs, %d findings", looked, found)
}

// wordsOf splits the norms of some files into words, blanks included, so that
// joined they are the text again.
func wordsOf(t *testing.T, paths ...string) (norms [][]string, words []string) {
	t.Helper()
	word, norm := regexp.MustCompile(`\w[\w.]*|\s+|.`), regexp.MustCompile(`(?m)^norm [^}]*(?:\{[^}]*\}[^}]*)*\}\n`)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range norm.FindAllString(string(text), -1) {
			norms = append(norms, word.FindAllString(n, -1))
			words = append(words, norms[len(norms)-1]...)
		}
	}
	if len(norms) == 0 {
		t.Fatal("no norms")
	}
	return norms, words
}
