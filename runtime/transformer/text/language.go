package text

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Language is a corpus of one long text for language models: its parts as
// tokens, one after the other.
type Language struct {
	Name  string
	Unit  string // what a token is: "word" or "character"
	Vocab *Vocab
	Train []int32
	Valid []int32
	Test  []int32
}

// Shakespeare is the corpus that is built in. Its text is in the public domain.
const Shakespeare = "tinyshakespeare"

//go:embed tinyshakespeare/input.txt.gz
var builtin embed.FS

// A layout says where the files of a word-level corpus are.
type layout struct{ name, train, valid, test string }

var layouts = []layout{
	{"ptb", "ptb/ptb.train.txt", "ptb/ptb.valid.txt", "ptb/ptb.test.txt"},
	{"wikitext2", "wikitext2/wiki.train.txt", "wikitext2/wiki.valid.txt", "wikitext2/wiki.test.txt"},
	{"words", "words/train.txt", "words/valid.txt", "words/test.txt"},
}

// Languages returns the names that [LoadLanguage] knows.
func Languages() []string {
	names := []string{Shakespeare}
	for _, l := range layouts {
		names = append(names, l.name)
	}
	return names
}

// LoadLanguage reads a corpus from a data folder:
//
//   - tinyshakespeare: tinyshakespeare/input.txt by characters, of which the first 90 %
//     are for training, 5 % for validation and 5 % for the test. Without a folder
//     (nil) it is the embedded text.
//   - ptb: Penn Treebank as Mikolov prepared it, by words, in ptb/.
//   - wikitext2: WikiText-2 by words, in wikitext2/.
//   - words: any text by words, in words/: train.txt, valid.txt and test.txt.
//
// The vocabulary of words is that of the training text, and every line, blank ones
// too, ends in [EOSWord]. A word of the other texts that it lacks becomes
// [UnknownWord], which the training text must then have.
func LoadLanguage(fsys fs.FS, name string) (*Language, error) {
	if name == Shakespeare {
		return characters(fsys)
	}
	i := slices.IndexFunc(layouts, func(l layout) bool { return l.name == name })
	if i < 0 {
		return nil, fmt.Errorf("no language corpus is called %q: there are %s", name, strings.Join(Languages(), ", "))
	}
	if fsys == nil {
		return nil, fmt.Errorf("corpus %s needs a data folder: only %s is built in", name, Shakespeare)
	}
	return words(fsys, layouts[i])
}

func words(fsys fs.FS, l layout) (*Language, error) {
	count := map[string]int{}
	err := eachLine(fsys, l.train, func(_ int, line string) error {
		for w := range fields(line) {
			count[w]++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &Language{Name: l.name, Unit: "word", Vocab: newVocab([]string{EOSWord}, count)}
	for _, part := range []struct {
		tokens *[]int32
		file   string
	}{{&out.Train, l.train}, {&out.Valid, l.valid}, {&out.Test, l.test}} {
		if *part.tokens, err = stream(fsys, part.file, out.Vocab); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// stream reads the lines of a file as one sequence of tokens.
func stream(fsys fs.FS, file string, v *Vocab) ([]int32, error) {
	var tokens []int32
	err := eachLine(fsys, file, func(_ int, line string) (err error) {
		for w := range fields(line) {
			if tokens, err = v.Encode(tokens, w); err != nil {
				return err
			}
		}
		tokens, err = v.Encode(tokens, EOSWord)
		return err
	})
	if err == nil && len(tokens) < 2 {
		err = fmt.Errorf("%s: a text of %d token predicts nothing: two are the least", file, len(tokens))
	}
	return tokens, err
}

// characters reads the text that is split by place. Its vocabulary is that of the
// whole text, in the order of the characters.
func characters(fsys fs.FS) (*Language, error) {
	const file = Shakespeare + "/input.txt"
	if fsys == nil {
		fsys = builtin
	}
	var text strings.Builder
	err := eachLine(fsys, file, func(_ int, line string) error {
		text.WriteString(line)
		text.WriteByte('\n')
		return nil
	})
	if err != nil {
		return nil, err
	}
	const least = 40 // 5 % of it are two characters
	n := utf8.RuneCountInString(text.String())
	if n < least {
		return nil, fmt.Errorf("%s: the text has %d characters: %d are the least", file, n, least)
	}
	seen := map[rune]bool{}
	for _, c := range text.String() {
		seen[c] = true
	}
	vocab := newVocab(nil, nil)
	for _, c := range slices.Sorted(maps.Keys(seen)) {
		vocab.add(string(c))
	}
	tokens := make([]int32, 0, n)
	for _, c := range text.String() {
		tokens = append(tokens, vocab.ids[string(c)])
	}
	valid, test := len(tokens)*90/100, len(tokens)*95/100
	return &Language{
		Name: Shakespeare, Unit: "character", Vocab: vocab,
		Train: tokens[:valid:valid], Valid: tokens[valid:test:test], Test: tokens[test:],
	}, nil
}
