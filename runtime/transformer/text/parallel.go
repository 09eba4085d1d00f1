package text

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// A Parallel is a corpus of sentences in two languages.
type Parallel struct {
	Name           string
	Source, Target string // languages, as in the names of the files
	BPE            *BPE   // splits words; nil if the corpus is by words or already split
	Vocab          *Vocab // of both languages; its first tokens are Pad to Unknown
	Train          Pairs
	Valid          Pairs
	Test           Pairs
}

// Pairs are sentences: the source and target of each, as tokens without [Start] and
// [End], and the target's text, whose words are whole, for scores.
type Pairs struct {
	Source, Target [][]int32
	Text           []string
}

// Len returns the number of pairs.
func (p *Pairs) Len() int { return len(p.Source) }

// A pairing says where the files of a parallel corpus are: a stem for each part, to
// which the language is added, and the codes for sentences by words.
type pairing struct {
	name, train, valid, test string
	codes                    string
}

var pairings = []pairing{
	{"multi30k", "multi30k/tok/train", "multi30k/tok/val", "multi30k/tok/test_2016_flickr", "multi30k/bpe10k/codes"},
	{"multi30k-bpe", "multi30k/bpe10k/train", "multi30k/bpe10k/val", "multi30k/bpe10k/test_2016_flickr", ""},
	{"multi30k-raw", "multi30k/raw/train", "multi30k/raw/val", "multi30k/raw/test_2016_flickr", ""},
	{"iwslt14", "iwslt14_lr/train", "iwslt14_lr/dev", "iwslt14_lr/test", "iwslt14_lr/bpe10k.codes"},
	{"enja50k", "enja50k/train", "enja50k/dev", "enja50k/test", ""},
	{"pairs", "pairs/train", "pairs/valid", "pairs/test", "pairs/codes"},
}

// Parallels returns the names that [LoadParallel] knows.
func Parallels() []string {
	names := make([]string, len(pairings))
	for i, p := range pairings {
		names[i] = p.name
	}
	return names
}

// LoadParallel reads a corpus for translation from source to target, languages as
// the file names end, from a data folder:
//
//   - multi30k: Multi30k in multi30k/tok, split by the codes of multi30k/bpe10k;
//     multi30k-bpe is the same text already split, multi30k-raw the original one.
//   - iwslt14: in iwslt14_lr, split by its codes.
//   - enja50k: small_parallel_enja by words, in enja50k.
//   - pairs: any sentences in pairs/: train, valid and test, each with the language
//     added (train.de), and codes.
//
// The vocabulary is that of both languages of the training text.
func LoadParallel(fsys fs.FS, name, source, target string) (*Parallel, error) {
	i := slices.IndexFunc(pairings, func(p pairing) bool { return p.name == name })
	switch {
	case i < 0:
		return nil, fmt.Errorf("no parallel corpus is called %q: there are %s", name, strings.Join(Parallels(), ", "))
	case fsys == nil:
		return nil, fmt.Errorf("corpus %s needs a data folder", name)
	case source == target:
		return nil, fmt.Errorf("corpus %s: source and target are both %q", name, source)
	}
	p := &pairings[i]
	out := &Parallel{Name: name, Source: source, Target: target}
	if p.codes != "" {
		var err error
		if out.BPE, err = ReadBPE(fsys, p.codes); err != nil {
			return nil, err
		}
	}
	if err := out.load(fsys, p); err != nil {
		return nil, err
	}
	return out, nil
}

func (c *Parallel) load(fsys fs.FS, p *pairing) error {
	stems := []string{p.train, p.valid, p.test}
	parts := []*Pairs{&c.Train, &c.Valid, &c.Test}
	read := make([]sentences, len(stems))
	for i, stem := range stems {
		var err error
		if read[i], err = c.read(fsys, stem); err != nil {
			return err
		}
	}
	count := map[string]int{}
	for _, side := range [][][]string{read[0].source, read[0].target} {
		for _, words := range side {
			for _, w := range words {
				count[w]++
			}
		}
	}
	c.Vocab = newVocab([]string{PadWord, StartWord, EndWord, UnknownWord}, count)
	for i, r := range read {
		parts[i].Source, parts[i].Target = c.encode(r.source), c.encode(r.target)
		parts[i].Text = r.text
	}
	return nil
}

// Sentences are the words, or their parts, of two files.
type sentences struct {
	source, target [][]string
	text           []string // target, with whole words
}

func (c *Parallel) read(fsys fs.FS, stem string) (s sentences, err error) {
	if s.source, _, err = c.readSide(fsys, stem+"."+c.Source); err != nil {
		return s, err
	}
	if s.target, s.text, err = c.readSide(fsys, stem+"."+c.Target); err != nil {
		return s, err
	}
	if n, m := len(s.source), len(s.target); n != m {
		err = fmt.Errorf("%s.%s has %d lines and %s.%s has %d: a sentence and its translation are on lines of the same number",
			stem, c.Source, n, stem, c.Target, m)
	}
	return s, err
}

func (c *Parallel) readSide(fsys fs.FS, file string) (parts [][]string, text []string, err error) {
	err = eachLine(fsys, file, func(_ int, line string) error {
		words, err := c.Parts(line)
		if err == nil && len(words) == 0 {
			err = errors.New("the line is empty: every line is a sentence")
		}
		parts, text = append(parts, words), append(text, Join(words))
		return err
	})
	return parts, text, err
}

// Parts splits a line into what the vocabulary numbers: words or, with BPE, their
// parts.
func (c *Parallel) Parts(line string) ([]string, error) {
	words := slices.Collect(fields(line))
	if c.BPE == nil {
		return words, nil
	}
	return c.BPE.Split(nil, words...)
}

// Encode returns the tokens of a line, without [Start] and [End].
func (c *Parallel) Encode(line string) ([]int32, error) {
	parts, err := c.Parts(line)
	if err != nil {
		return nil, err
	}
	return c.Vocab.Encode(nil, parts...)
}

// Decode returns the text of tokens, with whole words.
func (c *Parallel) Decode(tokens []int32) string { return Join(c.Vocab.Decode(tokens)) }

// encode cannot fail: the vocabulary has UnknownWord.
func (c *Parallel) encode(lines [][]string) [][]int32 {
	out := make([][]int32, len(lines))
	for i, parts := range lines {
		out[i], _ = c.Vocab.Encode(make([]int32, 0, len(parts)), parts...)
	}
	return out
}
